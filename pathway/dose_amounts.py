"""What doses ordered per square metre come to for one patient: shown, never ordered."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pathway.domain.amounts import milligrams
from pathway.loading_companions import CompanionRow
from pathway.models import Dose
from patients.domain.body import BodySurface
from patients.models import Course
from patients.results import body_surface


@dataclass(frozen=True)
class Counted:
    """One dose per square metre and its milligrams, None while the surface is not counted."""

    per_m2: Decimal
    mg: Decimal | None


def counted_amounts(
    course: Course, row: CompanionRow, on: date
) -> tuple[dict[int, Counted], BodySurface | None]:
    """The doses of a companion that are ordered per square metre, by id, and the surface of `on`.

    The surface is None where no dose asks for it. Two queries at most.
    """
    ids = [dose.pk for dose in row.doses]
    ordered = Dose.objects.filter(pk__in=ids, per_m2__isnull=False).values_list("pk", "per_m2")
    per_m2 = {pk: amount for pk, amount in ordered if amount is not None}
    if not per_m2:
        return {}, None
    surface = body_surface(course, on)
    metres = surface.square_metres
    return {pk: Counted(dose, milligrams(dose, metres)) for pk, dose in per_m2.items()}, surface
