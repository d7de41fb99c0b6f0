"""What writes to the chart and the pathway cause in the schedule; wired in config/wiring.py.

Each runs inside the writer's transaction and under its course lock.
"""

from django.db.models import Case, Value, When

from audit.recording import record
from patients.consequences import Event, Happening
from reminders.answering import answered, recorded_now
from reminders.dying import death_asks_for
from reminders.following import lay_following
from reminders.lasting import lasting_items, standing_pause
from reminders.laying import lay_out
from reminders.models import (
    BEFORE_PERCORSO,
    WAITING,
    Plan,
    PlanPause,
    Reminder,
    ReminderQuerySet,
    Status,
)

# The kinds of facts that conditions, stop rules and triggers of a schedule look at.
_LOOKED_AT = frozenset({"diagnosis", "lab", "imaging", "relapse", "stay"})


# What was put off when it was cancelled is put off again.
_AS_BEFORE = Case(
    When(snoozed_until__isnull=False, then=Value(Status.SNOOZED)), default=Value(Status.OPEN)
)


def replan(happening: Happening) -> None:
    """An anchor changed: lay the course's reminders out anew."""
    lay_out([happening.course], actor=happening.actor, now=happening.now)


def on_result(happening: Happening) -> None:
    """A result does the reminders that it answers; then what the schedule makes of it is laid out.

    Only results written or brought back in this very transaction count, so that a reminder
    reopened by hand stays open.
    """
    results = recorded_now(happening)
    done = answered(happening, results)
    for reminder, result in done:
        reminder.status, reminder.done_on = Status.DONE, result.on
        reminder.closed_at, reminder.closed_by = happening.now, happening.actor.get_username()
        reminder.closed_cause, reminder.snoozed_until = result.cause, None
        fields = ("status", "done_on", "closed_at", "closed_by", "closed_cause", "snoozed_until")
        reminder.save(update_fields=fields)
        after: dict[str, object] = {"done_on": result.on, "cause": result.cause}
        _note(happening, "reminder.done", after, reminder)
    if any(result.kind in _LOOKED_AT for result in results):
        replan(happening)
    else:
        pairs = [(happening.course, reminder) for reminder, _result in done]
        lay_following(pairs, actor=happening.actor, now=happening.now)


def on_fact(happening: Happening) -> None:
    """A fact that the schedule looks at says something else: lay the reminders out anew."""
    kind, _colon, _number = happening.cause.partition(":")
    if kind in _LOOKED_AT or happening.event is Event.RELAPSE_RECORDED:
        replan(happening)


def reopen_answered(happening: Happening) -> None:
    """What a fact had done is asked again when the fact says something else now.

    On a course that has ended it is cancelled with the rest instead; what was before Percorso is
    set aside again, unless somebody had asked for it.
    """
    rows = _rows(happening).filter(status=Status.DONE, closed_cause=happening.cause)
    if not rows.exists():
        return
    pause = standing_pause(happening.course)
    if pause is not None:
        over = rows.exclude(item__in=lasting_items(happening.course)) if pause.lasting else rows
        count = over.update(
            status=Status.CANCELLED,
            done_on=None,
            closed_at=happening.now,
            closed_by=happening.actor.get_username(),
            closed_cause=pause.cause,
        )
        _note(happening, "reminders.cancel", {"count": count, "cause": happening.cause})
        if not rows.exists():
            return
    entered_on = happening.course.transcribed_on
    if entered_on is not None:
        aside = rows.filter(window_end__lt=entered_on, changed_at=None)
        aside.update(status=Status.CANCELLED, done_on=None, closed_cause=BEFORE_PERCORSO)
    count = rows.update(
        status=Status.OPEN, done_on=None, closed_at=None, closed_by="", closed_cause=""
    )
    _note(happening, "reminders.reopen", {"count": count, "cause": happening.cause})
    replan(happening)


def complete(happening: Happening) -> None:
    """The completion cancels what waits; what the protocol asks for life goes on being planned."""
    course = happening.course
    PlanPause.objects.get_or_create(
        course=course, cause=happening.cause, defaults={"since": happening.now, "lasting": True}
    )
    over = _rows(happening).exclude(item__in=lasting_items(course))
    _cancel(happening, over)
    replan(happening)


def cancel_all(happening: Happening) -> None:
    """An exit or the patient's death cancels what waits and pauses planning."""
    course = happening.course
    PlanPause.objects.get_or_create(
        course=course, cause=happening.cause, defaults={"since": happening.now}
    )
    Plan.objects.filter(course=course).delete()
    _cancel(happening, _rows(happening))
    if happening.event is Event.PATIENT_DIED and happening.on is not None:
        death_asks_for(course, happening.on, actor=happening.actor, now=happening.now)


def restore_all(happening: Happening) -> None:
    """The way back: what that cause cancelled waits as it did; then lay out what moved meanwhile.

    While another pause stands, such as a death after the exit, they pass to that one instead. The
    completion is none of these: a death that was withdrawn after it cancelled what it had left.
    """
    if happening.event is Event.DEATH_WITHDRAWN:
        death_asks_for(happening.course, None, actor=happening.actor, now=happening.now)
    PlanPause.objects.filter(course=happening.course, cause=happening.cause).delete()
    rows = _rows(happening).filter(status=Status.CANCELLED, closed_cause=happening.cause)
    pause = standing_pause(happening.course)
    if pause is not None and not pause.lasting:
        count = rows.update(closed_cause=pause.cause)
        _note(happening, "reminders.cancel", {"count": count, "cause": pause.cause})
        return
    # Changed at this moment: newer than what other calendars were told to cancel.
    count = rows.update(
        status=_AS_BEFORE, closed_at=None, closed_by="", closed_cause="", changed_at=happening.now
    )
    _note(happening, "reminders.restore", {"count": count, "cause": happening.cause})
    replan(happening)


def _rows(happening: Happening) -> ReminderQuerySet:
    return Reminder.objects.filter(course=happening.course)


def _cancel(happening: Happening, rows: ReminderQuerySet) -> None:
    count = rows.filter(status__in=WAITING).update(
        status=Status.CANCELLED,
        closed_at=happening.now,
        closed_by=happening.actor.get_username(),
        closed_cause=happening.cause,
    )
    _note(happening, "reminders.cancel", {"count": count, "cause": happening.cause})


def _note(
    happening: Happening, action: str, after: dict[str, object], obj: Reminder | None = None
) -> None:
    record(
        actor=happening.actor,
        now=happening.now,
        action=action,
        obj=obj,
        course_id=happening.course.pk,
        patient_id=happening.course.patient_id,
        after=after,
    )
