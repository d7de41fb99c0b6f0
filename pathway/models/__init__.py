"""The journey, its companions and the append-only list of what happened."""

from pathway.models.assessments import EligibilityEntry, GateEntry, Meeting
from pathway.models.companions import (
    ApheresisAttempt,
    BridgingCourse,
    Companion,
    ContainmentTherapy,
    EligibilityReview,
    Lymphodepletion,
    Product,
)
from pathway.models.custody import CustodyEntry
from pathway.models.doses import Dose
from pathway.models.identity import IdentityCheck, IdentityDeviation, IdentityScan
from pathway.models.journey import Change, Journey, Precision
from pathway.models.labels import LabelEntry, LabelReading
from pathway.models.papers import (
    Administration,
    Certificate,
    Clearance,
    Collection,
    Incident,
    OosRecord,
    OosSignature,
    Order,
    Shipment,
)
from pathway.models.repins import Repin

__all__ = [
    "Administration",
    "ApheresisAttempt",
    "BridgingCourse",
    "Certificate",
    "Change",
    "Clearance",
    "Collection",
    "Companion",
    "ContainmentTherapy",
    "CustodyEntry",
    "Dose",
    "EligibilityEntry",
    "EligibilityReview",
    "GateEntry",
    "IdentityCheck",
    "IdentityDeviation",
    "IdentityScan",
    "Incident",
    "Journey",
    "LabelEntry",
    "LabelReading",
    "Lymphodepletion",
    "Meeting",
    "OosRecord",
    "OosSignature",
    "Order",
    "Precision",
    "Product",
    "Repin",
    "Shipment",
]
