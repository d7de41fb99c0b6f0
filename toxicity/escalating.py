"""Telling people of a high grade, or of a jump: a notice in the site, which calls nobody."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from accounts.models import User
from patients.models import Course
from protocol.selectors import settings_of
from reminders.notices import Telling, raise_all, withdraw_notices
from terms.day_numbers import local_date
from toxicity.checks import latest_grades
from toxicity.domain.escalation import why_told
from toxicity.domain.rules import Escalation, ToxicityRules
from toxicity.domain.scales import SCALE_NAMES
from toxicity.models import Assessment
from toxicity.walking import Regraded


def escalate(
    course: Course, graded: Iterable[Regraded], *, actor: User, now: datetime
) -> Sequence[Regraded]:
    """Raise a notice for every new grade that calls for one; returns those that did.

    A clinician's word of a higher grade that lost what it was about stays told until answered.
    """
    rules = ToxicityRules.of(settings_of(course.protocol)).escalation
    graded = list(graded)
    for one in graded:
        if one.stood is not None:
            take_back(course, one.check.assessment, one.grade.scale, actor=actor, now=now)
    told = [one for one in graded if why_told(rules, one.grade.scale, one.before, one.grade.grade)]
    tellings = [
        *(_telling(course, one.check.assessment, one.grade.scale, one.grade.grade) for one in told),
        *_unanswered(course, graded, rules),
    ]
    if tellings:
        raise_all(course, tellings, actor=actor, now=now)
    return told


def _unanswered(course: Course, graded: Sequence[Regraded], rules: Escalation) -> Iterator[Telling]:
    rows = [one.check.assessment for one in graded if one.stood is not None or _corrects(one)]
    found = latest_grades({row.pk for row in rows}) if rows else {}
    for one in graded:
        stands = found.get(one.check.assessment.pk, {}).get(one.grade.scale)
        lost = None if stands is None else stands.lost
        if lost is not None and why_told(rules, one.grade.scale, one.before, lost.grade):
            yield _telling(course, one.check.assessment, one.grade.scale, lost.grade)


def _corrects(one: Regraded) -> bool:
    return one.check.assessment.replaces_id is not None


def tell(
    course: Course,
    assessment: Assessment,
    scale: str,
    grade: int | None,
    *,
    actor: User,
    now: datetime,
) -> None:
    """Raise the notice of a grade; one more of the same scale asks everybody again."""
    raise_all(course, [_telling(course, assessment, scale, grade)], actor=actor, now=now)


def _telling(course: Course, assessment: Assessment, scale: str, grade: int | None) -> Telling:
    rules = ToxicityRules.of(settings_of(course.protocol)).escalation
    on = local_date(assessment.observed_at, course.centre.zone)
    return Telling(
        "high_grade",
        rules.roles.value,
        {"scale": SCALE_NAMES[scale], "grade": grade, "on": on},
        # Of each grade a notice of its own: a lower one never takes the place of a higher.
        about=f"{scale}:{grade}",
        cause=cause_of(assessment, scale),
    )


def take_back(
    course: Course, assessment: Assessment, *scales: str, actor: User, now: datetime
) -> None:
    """Take back what was told because of a check: of these scales, or of all of them."""
    for scale in scales or tuple(SCALE_NAMES):
        withdraw_notices(course, cause=cause_of(assessment, scale), actor=actor, now=now)


def cause_of(assessment: Assessment, scale: str) -> str:
    """What a notice of the grade of a check is told because of, and taken back with."""
    return f"assessment:{assessment.pk}:{scale}"
