"""Grades and episodes as uniform rows for the timeline: querysets for one UNION."""

from django.db.models import (
    Case,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from patients.models import Course
from patients.timeline_columns import (
    CORRECTED,
    Rows,
    choice,
    day,
    local_day,
    row_of,
    text,
    unreplaced,
)
from terms.words import N_
from toxicity.domain.scales import Scale
from toxicity.models import AssessmentGrade, GradeReview

GRADE_CODES = {
    Scale.CRS.value: ("CRS_GRADE", N_("CRS grade")),
    Scale.ICANS.value: ("ICANS_GRADE", N_("ICANS grade")),
    Scale.IEC_HS.value: ("IEC_HS_GRADE", N_("IEC-HS grade")),
}
EPISODE_CODES = {
    Scale.CRS.value: ("CRS", N_("CRS begins, highest grade")),
    Scale.ICANS.value: ("ICANS", N_("ICANS begins, highest grade")),
    Scale.IEC_HS.value: ("IEC_HS", N_("IEC-HS begins, highest grade")),
}
END_CODES = {
    Scale.CRS.value: ("CRS_END", N_("CRS is over, days")),
    Scale.ICANS.value: ("ICANS_END", N_("ICANS is over, days")),
    Scale.IEC_HS.value: ("IEC_HS_END", N_("IEC-HS is over, days")),
}
_INT, _TEXT = IntegerField(), TextField()
NOT_GRADEABLE = N_("not gradeable")  # the value of a check that could not be graded


def rows(courses: QuerySet[Course]) -> list[Rows]:
    """Every grade that stands or stood before a correction, onset and end of every episode.

    A clinician's grade where one spoke. The end is the day after the last symptomatic one.
    """
    grades = [_grades(courses, scale) for scale in GRADE_CODES]
    return [*grades, _struck(courses), _onsets(courses), _ends(courses)]


def _grades(courses: QuerySet[Course], scale: str) -> Rows:
    code, label = GRADE_CODES[scale]
    of_scale = AssessmentGrade.objects.filter(assessment=OuterRef("assessments__pk"), scale=scale)
    said = GradeReview.objects.filter(of=OuterRef("pk")).order_by("-pk")
    # A clinician may have taken the grade away: whether one spoke counts, not what was said.
    latest = of_scale.order_by("-pk").annotate(
        stands=Case(When(Exists(said), then=Subquery(said.values("grade")[:1])), default=F("grade"))
    )
    standing = unreplaced("assessments") & Q(assessments__withdrawn=False)
    return row_of(
        courses,
        "assessments",
        on=local_day("assessments__observed_at"),
        code=code,
        label=label,
        value=Coalesce(text(Subquery(latest.values("stands")[:1])), text(NOT_GRADEABLE)),
        at="received_at",
        where=standing & Q(Exists(of_scale)),
    )


def _struck(courses: QuerySet[Course]) -> Rows:
    """The grades of a check before it was corrected or taken back; what took it back had none."""
    rel, check = "assessments__grades", "assessments__replaced_by"
    newer = AssessmentGrade.objects.filter(
        assessment=OuterRef("assessments__pk"),
        scale=OuterRef(f"{rel}__scale"),
        pk__gt=OuterRef(f"{rel}__pk"),
    )
    said = GradeReview.objects.filter(of=OuterRef(f"{rel}__pk")).order_by("-pk")
    stood = Case(
        When(Exists(said), then=Subquery(said.values("grade")[:1])), default=F(f"{rel}__grade")
    )
    return row_of(
        courses,
        rel,
        on=local_day(f"{check}__received_at"),
        code=CORRECTED,
        label=choice(f"{rel}__scale", {scale: code for scale, (code, _) in GRADE_CODES.items()}),
        value=Coalesce(text(stood), text(NOT_GRADEABLE)),
        by="assessment__replaced_by__recorded_by",
        at="assessment__replaced_by__received_at",
        source="",
        where=Q(~Exists(newer), **{f"{check}__isnull": False, "assessments__withdrawn": False}),
    )


def _onsets(courses: QuerySet[Course]) -> Rows:
    return _episodes(courses, EPISODE_CODES, day("episodes__onset_on"), text(F("episodes__peak")))


def _ends(courses: QuerySet[Course]) -> Rows:
    """The first day without signs, with the days that it lasted."""
    last, onset = F("episodes__last_on"), F("episodes__onset_on")
    after = Func(last, template="TO_CHAR(%(expressions)s + 1, 'YYYY-MM-DD')", output_field=_TEXT)
    lasted = Func(
        last, onset, template="(%(expressions)s + 1)", arg_joiner=" - ", output_field=_INT
    )
    return _episodes(courses, END_CODES, after, text(lasted), Q(episodes__ended_at__isnull=False))


def _episodes(
    courses: QuerySet[Course],
    names: dict[str, tuple[str, str]],
    on: Combinable,
    value: Combinable,
    where: Q | None = None,
) -> Rows:
    return row_of(
        courses,
        "episodes",
        on=on,
        code=choice("episodes__scale", {scale: code for scale, (code, _) in names.items()}),
        label=choice("episodes__scale", {scale: label for scale, (_, label) in names.items()}),
        value=value,
        source="",
        by="",
        at="",
        where=where,
    )
