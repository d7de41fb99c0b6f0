"""What of a chart the scores are counted from: its days, what ends the counting, its results."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import JSONObject

from patients.models import Anchor, Course, Death, LabResult, Relapse, TherapyLine, Transplant
from patients.models.courses import AnchorKind
from patients.results import reading_of
from terms.day_numbers import local_date
from terms.partial_dates import parse
from toxicity.domain.chart_values import MEASURES, Result
from toxicity.domain.given import BACTERIA, NOT_TOLD
from toxicity.domain.scores import CourseKnown, InfectionKnown
from toxicity.models import Infection, Treatment

# A return of what can only be measured does not end the counting: the counts are still those of
# this treatment.
_PROGRESSION = ("haematological", "isolated", "refractory")
_NOTED = ("g_csf", "immunoglobulin", "platelets")


def results_of(course: Course, analytes: Iterable[str] = MEASURES) -> tuple[Result, ...]:
    """Every value of the chart that a score may take, in one query."""
    rows = LabResult.objects.filter(course=course, analyte__in=list(analytes))
    return tuple(
        Result(row.analyte, reading_of(row), row.source, row.pk)
        for row in rows.order_by("on", "pk")
    )


def known_of(course: Course, *, today: date) -> CourseKnown:
    """What ends the counting and what else counts besides results, in one query."""
    return known_of_all([course.pk], today=today, zone=course.centre.zone)[course.pk]


def known_of_all(courses: Iterable[int], *, today: date, zone: ZoneInfo) -> dict[int, CourseKnown]:
    """The same of several courses of a centre, in one query for all."""
    rows = Course.objects.filter(pk__in=list(courses)).values_list("pk", *_asked())
    return {pk: _known(found, today, zone) for pk, *found in rows}


def _known(found: Iterable[Any], today: date, zone: ZoneInfo) -> CourseKnown:
    infused_on, depleted_on, died_on, relapses, transplants, lines, others, given, infections = (
        found
    )
    progressed, unclear = _first_day(relapses, infused_on)
    next_on, next_unclear = _first_day([*transplants, *lines, *others], infused_on)
    noted = {drug: _local_days(given, drug, zone) for drug in _NOTED}
    return CourseKnown(
        today=today,
        infused_on=infused_on,
        depleted_on=depleted_on,
        died_on=died_on,
        progressed_on=progressed,
        next_therapy_on=next_on,
        unclear=tuple(
            name
            for name, is_so in (("progression", unclear), ("next_therapy", next_unclear))
            if is_so
        ),
        growth_factors=noted["g_csf"],
        immunoglobulins=noted["immunoglobulin"],
        platelets=noted["platelets"],
        infections=tuple(_infection(row) for row in infections),
    )


def _asked() -> tuple[Any, ...]:
    def day(kind: str) -> Subquery:
        rows = Anchor.objects.filter(course=OuterRef("pk"), kind=kind, actual_on__isnull=False)
        return Subquery(rows.order_by("-actual_on").values("actual_on")[:1])

    deaths = Death.objects.filter(patient=OuterRef("patient"), withdrawn_at=None)
    own = {"course": OuterRef("pk")}
    dated = JSONObject(on="on", after="after_infusion")
    relapses = Relapse.objects.filter(**own, kind__in=_PROGRESSION)
    others = Anchor.objects.filter(
        ~Q(course=OuterRef("pk")),
        course__patient=OuterRef("patient"),
        course__error_cause="",
        kind=AnchorKind.INFUSION,
        actual_on__isnull=False,
    )
    given = Treatment.objects.filter(**own, drug__in=_NOTED).standing()
    infections = Infection.objects.filter(**own).standing()
    return (
        day(AnchorKind.INFUSION),
        day(AnchorKind.LYMPHODEPLETION),
        Subquery(deaths.values("died_on")[:1]),
        ArraySubquery(relapses.values(row=dated)),
        ArraySubquery(Transplant.objects.filter(**own).values(row=dated)),
        ArraySubquery(TherapyLine.objects.filter(**own).values(row=JSONObject(on="on"))),
        ArraySubquery(others.values(row=JSONObject(on="actual_on"))),
        ArraySubquery(
            given.order_by("given_at").values(row=JSONObject(drug="drug", at="given_at"))
        ),
        ArraySubquery(
            infections.order_by("began_on").values(
                row=JSONObject(on="began_on", organism="organism", severity="severity")
            )
        ),
    )


def _first_day(
    rows: Iterable[Mapping[str, Any]], infused_on: date | None
) -> tuple[date | None, bool]:
    """The first day after the infusion of such facts, and whether one of them has no exact day."""
    days: list[date] = []
    unclear = False
    for row in rows if infused_on is not None else ():
        on = parse(row["on"]) if row["on"] else None
        later = on is not None and infused_on is not None and on.certainly_after(infused_on)
        if on is not None and on.precision == "day":
            days += [on.earliest()] if later or row.get("after") else []
        elif row.get("after") or later:
            unclear = True
    return min(days, default=None), unclear


def _local_days(rows: Iterable[Mapping[str, Any]], drug: str, zone: ZoneInfo) -> tuple[date, ...]:
    days = (
        local_date(datetime.fromisoformat(row["at"]), zone) for row in rows if row["drug"] == drug
    )
    return tuple(dict.fromkeys(days))


def _infection(row: Mapping[str, Any]) -> InfectionKnown:
    organism = row["organism"]
    bacterial = None if organism in NOT_TOLD else organism in BACTERIA
    return InfectionKnown(date.fromisoformat(row["on"]), bacterial, row["severity"])
