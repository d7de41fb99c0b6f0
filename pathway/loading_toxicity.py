"""The latest grades of a course, asked together with its journey; those of an earlier moment."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from pathway.domain.charted import InfectionSeen
from pathway.domain.toxicity_facts import LastGrade, ToxicityFacts
from patients.models import Course
from protocol.domain.loading import ParsedProtocol
from terms.day_numbers import local_date
from toxicity.domain.grading import Status
from toxicity.domain.rules import ToxicityRules
from toxicity.domain.scales import Scale
from toxicity.models import Infection
from toxicity.standing_grades import LATEST, standing_grades

# With which a patient goes home or not; IEC-HS is diagnosed, not looked for at every check.
_ASKED = (Scale.CRS.value, Scale.ICANS.value)
_ROW = JSONObject(
    grade=F("effective"),
    status=F("status"),
    at=F("assessment__observed_at"),
    verdict=F("verdict"),
    lost=F("lost"),
)


def infections_on_record() -> dict[str, ArraySubquery]:
    """Every infection that stands, open or over."""
    rows = Infection.objects.standing().filter(course=OuterRef("course"))
    said = JSONObject(
        began_on=F("began_on"), ended_on=F("ended_on"), severity=F("severity"), at=F("received_at")
    )
    return {"infections": ArraySubquery(rows.order_by("pk").values(row=said))}


def latest_grades() -> dict[str, Subquery]:
    """For each scale the latest grade of a check that stands, with a clinician's word on it."""
    return {f"{scale}_now": Subquery(_latest(scale)) for scale in _ASKED}


def _latest(scale: str) -> "QuerySet[Any, Any]":
    latest = standing_grades().filter(assessment__course=OuterRef("course"), scale=scale)
    return latest.order_by(*LATEST).values(row=_ROW)[:1]


def toxicity_of(
    course: Course,
    read: Mapping[str, Any],
    settings: ParsedProtocol,
    *,
    on: date,
    at: datetime | None,
) -> ToxicityFacts:
    """What was seen of toxicity until the moment `at`, or until the end of `on`.

    One row of the journey's query says it, unless a check was made after that moment: what was
    seen later says nothing of then, and only then is there another query.
    """
    rules, zone = ToxicityRules.of(settings), course.centre.zone
    rows = {scale: read[f"{scale}_now"] for scale in _ASKED}
    found = {scale: _grade(row, zone) for scale, row in rows.items() if row is not None}
    later = {s for s, one in found.items() if (one.on > on if at is None else one.at > at)}
    if later:
        found = {scale: one for scale, one in found.items() if scale not in later}
        found |= _seen_by(course.pk, later, zone, on, at)
    return ToxicityFacts(
        scales=_ASKED,
        grades=found,
        highest=rules.discharge_grade.value,
        fresh=timedelta(hours=rules.cadence.later_hours.value),
        infections=tuple(_infection(row) for row in read["infections"]),
    )


def _seen_by(
    course: int, scales: Collection[str], zone: ZoneInfo, on: date, at: datetime | None
) -> dict[str, LastGrade]:
    """The latest grades of some scales at an earlier moment; of an earlier day, at its end."""
    after = datetime(on.year, on.month, on.day, tzinfo=zone) + timedelta(days=1)
    by_then = (
        Q(assessment__observed_at__lt=after) if at is None else Q(assessment__observed_at__lte=at)
    )
    rows = standing_grades().filter(by_then, assessment__course=course, scale__in=scales)
    latest = rows.order_by("scale", *LATEST).distinct("scale")
    return {scale: _grade(row, zone) for scale, row in latest.values_list("scale", _ROW)}


def _grade(row: Mapping[str, Any], zone: ZoneInfo) -> LastGrade:
    at = datetime.fromisoformat(row["at"])
    unsure = row["verdict"] is None and row["status"] == Status.PROVISIONAL
    unsure = unsure or row["lost"] is not None  # a clinician's word of a higher grade
    return LastGrade(row["grade"], at, local_date(at, zone), at_least=unsure)


def _infection(row: Mapping[str, Any]) -> InfectionSeen:
    ended = row["ended_on"]
    return InfectionSeen(
        began_on=date.fromisoformat(row["began_on"]),
        ended_on=date.fromisoformat(ended) if ended else None,
        severity=row["severity"],
        at=datetime.fromisoformat(row["at"]),
    )
