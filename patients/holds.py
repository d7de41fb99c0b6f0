"""Holds: opening and ending a delay with its coded reason; ending and reopening all of a course."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from audit.recording import record
from patients import anchors, consequences
from patients.consequences import Event, Happening
from patients.courses import lock_course
from patients.domain.delays import DelayReasons
from patients.domain.steps import Step, days_lost
from patients.hold_dates import refuse_end, refuse_opening_dates
from patients.models import Course, Hold
from patients.models.courses import AnchorKind
from patients.objections import Asked, Question, against
from patients.survival import refuse_when_over
from protocol.selectors import settings_of
from terms.day_numbers import local_date
from terms.refusals import Refusal, Refused
from terms.words import N_

# The planned date that a held step has; eligibility and bridging have none.
_PLANNED: Mapping[str, AnchorKind] = {
    Step.APHERESIS: AnchorKind.APHERESIS,
    Step.LYMPHODEPLETION: AnchorKind.LYMPHODEPLETION,
    Step.INFUSION: AnchorKind.INFUSION,
}


def delay_reasons(course: Course) -> DelayReasons:
    """The reasons for a delay in the protocol that `course` began under."""
    return settings_of(course.protocol).section("delay_reasons", DelayReasons)


@transaction.atomic
def open_hold(
    *,
    course_id: int,
    step: str,
    reason_code: str,
    began_on: date,
    remark: str = "",
    managed_with: str = "",
    planned_on: date | None = None,
    review_on: date | None = None,
    actor: User,
    now: datetime,
    source: str = "",
) -> Hold:
    """Hold a step of the course since `began_on` for a reason of its protocol.

    `planned_on` is the date now given up, `review_on` when to look again. Raises Refused (step,
    reason, dates, the same hold open already), NotAllowed, Course.DoesNotExist.
    """
    course = lock_course(course_id, actor=actor)
    require(actor, Permission.MANAGE_HOLDS)
    today = local_date(now, course.centre.zone)
    refusals = [
        *_refuse_codes(course, step, reason_code),
        *refuse_opening_dates(course, began_on, review_on, today),
    ]
    if refusals:
        raise Refused(refusals)
    hold = Hold.objects.create(
        course=course,
        step=step,
        reason_code=reason_code,
        remark=remark.strip(),
        managed_with=managed_with.strip(),
        began_on=began_on,
        planned_on=planned_on,
        review_on=review_on,
        source=source,
        recorded_at=now,
        recorded_by=actor.get_username(),
    )
    after = {"step": step, "reason_code": reason_code, "began_on": began_on}
    _note(hold, _By(course, actor, now), "hold.open", after=after | {"planned_on": planned_on})
    consequences.run(Happening(Event.HOLD_OPENED, course, actor, now, f"hold:{hold.pk}"))
    consequences.run(Happening(Event.CHART_CHANGED, course, actor, now))
    return hold


def open_in_lock(
    course: Course,
    *,
    step: str,
    reason_code: str,
    began_on: date,
    remark: str,
    actor: User,
    now: datetime,
    source: str,
) -> Hold:
    """Hold a step of a course that the caller has locked, because of something else just written.

    Never refuses, so that it cannot stop what causes it; the same hold open already is returned.
    The event's consequences are the caller's.
    """
    twin = _twin(course, step, reason_code)
    if twin is not None:
        return twin
    hold = Hold.objects.create(
        course=course,
        step=step,
        reason_code=reason_code,
        remark=remark,
        began_on=began_on,
        source=source,
        recorded_at=now,
        recorded_by=actor.get_username(),
    )
    after = {"step": step, "reason_code": reason_code, "began_on": began_on, "source": source}
    _note(hold, _By(course, actor, now), "hold.open", after=after)
    return hold


def retract_in_lock(
    course: Course, opened_at: datetime, *, cause: str, actor: User, now: datetime
) -> None:
    """End the holds that an interlock opened at `opened_at`, on a locked course.

    What caused them was a slip: `cause` names the change that was taken back.
    """
    by = _By(course, actor, now)
    held = _whether_hidden(course).filter(ended_on=None, source="interlock", recorded_at=opened_at)
    for hold in held:
        today = local_date(now, course.centre.zone)
        _end(hold, max(today, hold.began_on), by)
        _note(hold, by, "hold.end", after={"ended_on": hold.ended_on, "slip": cause})


@transaction.atomic
def end_hold(
    *,
    hold_id: int,
    ended_on: date,
    new_date: date | None = None,
    remark: str = "",
    managed_with: str = "",
    actor: User,
    now: datetime,
) -> Hold:
    """End an open hold; `new_date` is the step's new planned date, None when not yet known.

    `new_date` is planned as the step's anchor is. `remark` is added to what was written before.
    Raises Refused (ended already, dates, a cause that stands), NotAllowed, Hold.DoesNotExist for
    an unknown hold or another centre's.
    """
    # Only the id of the course is read before its lock; the hold itself after it.
    course_id = Hold.objects.values_list("course_id", flat=True).get(
        pk=hold_id, course__in=Course.objects.visible_to(actor)
    )
    course = lock_course(course_id, actor=actor)
    require(actor, Permission.MANAGE_HOLDS)
    hold = course.holds.get(pk=hold_id)
    refusals = refuse_end(hold, ended_on, local_date(now, course.centre.zone))
    kind = _PLANNED.get(hold.step)
    if kind is not None and new_date is not None:
        refusals += anchors.refuse_plan(course, kind, new_date, now=now, field="new_date")
    asked = Asked(Question.HOLD_ENDS, course, actor, now, reason=remark, hold=hold)
    refusals += against(asked)
    if refusals:
        raise Refused(refusals)
    hold.new_date = new_date
    hold.remark = "\n".join(filter(None, (hold.remark, remark.strip())))
    hold.managed_with = managed_with.strip() or hold.managed_with
    by = _By(course, actor, now)
    _end(hold, ended_on, by, extra=("new_date", "remark", "managed_with"))
    lost = days_lost(hold.planned_on, new_date)
    after = {"ended_on": ended_on, "new_date": new_date, "days_lost": lost}
    _note(hold, by, "hold.end", after=after)
    if kind is not None and new_date is not None:
        anchors.plan_in_lock(course, kind, new_date, actor=actor, now=now, reason=remark.strip())
    consequences.run(Happening(Event.CHART_CHANGED, course, actor, now))
    return hold


def end_all(course: Course, *, on: date, cause: str, actor: User, now: datetime) -> None:
    """End every open hold of a locked course at its exit or the patient's death.

    `cause` keys the undo. A hold that began after `on`, before anybody knew, ends the day it
    began. One that is hidden as entered in error ends too: brought back, it is as the others are.
    The event's consequences are the caller's.
    """
    by = _By(course, actor, now)
    for hold in _whether_hidden(course).filter(ended_on=None):
        hold.ended_cause = cause
        _end(hold, max(on, hold.began_on), by)
        _note(hold, by, "hold.end", after={"ended_on": hold.ended_on, "cause": cause})


def redate_ends(course: Course, *, cause: str, on: date, actor: User, now: datetime) -> None:
    """Let the holds of a locked course that ended for `cause` have ended on the date `on`."""
    by = _By(course, actor, now)
    for hold in _whether_hidden(course).filter(ended_cause=cause):
        before = {"ended_on": hold.ended_on}
        hold.ended_on = max(on, hold.began_on)
        hold.save(update_fields=["ended_on"])
        _note(hold, by, "hold.end", before=before, after={"ended_on": hold.ended_on})


def reopen_all(course: Course, *, cause: str, actor: User, now: datetime) -> None:
    """Open again what `end_all` ended for `cause`, and nothing else, on a locked course."""
    by = _By(course, actor, now)
    for hold in _whether_hidden(course).filter(ended_cause=cause):
        before = {"ended_on": hold.ended_on, "cause": cause}
        hold.ended_on, hold.ended_at = None, None
        hold.ended_by, hold.ended_cause = "", ""
        hold.save(update_fields=["ended_on", "ended_at", "ended_by", "ended_cause"])
        _note(hold, by, "hold.reopen", before=before, after={"ended_on": None})
        if not hold.in_error:
            reopened = Happening(Event.HOLD_REOPENED, course, actor, now, f"hold:{hold.pk}")
            consequences.run(reopened)


def _whether_hidden(course: Course) -> "QuerySet[Hold]":
    """The holds of a course, also those marked as entered in error, oldest first."""
    return Hold.all_rows.filter(course=course).order_by("pk")


@dataclass(frozen=True)
class _By:
    """Who writes when on which course."""

    course: Course
    actor: User
    now: datetime


def _end(hold: Hold, on: date, by: _By, extra: tuple[str, ...] = ()) -> None:
    hold.ended_on, hold.ended_at, hold.ended_by = on, by.now, by.actor.get_username()
    hold.save(update_fields=["ended_on", "ended_at", "ended_by", "ended_cause", *extra])


def _note(
    hold: Hold,
    by: _By,
    action: str,
    *,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object],
) -> None:
    record(
        actor=by.actor,
        now=by.now,
        action=action,
        obj=hold,
        course_id=by.course.pk,
        patient_id=by.course.patient_id,
        before=before,
        after=after,
    )


def _refuse_codes(course: Course, step: str, reason_code: str) -> list[Refusal]:
    refusals = [
        *refuse_when_over(course),
        *refuse_twin(course, step, reason_code),
    ]
    if step not in tuple(Step):
        refusals.append(
            Refusal(code="unknown_step", message=N_("This step cannot be held."), field="step")
        )
    return refusals + refuse_reason_code(course, reason_code)


def refuse_reason_code(course: Course, reason_code: str) -> list[Refusal]:
    """One refusal of a reason that the protocol does not know."""
    if reason_code in delay_reasons(course).by_code:
        return []
    return [
        Refusal(
            code="unknown_reason",
            message=N_("Choose a reason from the list of this course's protocol."),
            field="reason_code",
        )
    ]


def _twin(course: Course, step: str, reason_code: str) -> Hold | None:
    return course.holds.filter(ended_on=None, step=step, reason_code=reason_code).first()


def refuse_twin(course: Course, step: str, reason_code: str) -> list[Refusal]:
    """One refusal of a second open hold of a step for the same reason."""
    twin = _twin(course, step, reason_code)
    if twin is None:
        return []
    return [
        Refusal(
            code="already_held",
            message=N_("This step is on hold for this reason already, since %(on)s."),
            params={"on": twin.began_on},
            field="reason_code",
        )
    ]
