"""What the schedule looks at in the chart of a course, read with its anchors in one query."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Cast, JSONObject

from patients.models import Diagnosis, ImagingResult, LabResult, Relapse
from reminders.domain.facts import (
    ANALYTES,
    EXTRAMEDULLARY,
    HBV_EXPOSED,
    PH_POSITIVE,
    Sample,
    ScheduleFacts,
)
from terms import partial_dates
from terms.numbers import read_number

_OUTER = OuterRef("course")
# Any of them positive is exposure; both of the first two negative is none.
_HBV, _HBV_EXCLUDES = ("HBV_CORE", "HBV_SURFACE", "HBV_DNA"), ("HBV_CORE", "HBV_SURFACE")


def facts_column() -> JSONObject:
    """The facts of the course of a row that has a `course`, for `scheduled_by`."""
    ph = Diagnosis.objects.filter(course=_OUTER).exclude(ph_status="").order_by("-on", "-pk")
    labs = LabResult.objects.filter(course=_OUTER, analyte__in=ANALYTES).order_by("on", "pk")
    return JSONObject(
        ph=Subquery(ph.values("ph_status")[:1]),
        outside=_outside(Diagnosis, seen=True)
        | _outside(Relapse, seen=True)
        | _outside(ImagingResult, seen=True),
        inside=_outside(Diagnosis, seen=False),
        labs=ArraySubquery(
            labs.values_list(
                JSONObject(
                    analyte="analyte",
                    on="on",
                    value=Cast("value", CharField()),
                    comparator="comparator",
                    result="result",
                )
            )
        ),
    )


def scheduled_by(found: Mapping[str, Any]) -> ScheduleFacts:
    """The facts as the schedule takes them. A value of an unknown day is left out."""
    series: dict[str, list[Sample]] = defaultdict(list)
    for lab in found["labs"]:
        on = full_day(lab["on"])
        if on is not None:
            value = None if lab["value"] is None else read_number(lab["value"])
            series[lab["analyte"]].append(Sample(on, value, lab["comparator"]))
    return ScheduleFacts(
        conditions={
            PH_POSITIVE: {"positive": True, "negative": False}.get(found["ph"] or ""),
            EXTRAMEDULLARY: True if found["outside"] else (False if found["inside"] else None),
            HBV_EXPOSED: _exposed(found["labs"]),
        },
        series=series,
    )


def full_day(on: str) -> date | None:
    """The day of a stored partial date, None when only the month, the year or nothing is known."""
    if not on:
        return None
    known = partial_dates.parse(on)
    return known.earliest() if known.precision == "day" else None


def _outside(model: Any, *, seen: bool) -> Exists:
    rows: QuerySet[Any] = model.objects.filter(course=_OUTER, extramedullary=seen)
    return Exists(rows)


def _exposed(labs: Iterable[Mapping[str, Any]]) -> bool | None:
    answers = {(lab["analyte"], lab["result"]) for lab in labs if lab["analyte"] in _HBV}
    if any(result == "positive" for _analyte, result in answers):
        return True
    excluded = all((analyte, "negative") in answers for analyte in _HBV_EXCLUDES)
    return False if excluded else None
