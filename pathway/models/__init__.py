"""The journey, its companions and the append-only list of what happened."""

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
from pathway.models.repins import Repin

__all__ = [
    "ApheresisAttempt",
    "BridgingCourse",
    "Change",
    "Companion",
    "ContainmentTherapy",
    "Dose",
    "EligibilityReview",
    "Journey",
    "Lymphodepletion",
    "Precision",
    "Product",
    "Repin",
]
