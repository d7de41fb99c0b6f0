"""The checks of a course as they stand, each with its grades and what clinicians say of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import JSONObject

from accounts.models import User
from audit.prepared import Prepared
from patients.models import Anchor, Course
from patients.models.courses import AnchorKind
from toxicity.domain.reviews import is_lost
from toxicity.domain.scales import Origin, Verdict
from toxicity.models import Assessment, AssessmentGrade, GradeReview


@dataclass(frozen=True)
class Review:
    """A clinician's word about a grade."""

    pk: int
    verdict: Verdict
    grade: int | None
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class ScaleGrade:
    """What stands for one scale of one check."""

    pk: int
    scale: str
    found: int | None  # computed, or recorded at the bedside
    status: str
    origin: Origin
    drivers: Sequence[Mapping[str, Any]]
    warnings: Sequence[Mapping[str, Any]]
    rule_version: str
    review: Review | None = None
    lapsed: Review | None = None  # about what stood before

    @property
    def lost(self) -> Review | None:
        """A clinician's word of a higher grade that nobody has answered since it lapsed."""
        said = self.lapsed if self.review is None else None
        return said if said is not None and is_lost(self.found, said.grade) else None

    @property
    def grade(self) -> int | None:
        """The clinician's where one spoke, else what was found."""
        return self.found if self.review is None else self.review.grade

    @property
    def confirmed(self) -> bool:
        """Whether a clinician said what it is."""
        return self.review is not None


@dataclass(frozen=True)
class Check:
    """One assessment that stands."""

    assessment: Assessment
    grades: Mapping[str, ScaleGrade] = field(default_factory=dict)

    @property
    def at(self) -> datetime:
        """When it was seen."""
        return self.assessment.observed_at

    @property
    def place(self) -> tuple[datetime, float]:
        """Where it stands among the checks of its course."""
        return self.assessment.place

    def grade(self, scale: str) -> int | None:
        """The grade that stands; None where the scale was not assessed or not assessable."""
        found = self.grades.get(scale)
        return None if found is None else found.grade


def checks_of(course: Course) -> list[Check]:
    """Every check of a course that stands, in the order of time, in two queries."""
    return checks_among(Assessment.objects.filter(course=course))


def check_of(user: User, pk: int) -> Check:
    """One check that `user` may see, and that stands. Raises Assessment.DoesNotExist."""
    found = checks_among(Assessment.objects.visible_to(user).filter(pk=pk))
    if not found:
        raise Assessment.DoesNotExist
    return found[0]


def check_with_grades(assessment: Assessment) -> Check:
    """A check that the caller just stored, with its grades, in one query."""
    return Check(assessment, {row.scale: _shown(row) for row in _GRADES_OF_ONE(assessment.pk)})


def infusion_day(course: Course) -> date | None:
    """Day 0; None while there was no infusion."""
    return next((actual_on for (actual_on,) in _INFUSION(course.pk)), None)


_INFUSION = Prepared(
    lambda course: (
        Anchor.objects.filter(course=course, kind=AnchorKind.INFUSION)
        .order_by("-occurrence")
        .values_list("actual_on")
    )
)


def checks_among(assessments: Any) -> list[Check]:
    """The standing ones among `assessments` with their grades, in the order of time."""
    rows = list(assessments.standing().in_order())
    grades = latest_grades([row.pk for row in rows])
    return [Check(row, grades.get(row.pk, {})) for row in rows]


def latest_grades(assessments: Iterable[int]) -> dict[int, dict[str, ScaleGrade]]:
    """The latest grades of checks, standing or not, by check and scale, in one query."""
    found: dict[int, dict[str, ScaleGrade]] = {}
    for row in _with_words(AssessmentGrade.objects.filter(assessment__in=list(assessments))):
        found.setdefault(row.assessment_id, {})[row.scale] = _shown(row)
    return found


def _with_words(grades: Any) -> Any:
    """The latest of each check and scale among `grades`, with the words that stand about them."""
    said = GradeReview.objects.filter(of=OuterRef("pk")).order_by("-pk")
    latest = said.values(
        said=JSONObject(
            pk=F("pk"),
            verdict=F("verdict"),
            grade=F("grade"),
            reason=F("reason"),
            by=F("by"),
            at=F("at"),
        )
    )[:1]
    return (
        grades.order_by("assessment", "scale", "-pk")
        .distinct("assessment", "scale")
        .annotate(said=Subquery(latest))
        .select_related("lapsed")
    )


_GRADES_OF_ONE = Prepared(lambda pk: _with_words(AssessmentGrade.objects.filter(assessment=pk)))


def _shown(row: AssessmentGrade) -> ScaleGrade:
    said: Mapping[str, Any] | None = row.said  # type: ignore[attr-defined]
    lapsed = row.lapsed
    return ScaleGrade(
        pk=row.pk,
        scale=row.scale,
        found=row.grade,
        status=row.status,
        origin=Origin(row.origin),
        drivers=row.drivers,
        warnings=row.warnings,
        rule_version=row.rule_version,
        review=None if said is None else review_of(_stored(said)),
        lapsed=None if lapsed is None else review_of(lapsed),
    )


def _stored(said: Mapping[str, Any]) -> GradeReview:
    """A word that came as JSON beside its grade."""
    return GradeReview(**{**said, "at": datetime.fromisoformat(said["at"])})


def review_of(row: GradeReview) -> Review:
    """A stored word."""
    return Review(row.pk, Verdict(row.verdict), row.grade, row.reason, row.by, row.at)
