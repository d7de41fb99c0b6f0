"""The report on a cohort: its tables cell by cell, statistics, indicators and curves."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings

from exports.cohort import Cohort
from exports.cohort_names import names_of
from exports.domain.counted import Counted, Toxic, in_months
from exports.domain.curves import Curve, curves_of
from exports.domain.incidence import Incidence, incidences_of
from exports.domain.indicators import Indicator, indicators_of
from exports.domain.indicators_apart import parts_of, with_parts
from exports.domain.small_numbers import (
    curve_told,
    incidence_told,
    indicators_told,
    statistics_told,
)
from exports.domain.small_parts import parts_told
from exports.domain.statistics import statistics_of
from exports.domain.summaries import Summary, Value


@dataclass(frozen=True)
class Report:
    """Everything of a cohort that is counted."""

    cohort: Cohort
    statistics: dict[str, Summary]
    indicators: tuple[Indicator, ...]
    curves: tuple[Curve, ...]
    incidences: tuple[Incidence, ...]


def report_of(cohort: Cohort) -> Report:
    """Count a cohort. Small numbers are kept from whoever reads by code."""
    indicators, statistics = indicators_of(cohort.tally), statistics_of(cohort.tally)
    parts = parts_of(cohort.tally)
    curves, incidences = curves_of(cohort.tally), incidences_of(cohort.tally)
    if cohort.coded:
        least = settings.SMALL_NUMBER
        indicators = indicators_told(indicators, least)
        parts = parts_told(parts, least)
        statistics = statistics_told(statistics, indicators, least)
        curves = tuple(curve_told(one, least) for one in curves)
        incidences = tuple(incidence_told(one, least) for one in incidences)
    names = names_of(protocol for protocol, _courses in cohort.protocols)
    told = tuple(with_parts(indicators, parts, names))
    return Report(cohort, statistics, told, curves, incidences)


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
