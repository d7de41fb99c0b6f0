"""Saying anew how far a withdrawal goes: the patient says it later, or nobody knew at first."""

from datetime import datetime

from django.db import transaction

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from audit.recording import record
from pathway.domain.exits import against_scope
from pathway.domain.spine import SPINE
from pathway.ending import changes_of
from pathway.models import Change, Journey
from pathway.standing import standing_changes
from pathway.writing import Step, restate_scope, write_change
from patients.correcting import refuse_unreasoned
from patients.courses import check_version, lock_course, raise_version
from patients.models import Course
from terms.refusals import Refused


@transaction.atomic
def say_scope(
    *,
    course_id: int,
    exit_scope: str,
    reason: str,
    actor: User,
    now: datetime,
    expected_version: int | None = None,
) -> Change:
    """Say how far the withdrawal of a course goes; what was said before stays to be read.

    Whether data leave in files follows from it at once. Raises Refused (not withdrawn, no scope, no
    reason, said already), NotAllowed, StaleVersion, Course.DoesNotExist.
    """
    course = lock_course(course_id, actor=actor)
    require(actor, Permission.EDIT_CHART)
    check_version(course, expected_version)
    journey = Journey.objects.get(course=course)
    before = journey.exit_scope
    refusals = [*refuse_unreasoned(reason), *against_scope(journey.stage, before, exit_scope)]
    if refusals:
        raise Refused(refusals)
    change = write_change(_restated(course, exit_scope, reason, actor, now))
    restate_scope(journey, exit_scope)
    raise_version(course)
    record(
        actor=actor,
        now=now,
        action="journey.scope",
        obj=change,
        course_id=course.pk,
        patient_id=course.patient_id,
        reason=reason.strip(),
        before={"exit_scope": before},
        after={"exit_scope": exit_scope},
    )
    return change


def _restated(course: Course, exit_scope: str, reason: str, actor: User, now: datetime) -> Step:
    """The step of the withdrawal as it was, but for how far it goes."""
    steps = [one for one in standing_changes(changes_of(course)) if one.machine == SPINE.name]
    left = steps[-1]
    return Step(
        course=course,
        machine=left.machine,
        subject_id=None,
        source=left.source,
        target=left.target,
        happened_at=left.happened_at,
        actor=actor,
        now=now,
        reason=left.reason,
        overrides=tuple(left.overrides),
        details=left.details | {"exit_scope": exit_scope},
        data_source=left.data_source,
        transcribed=left.transcribed,
        precision=left.precision,
        supersedes=left,
        correction=reason.strip(),
    )
