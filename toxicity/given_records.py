"""Reading treatments and infections of a course: as they stand, what stood before, day by day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Generic, TypeVar

from django.db.models import Q

from patients.models import Course
from terms.day_numbers import local_date
from toxicity.domain.amounts import Amount, Dose, added
from toxicity.models import Infection, Treatment
from toxicity.models.records import ToxicityRecord

Row = TypeVar("Row", bound=ToxicityRecord)
Drug = tuple[str, str]  # its code, and the name of another one


@dataclass(frozen=True)
class History(Generic[Row]):
    """A record with everything that stood before it, the latest first.

    The row of what was taken back says so itself: `withdrawn`, by whom, when and why.
    """

    row: Row
    before: tuple[Row, ...] = ()


def treatments_of(course: Course) -> tuple[History[Treatment], ...]:
    """What was given, the latest first, also what was taken back; one query."""
    rows = _histories(Treatment.objects.filter(course=course).order_by("pk"))
    return tuple(sorted(rows, key=lambda one: one.row.given_at, reverse=True))


def infections_of(course: Course) -> tuple[History[Infection], ...]:
    """Infections, the latest first, also what was taken back; one query."""
    rows = _histories(Infection.objects.filter(course=course).order_by("pk"))
    return tuple(sorted(rows, key=lambda one: one.row.began_on, reverse=True))


def doses_by_day(course: Course) -> Mapping[Drug, Mapping[date, Amount]]:
    """What was given of each drug on each local day, as it stands; one query."""
    found: dict[Drug, dict[date, list[Dose]]] = {}
    rows = Treatment.objects.filter(course=course).standing().order_by("given_at", "pk")
    for row in rows:
        days = found.setdefault((row.drug, row.other_drug), {})
        on = local_date(row.given_at, course.centre.zone)
        days.setdefault(on, []).append(Dose(row.dose, row.unit, row.times))
    return {drug: {on: added(doses) for on, doses in days.items()} for drug, days in found.items()}


def infections_by_day(
    course: Course, first: date, last: date
) -> Mapping[date, tuple[Infection, ...]]:
    """Which infections there were on each day from `first` to `last`, as they stand; one query.

    Both days of an infection count; one that goes on counts on every day after its first.
    """
    rows = Infection.objects.filter(course=course, began_on__lte=last).standing()
    active = rows.filter(Q(ended_on=None) | Q(ended_on__gte=first)).order_by("began_on", "pk")
    found: dict[date, list[Infection]] = {}
    for row in active:
        on, end = max(row.began_on, first), min(row.ended_on or last, last)
        while on <= end:
            found.setdefault(on, []).append(row)
            on += timedelta(days=1)
    return {on: tuple(infections) for on, infections in found.items()}


def _histories(rows: Iterable[Row]) -> list[History[Row]]:
    """Each record that nothing replaced, with what it replaced; `rows` in the order of writing."""
    found: dict[int, History[Row]] = {}
    for row in rows:
        # Every model of a record has the column; mypy sees the one that they share.
        before = found.pop(row.replaces_id, None)  # type: ignore[attr-defined]
        stood = () if before is None else (before.row, *before.before)
        found[row.pk] = History(row, stood)
    return list(found.values())
