"""What people do with a reminder: done, skipped or put off with a reason, open again."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction

from accounts.models import User
from audit.recording import record
from patients.courses import lock_course
from patients.domain.dating import refuse_before, refuse_future
from patients.models import Course
from patients.models.courses import AnchorKind
from reminders.doers import require_doing
from reminders.following import lay_following
from reminders.lasting import is_completed, still_asked
from reminders.laying import HORIZON, lay_out
from reminders.models import ANSWERED, BEFORE_PERCORSO, WAITING, Reminder, Status
from terms.day_numbers import local_date
from terms.refusals import Refusal, Refused
from terms.words import N_

BY_HAND = "hand"


@transaction.atomic
def mark_done(*, reminder_id: int, done_on: date, actor: User, now: datetime) -> Reminder:
    """Record that a waiting reminder was done on `done_on`, within its window or not.

    Raises Refused (not waiting, follows what has not happened, in the future, before the
    referral), NotAllowed, Reminder.DoesNotExist for an unknown id or another centre's.
    """
    course, reminder = lock_reminder(reminder_id, actor)
    refusals = refusals_of_done(course, reminder, done_on, now)
    if refusals:
        raise Refused(refusals)
    close_as_done(course, reminder, done_on, actor, now)
    lay_following([(course, reminder)], actor=actor, now=now)
    return reminder


@transaction.atomic
def skip(*, reminder_id: int, reason: str, actor: User, now: datetime) -> Reminder:
    """Record that a waiting reminder will not be done, and why.

    Raises Refused (not waiting, no reason), NotAllowed, Reminder.DoesNotExist.
    """
    course, reminder = lock_reminder(reminder_id, actor)
    refusals = [
        *_refuse_closed(reminder),
        *refuse_unreasoned(reason, N_("Say why this is skipped.")),
    ]
    if refusals:
        raise Refused(refusals)
    return close_as_skipped(course, reminder, reason, actor, now)


@transaction.atomic
def snooze(*, reminder_id: int, until: date, reason: str, actor: User, now: datetime) -> Reminder:
    """Put a waiting reminder off until a later day, and say why; it asks again by itself then.

    Raises Refused (not waiting, follows what has not happened, not after today, further ahead than
    anything is planned, no reason), NotAllowed, Reminder.DoesNotExist.
    """
    course, reminder = lock_reminder(reminder_id, actor)
    refusals = [
        *_refuse_closed(reminder),
        *_refuse_provisional(reminder),
        *_refuse_until(until, local_date(now, course.centre.zone)),
        *refuse_unreasoned(reason, N_("Say why this is put off.")),
    ]
    if refusals:
        raise Refused(refusals)
    before = {"status": reminder.status, "snoozed_until": reminder.snoozed_until}
    reminder.status, reminder.snoozed_until = Status.SNOOZED, until
    reminder.changed_at = now
    reminder.reason = reason.strip()
    _save(reminder)
    _note(course, reminder, "reminder.snooze", actor, now, reason=reminder.reason, before=before)
    return reminder


@transaction.atomic
def reopen(*, reminder_id: int, reason: str, actor: User, now: datetime) -> Reminder:
    """Take back `done`, `skipped` or `put off`, or ask for what was set aside as before Percorso.

    The due date follows the anchor as it stands now; an anchor that has gone since cancels the
    reminder instead. Raises Refused (nothing to open again, no reason, the course has ended),
    NotAllowed, Reminder.DoesNotExist.
    """
    course, reminder = lock_reminder(reminder_id, actor)
    refusals = [
        *_refuse_not_closed(reminder),
        *refuse_ended(course, reminder),
        *refuse_unreasoned(reason, N_("Say why this is open again.")),
    ]
    if refusals:
        raise Refused(refusals)
    before = {"status": reminder.status, "done_on": reminder.done_on, "reason": reminder.reason}
    reminder.status, reminder.done_on, reminder.reason = Status.OPEN, None, ""
    reminder.closed_at, reminder.closed_by, reminder.closed_cause = None, "", ""
    reminder.snoozed_until, reminder.performed_on, reminder.performed_by = None, None, ""
    reminder.changed_at = now
    _save(reminder)
    _note(course, reminder, "reminder.reopen", actor, now, reason=reason.strip(), before=before)
    lay_out([course], actor=actor, now=now)
    reminder.refresh_from_db()
    return reminder


def lock_reminder(reminder_id: int, actor: User) -> tuple[Course, Reminder]:
    """A reminder with its course, locked, for whoever may answer it."""
    # Only the id of the course is read before its lock; the reminder itself after it.
    found = Reminder.objects.visible_to(actor).values_list("course_id", flat=True)
    course = lock_course(found.get(pk=reminder_id), actor=actor)
    reminder = course.reminders.get(pk=reminder_id)
    require_doing(actor, [reminder.role])
    return course, reminder


def refusals_of_done(
    course: Course, reminder: Reminder, done_on: date, now: datetime, *, field: str = "done_on"
) -> list[Refusal]:
    """Everything that stands against a reminder of the locked course being done on a day."""
    return [
        *_refuse_closed(reminder),
        *_refuse_provisional(reminder),
        *refuse_future(done_on, local_date(now, course.centre.zone), field),
        *refuse_before(
            done_on,
            course.referred_on,
            code="before_referral",
            message=N_("This is before the referral, on %(limit)s."),
            field=field,
        ),
    ]


def close_as_done(
    course: Course, reminder: Reminder, done_on: date, actor: User, now: datetime
) -> Reminder:
    """Write that a reminder of the locked course was done; nothing stands against it."""
    reminder.done_on, reminder.reason = done_on, ""
    return _close(course, reminder, Status.DONE, actor, now)


def close_as_skipped(
    course: Course, reminder: Reminder, reason: str, actor: User, now: datetime
) -> Reminder:
    """Write that a reminder of the locked course will not be done; nothing stands against it."""
    reminder.reason = reason.strip()
    return _close(course, reminder, Status.SKIPPED, actor, now)


def _close(
    course: Course, reminder: Reminder, status: Status, actor: User, now: datetime
) -> Reminder:
    before = {"status": reminder.status}
    reminder.status, reminder.snoozed_until = status, None
    reminder.closed_at, reminder.closed_by = now, actor.get_username()
    reminder.closed_cause = BY_HAND
    _save(reminder)
    action, reason = f"reminder.{status.value}", reminder.reason
    _note(course, reminder, action, actor, now, reason=reason, before=before)
    return reminder


def _save(reminder: Reminder) -> None:
    reminder.save(
        update_fields=[
            "status", "done_on", "reason", "snoozed_until", "closed_at", "closed_by",
            "closed_cause", "performed_on", "performed_by", "changed_at",
        ]
    )  # fmt: skip


def _note(
    course: Course,
    reminder: Reminder,
    action: str,
    actor: User,
    now: datetime,
    *,
    reason: str,
    before: Mapping[str, object],
) -> None:
    record(
        actor=actor,
        now=now,
        action=action,
        obj=reminder,
        course_id=course.pk,
        patient_id=course.patient_id,
        reason=reason,
        before=before,
        after={
            "status": reminder.status,
            "done_on": reminder.done_on,
            "snoozed_until": reminder.snoozed_until,
        },
    )


def _refuse_closed(reminder: Reminder) -> list[Refusal]:
    if reminder.status in WAITING:
        return []
    return [
        Refusal(
            code="not_waiting",
            message=N_("This is not waiting any more: %(status)s."),
            params={"status": str(Status(reminder.status).label)},
        )
    ]


def _refuse_provisional(reminder: Reminder) -> list[Refusal]:
    if not reminder.provisional:
        return []
    return [
        Refusal(
            code="anchor_not_happened",
            message=N_("This follows a step that has not happened yet: %(step)s."),
            params={"step": str(AnchorKind(reminder.anchor_kind).label)},
        )
    ]


def _refuse_not_closed(reminder: Reminder) -> list[Refusal]:
    aside = reminder.status == Status.CANCELLED and reminder.closed_cause == BEFORE_PERCORSO
    if aside or reminder.status in (*ANSWERED, Status.SNOOZED):
        return []
    return [
        Refusal(
            code="not_closed",
            message=N_("Only what was done, skipped or put off can be opened again."),
        )
    ]


def _refuse_until(until: date, today: date) -> list[Refusal]:
    furthest = today + HORIZON
    if until <= today:
        message, limit, code = N_("Put it off to a day after %(limit)s."), today, "not_later"
    elif until > furthest:
        message, limit, code = N_("Put it off to %(limit)s at most."), furthest, "too_far"
    else:
        return []
    return [Refusal(code=code, message=message, field="until", params={"limit": limit})]


def refuse_ended(course: Course, reminder: Reminder | None = None) -> list[Refusal]:
    """What stands against anything, or this very reminder, being due on a course that has ended."""
    if still_asked(course, reminder):
        return []
    return [
        Refusal(
            code="course_ended",
            message=(
                N_("The course has ended: nothing is due on it any more.")
                if reminder is None or not is_completed(course)
                else N_("The follow-up is completed: only what is for life is due on it.")
            ),
        )
    ]


def refuse_unreasoned(reason: str, message: str) -> list[Refusal]:
    """What stands against words that are missing."""
    if reason.strip():
        return []
    return [Refusal(code="reason_needed", message=message, field="reason")]
