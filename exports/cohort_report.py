"""The report on a cohort: its tables cell by cell, statistics, indicators and curves."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from exports.cohort import Cohort
from exports.cohort_follow_sql import MANY, REGISTRY
from exports.domain.counted import Counted, Toxic, in_months
from exports.domain.indicators import Indicator, indicators_of
from exports.domain.statistics import statistics_of
from exports.domain.summaries import Definition, Summary, Value
from exports.domain.survival import Time
from terms.words import N_

CURVES = (
    Definition(
        "overall",
        N_("Overall survival"),
        N_("From the infusion to the death of any cause; censored at the last contact."),
    ),
    Definition(
        "event_free",
        N_("Event-free survival"),
        N_(
            "From the infusion to a haematological or extramedullary relapse, refractory disease "
            "or death; censored at the last contact. A relapse without an exact day is missing; "
            "a molecular one, or a transplant, is no event."
        ),
    ),
    Definition(
        "b_cell_aplasia",
        N_("B-cell aplasia"),
        N_(
            "From the infusion to the first of two samples in a row with B cells, of those who "
            "lost them; censored at the last sample."
        ),
    ),
)


@dataclass(frozen=True)
class Curve:
    """Who is on a curve, in days; `missing` are not, for nobody knows when."""

    definition: Definition
    times: tuple[Time, ...]
    missing: int


@dataclass(frozen=True)
class Report:
    """Everything of a cohort that is counted."""

    cohort: Cohort
    statistics: dict[str, Summary]
    indicators: tuple[Indicator, ...]
    curves: tuple[Curve, ...]


def report_of(cohort: Cohort) -> Report:
    """Count a cohort. Small numbers are kept from whoever reads by code."""
    due = {"follow_up_completeness": _due(cohort, REGISTRY)}
    if len(cohort.patients) <= MANY:
        due["item_timeliness"] = _due(cohort)
    return Report(
        cohort,
        statistics_of(cohort.patients),
        indicators_of(
            cohort.patients,
            due,
            least=settings.SMALL_NUMBER if cohort.coded else 0,
        ),
        _curves(cohort.infused),
    )


def _due(cohort: Cohort, prefix: str = "") -> tuple[int, int]:
    """How many items of the schedule were due and done in time, of those that begin so."""
    items = [item for item in cohort.items if item.item.startswith(prefix)]
    return sum(item.due for item in items), sum(item.timely for item in items)


def _curves(infused: tuple[Counted, ...]) -> tuple[Curve, ...]:
    overall, event_free, aplasia = CURVES
    back = [one.aplasia for one in infused]
    return (
        _curve(overall, [one.overall for one in infused]),
        _curve(event_free, [one.event_free for one in infused]),
        _curve(aplasia, [_time(value) for value in back if value is not None]),
    )


def _time(value: Value) -> Time | None:
    return None if value.length is None else Time(value.length, not value.censored)


def _curve(definition: Definition, times: Iterable[Time | None]) -> Curve:
    asked = tuple(times)
    known = tuple(time for time in asked if time is not None)
    return Curve(definition, known, len(asked) - len(known))


def table_1(one: Counted) -> dict[str, Any]:
    """The row of a course in Table 1: before the infusion. None is not known."""
    return {
        "course_id": one.course_id,
        "code": one.code,
        "patient": one.patient,
        "age": one.age,
        "diagnosis": one.diagnosis,
        "risk": one.risk or None,
        "first_line": one.first_line or None,
        "response": one.response or None,
        "allo_hsct": one.allo_hsct,
        "days_to_apheresis": _days(one.days_to_apheresis),
        "bridging": one.bridging,
    }


def table_2(one: Counted) -> dict[str, Any]:
    """The row of a course in Table 2: the infusion and after. None is not known, or not yet."""
    aplasia = in_months(one.aplasia)
    return {
        "course_id": one.course_id,
        "code": one.code,
        "patient": one.patient,
        "status": one.disease_status,
        "crs": _toxic(one, one.of_scale("crs")),
        "icans": _toxic(one, one.of_scale("icans")),
        "stay_days": _days(one.stay),
        "stay_ongoing": one.in_hospital,
        "infections": list(one.organisms) if one.infused else None,
        "neutropenia_days": _days(one.neutropenia),
        "b_cell_aplasia_months": _days(aplasia),
        "b_cell_aplasia_ongoing": (
            aplasia.censored if aplasia and aplasia.length is not None else None
        ),
        "ecog": one.ecog,
        "follow_up_months": _days(one.follow_up),
    }


def _toxic(one: Counted, found: Toxic) -> dict[str, Any]:
    known = found if one.infused else Toxic()
    return {
        "grade": known.grade,
        "onset_day": known.onset_day,
        "duration_days": known.duration_days,
        "ongoing": known.ongoing,
    }


def _days(value: Value | None) -> int | None:
    return None if value is None else value.length
