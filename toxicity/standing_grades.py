"""Grades as they stand, in plain rows of one query: for pages that show many of them at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Exists, F, IntegerField, OuterRef, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from toxicity.domain.grading import Status
from toxicity.models import AssessmentGrade, GradeReview, first_entry

# The latest first. Of two checks of one minute the higher grade counts, whichever was stored or
# corrected last: neither is known to be the later one.
LATEST = (
    "-assessment__observed_at",
    F("effective").desc(nulls_last=True),
    first_entry("assessment").desc(),
)


@dataclass(frozen=True)
class Lost:
    """A clinician's word of a higher grade about what stood before a correction."""

    grade: int
    by: str
    at: datetime
    reason: str


@dataclass(frozen=True)
class Standing:
    """What stands for one scale of one check, in row `pk`; `grade` is the clinician's, if any."""

    pk: int
    check: int
    course_id: int
    scale: str
    at: datetime
    grade: int | None
    found: int | None
    status: str
    reviewed: bool
    lost: Lost | None = None

    @property
    def at_least(self) -> bool:
        """Whether it could be more, and no clinician said what it is."""
        unsure = self.status == Status.PROVISIONAL or self.lost is not None
        return unsure and not self.reviewed


def standing_grades() -> "QuerySet[Any, Any]":
    """The latest row of each scale of each check that stands, with what stands as `effective`.

    A grade that was found anew has a row of its own, so no earlier one is taken for it. `lost` is
    the grade of a clinician's word that was higher, about what stood before, and not answered yet.
    """
    newer = AssessmentGrade.objects.filter(
        assessment=OuterRef("assessment"), scale=OuterRef("scale"), pk__gt=OuterRef("pk")
    )
    said = GradeReview.objects.filter(of=OuterRef("pk")).order_by("-pk")
    return AssessmentGrade.objects.filter(
        ~Exists(newer), assessment__withdrawn=False, assessment__replaced_by__isnull=True
    ).annotate(
        verdict=Subquery(said.values("verdict")[:1]),
        effective=Case(
            When(verdict__isnull=False, then=Subquery(said.values("grade")[:1])),
            default=F("grade"),
            output_field=IntegerField(),
        ),
        lost=Case(
            When(verdict=None, lapsed__grade__gt=Coalesce("grade", 0), then=F("lapsed__grade")),
            output_field=IntegerField(),
        ),
    )


def read(rows: "QuerySet[Any, Any]") -> list[Standing]:
    """Such rows as plain values, in one query."""
    said = rows.values_list(
        "pk", "assessment_id", "assessment__course_id", "scale", "assessment__observed_at",
        "effective", "grade", "status", "verdict", "lost", "lapsed__by", "lapsed__at",
        "lapsed__reason",
    )  # fmt: skip
    return [
        Standing(
            *(pk, check, course, scale, at, grade, found, status, verdict is not None),
            lost=None if lost is None else Lost(lost, *word),
        )
        for pk, check, course, scale, at, grade, found, status, verdict, lost, *word in said
    ]


def latest_by_scale(courses: Iterable[int], *, known: bool) -> dict[tuple[int, str], Standing]:
    """The last check of each course and scale, or the last one that gave a grade, in one query."""
    rows = standing_grades().filter(assessment__course__in=list(courses))
    if known:
        rows = rows.filter(effective__isnull=False)
    latest = rows.order_by("assessment__course", "scale", *LATEST)
    latest = latest.distinct("assessment__course", "scale")
    return {(one.course_id, one.scale): one for one in read(latest)}
