"""Grading the checks of a course in the order of time, and its episodes: after every change."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from accounts.models import User
from audit.prepared import insert_all
from audit.recording import record
from patients.models import Course
from reminders.laying import lay_out
from toxicity.checks import Check, ScaleGrade, checks_of, infusion_day, latest_grades
from toxicity.domain.scales import Scale
from toxicity.models import Assessment, AssessmentGrade
from toxicity.rebuilding import rebuild
from toxicity.resuming import Outset
from toxicity.stepping import stepped
from toxicity.walking import Regraded, Walk

_FEW = 3  # so many rows, those of one check, are written by a prepared statement


def regrade(
    course: Course,
    infused_on: date | None,
    *,
    actor: User,
    now: datetime,
    because: str = "",
    fresh: Assessment | None = None,
    stood: Check | None = None,
    outset: Outset | None = None,
) -> list[Regraded]:
    """Grade whatever of a locked course has no grade yet or another one now; rebuild its episodes.

    A check of CRS depends on those before it: whether fever opened the episode, and whether drugs
    hide it since. A grade that changes is added beside the one that stood, `because` of that.
    Neurotoxicity moves dates of the schedule. `fresh` says that nothing changed but this check,
    which is new: when it is the last in time, the walk goes on from where the one before ended.
    `outset` is what it rests on where that was read before the check was stored. `stood` is a check
    as it was until now: it was replaced, or a clinician spoke. Grades that stand
    but are another step since are among those returned: people may have to be told of them.
    """
    outset = outset or Outset.of(course, infused_on)
    walk = None if fresh is None else outset.gone_on(fresh.observed_at, stored=1)
    checks: list[Check] = []
    if walk is not None and fresh is not None:
        walk.take(Check(fresh))
    else:
        walk = outset.afresh()
        checks = checks_of(course)
        for check in checks:
            walk.take(check)
    _write(course, [*walk.found, *walk.reworded], actor, now, because)
    if Scale.ICANS in rebuild(course, walk.episodes, outset.episodes):
        lay_out([course], actor=actor, now=now)
    outset.keep(walk.reached)
    return [*walk.found, *_stepped(outset, walk, checks, stood)]


def _stepped(
    outset: Outset, walk: Walk, checks: Sequence[Check], stood: Check | None
) -> list[Regraded]:
    if not checks:
        return []  # one more check at the end: no other has another one before it
    spoken = None if stood is None else stood.assessment.pk
    were = [check for check in checks if check.assessment.pk != spoken]
    changed = {(one.check.assessment.pk, one.grade.scale) for one in walk.found}
    if stood is not None:
        were.append(stood)
        changed |= {(stood.assessment.pk, scale) for scale in stood.grades}
    return stepped(outset.rules.escalation, were, walk.steps, but=changed)


def foreseen(
    course: Course, assessment: Assessment, *, instead_of: int | None = None
) -> list[Regraded]:
    """The grades that an assessment, not stored, would be stored with; nothing is written."""
    outset = Outset.of(course, infusion_day(course))
    fresh = Check(assessment)
    walk = outset.gone_on(fresh.at) if instead_of is None else None
    if walk is None:
        walk, checks = outset.afresh(), checks_of(course)
        stood = next((one for one in checks if one.assessment.pk == instead_of), fresh)
        place = (fresh.at, stood.place[1])
        for check in checks:
            if check is not stood and check.place < place:
                walk.take(check)
    walk.take(fresh)
    return [one for one in walk.found if one.check is fresh]


def _write(
    course: Course, found: Sequence[Regraded], actor: User, now: datetime, because: str
) -> None:
    lapsed = _lapsed(found)
    rows = [
        AssessmentGrade(
            assessment=one.check.assessment,
            scale=one.grade.scale,
            grade=one.grade.found,
            status=one.grade.status,
            origin=one.grade.origin,
            drivers=list(one.grade.drivers),
            warnings=list(one.grade.warnings),
            rule_version=one.grade.rule_version,
            graded_at=now,
            because=because if one.stood is not None else "",
            lapsed_id=word,
        )
        for one, word in zip(found, lapsed, strict=True)
    ]
    if not rows:
        return
    if len(rows) <= _FEW:
        insert_all(rows)
    else:
        AssessmentGrade.objects.bulk_create(rows)
    record(
        actor=actor,
        now=now,
        action="assessment.grade",
        obj=course,
        course_id=course.pk,
        patient_id=course.patient_id,
        before=_named((one.check, one.stood) for one in found if one.stood is not None),
        after=_named((one.check, one.grade) for one in found) | {"because": because},
    )


def _lapsed(found: Sequence[Regraded]) -> list[int | None]:
    """The word of a clinician about what stood before each: it was not about the new grade."""
    corrected = [one.check.assessment.replaces_id for one in found if one.stood is None]
    fresh = {pk for pk in corrected if pk is not None}
    earlier = latest_grades(fresh) if fresh else {}
    words = []
    for one in found:
        replaced = earlier.get(one.check.assessment.replaces_id or 0, {})
        stood = one.stood or replaced.get(one.grade.scale)
        word = None if stood is None else stood.review or stood.lapsed
        words.append(None if word is None else word.pk)
    return words


def _named(grades: Iterable[tuple[Check, ScaleGrade]]) -> dict[str, Any]:
    return {f"{check.assessment.pk}.{grade.scale}": grade.found for check, grade in grades}
