"""The latest grades of a course, asked together with its journey."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from pathway.domain.toxicity_facts import LastGrade, ToxicityFacts
from protocol.domain.loading import ParsedProtocol
from terms.day_numbers import local_date
from toxicity.domain.grading import Status
from toxicity.domain.rules import ToxicityRules
from toxicity.domain.scales import Scale
from toxicity.standing_grades import standing_grades

# With which a patient goes home or not; IEC-HS is diagnosed, not looked for at every check.
_ASKED = (Scale.CRS.value, Scale.ICANS.value)


def latest_grades() -> dict[str, Subquery]:
    """For each scale the latest grade of a check that stands, with a clinician's word on it."""
    return {f"{scale}_now": Subquery(_latest(scale)) for scale in _ASKED}


def _latest(scale: str) -> "QuerySet[Any, Any]":
    latest = standing_grades().filter(assessment__course=OuterRef("course"), scale=scale)
    row = JSONObject(
        grade=F("effective"),
        status=F("status"),
        at=F("assessment__observed_at"),
        verdict=F("verdict"),
    )
    return latest.order_by("-assessment__observed_at", "-assessment").values(row=row)[:1]


def toxicity_of(read: Mapping[str, Any], settings: ParsedProtocol, zone: ZoneInfo) -> ToxicityFacts:
    """What one row of the journey's query says of toxicity."""
    rules = ToxicityRules.of(settings)
    rows = {scale: read[f"{scale}_now"] for scale in _ASKED}
    return ToxicityFacts(
        scales=_ASKED,
        grades={scale: _grade(row, zone) for scale, row in rows.items() if row is not None},
        highest=rules.discharge_grade.value,
        fresh=timedelta(hours=rules.cadence.later_hours.value),
    )


def _grade(row: Mapping[str, Any], zone: ZoneInfo) -> LastGrade:
    at = datetime.fromisoformat(row["at"])
    unsure = row["verdict"] is None and row["status"] == Status.PROVISIONAL
    return LastGrade(row["grade"], at, local_date(at, zone), at_least=unsure)
