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
from pathway.models.doses import Dose
from pathway.models.journey import Change, Journey, Precision
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
    "Dose",
    "EligibilityEntry",
    "EligibilityReview",
    "GateEntry",
    "Incident",
    "Journey",
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
