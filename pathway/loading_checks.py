"""The identity checks of a course that came to their end, read in one query."""

from pathway.domain.identity_checks import CheckFacts
from pathway.models import IdentityScan
from patients.models import Course
from terms.day_numbers import local_date

_SECOND = 2


def ended_checks(course: Course) -> tuple[CheckFacts, ...]:
    """Those passed and those stopped by a mismatch, in the order in which they ended."""
    scans = IdentityScan.objects.filter(check_of__course=course).order_by("scanned_at", "pk")
    columns = (
        "check_of__kind", "check_of__product_id", "number", "mismatches", "scanned_at",
        "check_of__deviation__number",
    )  # fmt: skip
    return tuple(
        CheckFacts(
            kind=kind,
            product=product,
            passed=not mismatches,
            at=at,
            on=local_date(at, course.centre.zone),
            deviation=deviation or "",
        )
        for kind, product, number, mismatches, at, deviation in scans.values_list(*columns)
        if mismatches or number == _SECOND
    )
