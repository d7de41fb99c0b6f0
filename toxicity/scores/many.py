"""A score of many courses at once, for reports: the same rules, in two queries for all."""

from collections.abc import Iterable, Mapping
from datetime import date
from zoneinfo import ZoneInfo

from patients.models import LabResult
from patients.results import reading_of
from toxicity.domain.chart_values import Result
from toxicity.domain.count_scores import icaht_score
from toxicity.domain.rules import Mode, ToxicityRules
from toxicity.domain.scores import Score
from toxicity.scores.facts import known_of_all


def icaht_of_all(
    rules: Mapping[int, ToxicityRules], *, today: date, zone: ZoneInfo
) -> dict[int, Score]:
    """ICAHT of each course, by the rules of its protocol, where the centre has it computed."""
    asked = {pk: one for pk, one in rules.items() if one.mode("icaht") is Mode.COMPUTED}
    if not asked:
        return {}
    counts = _neutrophils(asked)
    known = known_of_all(asked, today=today, zone=zone)
    return {pk: icaht_score(counts.get(pk, ()), known[pk], asked[pk].scores) for pk in asked}


def _neutrophils(courses: Iterable[int]) -> dict[int, list[Result]]:
    found: dict[int, list[Result]] = {}
    rows = LabResult.objects.filter(course__in=list(courses), analyte="ANC").order_by("on", "pk")
    for row in rows:
        result = Result(row.analyte, reading_of(row), row.source, row.pk)
        found.setdefault(row.course_id, []).append(result)
    return found
