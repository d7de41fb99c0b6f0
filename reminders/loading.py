"""What the schedule looks at in the chart of a course, read with its anchors in one query."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, Exists, OuterRef, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, JSONObject

from patients.models import Diagnosis, ImagingResult, LabResult, Relapse, Stay
from reminders.domain.facts import (
    ANALYTES,
    EXTRAMEDULLARY,
    HBV_EXPOSED,
    PH_POSITIVE,
    Sample,
    ScheduleFacts,
    Spell,
)
from terms import partial_dates
from terms.numbers import read_number

_OUTER = OuterRef("course")
# How far ahead somebody in hospital is taken to stay there: whoever reads the list a few days
# ahead finds nothing of it crossed out that would only be true if nobody ever went home.
STAYS_ON = timedelta(days=3)

# Spells of neurotoxicity of the course of a row that has a `course`: registered by the app above.
Spells = Callable[[], Combinable]
_spells: list[Spells] = []


def wire(spells: Iterable[Spells]) -> None:
    """Replace who tells of neurotoxicity; called once at start by config/wiring.py."""
    _spells[:] = spells


# Any of them positive is exposure; both of the first two negative is none.
_HBV, _HBV_EXCLUDES = ("HBV_CORE", "HBV_SURFACE", "HBV_DNA"), ("HBV_CORE", "HBV_SURFACE")


def facts_column() -> JSONObject:
    """The facts of the course of a row that has a `course`, for `scheduled_by`."""
    labs = LabResult.objects.filter(course=_OUTER, analyte__in=ANALYTES).order_by("on", "pk")
    return JSONObject(
        diagnoses=_said(Diagnosis, "ph_status", "extramedullary"),
        relapses=_said(Relapse, "extramedullary"),
        stays=ArraySubquery(
            Stay.objects.filter(course=_OUTER)
            .order_by("began_on", "pk")
            .values_list(JSONObject(began="began_on", ended="ended_on"))
        ),
        **{f"icans{number}": spells() for number, spells in enumerate(_spells)},
        imaged=Exists(ImagingResult.objects.filter(course=_OUTER, extramedullary=True)),
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


def scheduled_by(found: Mapping[str, Any], today: date) -> ScheduleFacts:
    """The facts as the schedule takes them on a day. A value of an unknown day is left out."""
    series: dict[str, list[Sample]] = defaultdict(list)
    for lab in found["labs"]:
        on = full_day(lab["on"])
        if on is not None:
            value = None if lab["value"] is None else read_number(lab["value"])
            negative = lab["result"] == "negative"
            series[lab["analyte"]].append(Sample(on, value, lab["comparator"], negative))
    diagnoses, relapses = found["diagnoses"], found["relapses"]
    return ScheduleFacts(
        conditions={
            PH_POSITIVE: _philadelphia(diagnoses),
            EXTRAMEDULLARY: _outside([*diagnoses, *relapses], imaged=found["imaged"]),
            HBV_EXPOSED: _exposed(found["labs"]),
        },
        series=series,
        stays=[
            (date.fromisoformat(one["began"]), _until(one["ended"], today))
            for one in found["stays"]
        ],
        icans=[
            Spell(date.fromisoformat(one["onset"]), date.fromisoformat(one["last"]), one["over"])
            for number in range(len(_spells))
            for one in found[f"icans{number}"]
        ],
    )


def _until(ended: str | None, today: date) -> date:
    """The first day after a stay; of one that goes on, a few days ahead."""
    return date.fromisoformat(ended) if ended else today + STAYS_ON


def full_day(on: str) -> date | None:
    """The day of a stored partial date, None when only the month, the year or nothing is known."""
    if not on:
        return None
    known = partial_dates.parse(on)
    return known.earliest() if known.precision == "day" else None


def _said(model: Any, *names: str) -> ArraySubquery:
    """What each entry of a kind says of some fields, and of which date."""
    rows: QuerySet[Any] = model.objects.filter(course=_OUTER).order_by("on", "pk")
    fields = {name: name for name in ("pk", "on", *names)}
    return ArraySubquery(rows.values_list(JSONObject(**fields)))


def _philadelphia(diagnoses: Iterable[Mapping[str, Any]]) -> bool | None:
    told = [one for one in diagnoses if one["ph_status"]]
    if told and told[-1]["ph_status"] == "positive":
        return True
    return False if _latest_is(diagnoses, "ph_status", "negative") else None


def _outside(entries: Sequence[Mapping[str, Any]], *, imaged: bool) -> bool | None:
    """Disease seen outside the marrow at any time stays to be looked for."""
    if imaged or any(one["extramedullary"] for one in entries):
        return True
    return False if _latest_is(entries, "extramedullary", False) else None


def _latest_is(entries: Iterable[Mapping[str, Any]], name: str, value: object) -> bool:
    """Whether some say `value`, and after every entry that says anything else comes one of them."""
    said = [one for one in entries if one[name] == value]
    others = [one for one in entries if one[name] != value]
    return bool(said) and all(any(_before(other, one) for one in said) for other in others)


def _before(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether an entry is of an earlier time; a diagnosis told again replaces what it said."""
    if one["on"] == other["on"] and "ph_status" in one and "ph_status" in other:
        return bool(one["pk"] < other["pk"])
    if not one["on"] or not other["on"]:
        return False
    return partial_dates.parse(one["on"]).latest() < partial_dates.parse(other["on"]).earliest()


def _exposed(labs: Iterable[Mapping[str, Any]]) -> bool | None:
    answers = {(lab["analyte"], lab["result"]) for lab in labs if lab["analyte"] in _HBV}
    if any(result == "positive" for _analyte, result in answers):
        return True
    latest = {lab["analyte"]: lab["result"] for lab in labs}
    excluded = all(latest.get(analyte) == "negative" for analyte in _HBV_EXCLUDES)
    return False if excluded else None
