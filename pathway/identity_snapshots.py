"""What is recorded of a patient and a product that its labels must say, as one frozen picture."""

from collections.abc import Mapping

from pathway.domain.identity_checks import NEEDED
from pathway.domain.isbt128 import read_din
from pathway.models import ApheresisAttempt, Product
from patients.models import Course


def snapshot_of(course: Course, product: Product) -> dict[str, str]:
    """The texts to compare with; empty where nothing is recorded."""
    patient = course.patient
    number = patient.identifiers.order_by("pk").values_list("value", flat=True).first()
    return {
        "family_name": patient.family_name,
        "given_name": patient.given_name,
        "birth_date": patient.birth_date.isoformat(),
        "hospital_id": number or "",
        "din": read_din(_din(product)).din,
        "lot": product.lot,
        "coi_id": getattr(product, "coi_id", ""),
        "expires_on": product.expires_on.isoformat() if product.expires_on else "",
        "order_number": product.order_number,
    }


def missing_of(snapshot: Mapping[str, str]) -> tuple[str, ...]:
    """What two people cannot do without and is not recorded."""
    return tuple(name for name in NEEDED if not snapshot[name])


def _din(product: Product) -> str:
    """The number of the latest adequate collection of the product's course."""
    adequate = ApheresisAttempt.objects.filter(course_id=product.course_id, state="adequate")
    return adequate.order_by("-number").values_list("din", flat=True).first() or ""
