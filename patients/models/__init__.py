"""The chart: one module per kind of fact."""

from patients.models.care import Allergy, CaregiverCheck, Contact, DocumentReference
from patients.models.corrections import Correction
from patients.models.courses import Anchor, Course, Hold, Stay
from patients.models.errors import ErrorMark
from patients.models.followed import ContactAttempt, Handover
from patients.models.history import (
    Antigen,
    Comorbidity,
    Consent,
    CourseNote,
    Diagnosis,
    Relapse,
    TherapyLine,
    Transplant,
)
from patients.models.people import Death, Identifier, IdentifierCorrection, Patient
from patients.models.results import CsfResult, ImagingResult, LabName, LabResult, MarrowResult

__all__ = [
    "Allergy",
    "Anchor",
    "Antigen",
    "CaregiverCheck",
    "Comorbidity",
    "Consent",
    "Contact",
    "ContactAttempt",
    "Correction",
    "Course",
    "CourseNote",
    "CsfResult",
    "Death",
    "Diagnosis",
    "DocumentReference",
    "ErrorMark",
    "Handover",
    "Hold",
    "Identifier",
    "IdentifierCorrection",
    "ImagingResult",
    "LabName",
    "LabResult",
    "MarrowResult",
    "Patient",
    "Relapse",
    "Stay",
    "TherapyLine",
    "Transplant",
]
