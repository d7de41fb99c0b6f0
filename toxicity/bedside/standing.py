"""What stands of a check: who is told of its grades and why, and what it came to stand for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import Http404

from accounts.models import User
from patients.models import Course
from protocol.selectors import settings_of
from toxicity.bedside.grade_shown import GradeShown, shown, shown_of
from toxicity.checks import Check, checks_among, checks_of
from toxicity.domain.escalation import Why, why_told
from toxicity.domain.rules import Escalation, ToxicityRules
from toxicity.domain.scales import SCALE_NAMES
from toxicity.models import Assessment, Episode


@dataclass(frozen=True)
class Told:
    """A grade of which people are told, and what calls for it."""

    grade: GradeShown
    why: tuple[Why, ...]
    before: int | None


def told_of(course: Course, pk: int) -> list[Told]:
    """The grades of a standing check of which people are told; nothing for one that is gone."""
    rules = ToxicityRules.of(settings_of(course.protocol)).escalation
    before: dict[str, int | None] = {}
    for check in checks_of(course):
        if check.assessment.pk == pk:
            return list(_told(rules, check, before))
        for scale, found in check.grades.items():
            if found.grade is not None:
                before[scale] = found.grade
    return []


def _told(rules: Escalation, check: Check, before: Mapping[str, int | None]) -> Sequence[Told]:
    found = []
    for scale in SCALE_NAMES:
        if scale in check.grades:
            grade, earlier = check.grades[scale], before.get(scale)
            why = why_told(rules, scale, earlier, grade.grade)
            if why:
                found.append(Told(shown(check, grade, earlier), tuple(why), earlier))
    return found


def assessment_or_404(user: User, course: Course, pk: int) -> Assessment:
    """A check of a course that `user` may see, standing or not, or Http404."""
    rows = Assessment.objects.visible_to(user).filter(course=course, pk=pk)
    found: Assessment | None = rows.select_related("replaced_by").first()
    if found is None:
        raise Http404
    return found


def standing_or_404(user: User, course: Course, pk: int) -> Assessment:
    """A check that can be answered. One taken back is gone; one replaced is refused on saving."""
    row = assessment_or_404(user, course, pk)
    if row.withdrawn:
        raise Http404
    return row


def chain_of(course: Course, row: Assessment) -> list[Assessment]:
    """What this check replaced, the latest first; all of a course's replaced rows in one query."""
    if row.replaces_id is None:
        return []
    rows = Assessment.objects.filter(course=course).exclude(replaced_by=None)
    by_pk = {one.pk: one for one in rows}
    found: list[Assessment] = []
    pk: int | None = row.replaces_id
    while pk is not None and pk in by_pk:
        found.append(by_pk[pk])
        pk = by_pk[pk].replaces_id
    return found


def grades_of(row: Assessment) -> list[GradeShown]:
    """The grades of a check; none of one that stands no longer."""
    checks = checks_among(Assessment.objects.filter(pk=row.pk))
    return [grade for check in checks for grade in shown_of(check)]


def standing_check(course: Course, pk: int | None) -> Assessment | None:
    """A check of the course after its infusion that stands; None for any other key."""
    if pk is None:
        return None
    rows = Assessment.objects.filter(course=course, baseline=False, pk=pk).standing()
    found: Assessment | None = rows.first()
    return found


def handwriting_of(course: Course) -> str:
    """What the patient wrote before the infusion; empty where nobody kept it."""
    rows = Assessment.objects.filter(course=course, baseline=True).exclude(handwriting="")
    latest = rows.standing().latest_first().values_list("handwriting", flat=True)
    return latest.first() or ""


def episode_open(course: Course, scale: str) -> bool:
    """Whether nobody knows yet that an episode is over."""
    return Episode.objects.filter(course=course, scale=scale, ended_at=None).exists()
