"""The chart: one module per kind of fact."""

from patients.models.courses import Anchor, Course, Hold, Stay
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
from patients.models.people import Death, Identifier, Patient
from patients.models.results import LabResult, MarrowResult

__all__ = [
    "Anchor",
    "Antigen",
    "Comorbidity",
    "Consent",
    "Course",
    "CourseNote",
    "Death",
    "Diagnosis",
    "Hold",
    "Identifier",
    "LabResult",
    "MarrowResult",
    "Patient",
    "Relapse",
    "Stay",
    "TherapyLine",
    "Transplant",
]
