"""What writes to the chart and the pathway cause in the schedule; wired in config/wiring.py.

Each runs inside the writer's transaction and under its course lock.
"""

from datetime import date

from django.db.models import Q

from audit.recording import record
from patients.consequences import Happening
from patients.models import MarrowResult
from reminders.laying import lay_out
from reminders.models import WAITING, Plan, PlanPause, Reminder, ReminderQuerySet, Status
from terms import partial_dates

# The item that a recorded marrow result answers.
MARROW_ITEM = "MARROW"


def replan(happening: Happening) -> None:
    """An anchor changed: lay the course's reminders out anew."""
    lay_out([happening.course], actor=happening.actor, now=happening.now)


def close_by_fact(happening: Happening) -> None:
    """A marrow result whose day lies in exactly one window that counts does that reminder.

    Only results written or brought back in this very transaction count, so that a reminder
    reopened by hand stays open. A day in no window, or in two, closes nothing: a person says which
    one it was.
    """
    kind, _colon, number = happening.cause.partition(":")
    brought_back = Q(pk=number) if kind == "marrow" else Q(pk=None)
    results = MarrowResult.objects.filter(
        Q(recorded_at=happening.now) | brought_back, course=happening.course
    )
    for result in results.order_by("pk"):
        on = _full_day(result.on)
        if on is not None:
            _close_the_only_one(happening, f"marrow:{result.pk}", on)


def reopen_answered(happening: Happening) -> None:
    """What a fact had done is asked again when the fact says something else now.

    On a course that has ended it is cancelled with the rest instead.
    """
    rows = _rows(happening).filter(status=Status.DONE, closed_cause=happening.cause)
    if not rows.exists():
        return
    pause = PlanPause.objects.filter(course=happening.course).order_by("since", "pk").first()
    if pause is not None:
        count = rows.update(
            status=Status.CANCELLED,
            done_on=None,
            closed_at=happening.now,
            closed_by=happening.actor.get_username(),
            closed_cause=pause.cause,
        )
        _note(happening, "reminders.cancel", {"count": count, "cause": happening.cause})
        return
    count = rows.update(
        status=Status.OPEN, done_on=None, closed_at=None, closed_by="", closed_cause=""
    )
    _note(happening, "reminders.reopen", {"count": count, "cause": happening.cause})
    replan(happening)


def cancel_all(happening: Happening) -> None:
    """An exit, the completion or the patient's death cancels what waits and pauses planning."""
    course = happening.course
    PlanPause.objects.get_or_create(
        course=course, cause=happening.cause, defaults={"since": happening.now}
    )
    Plan.objects.filter(course=course).delete()
    count = _rows(happening).filter(status__in=WAITING).update(
        status=Status.CANCELLED,
        closed_at=happening.now,
        closed_by=happening.actor.get_username(),
        closed_cause=happening.cause,
    )  # fmt: skip
    _note(happening, "reminders.cancel", {"count": count, "cause": happening.cause})


def restore_all(happening: Happening) -> None:
    """The way back: open exactly what that cause cancelled, then lay out what moved meanwhile.

    While another pause stands, such as a death after the exit, they pass to that one instead.
    """
    PlanPause.objects.filter(course=happening.course, cause=happening.cause).delete()
    rows = _rows(happening).filter(status=Status.CANCELLED, closed_cause=happening.cause)
    pause = PlanPause.objects.filter(course=happening.course).order_by("since", "pk").first()
    if pause is not None:
        count = rows.update(closed_cause=pause.cause)
        _note(happening, "reminders.cancel", {"count": count, "cause": pause.cause})
        return
    count = rows.update(status=Status.OPEN, closed_at=None, closed_by="", closed_cause="")
    _note(happening, "reminders.restore", {"count": count, "cause": happening.cause})
    replan(happening)


def _rows(happening: Happening) -> ReminderQuerySet:
    return Reminder.objects.filter(course=happening.course)


def _full_day(on: str) -> date | None:
    """The day of a stored partial date, None when only the month, the year or nothing is known."""
    if not on:
        return None
    known = partial_dates.parse(on)
    return known.earliest() if known.precision == "day" else None


def _close_the_only_one(happening: Happening, cause: str, on: date) -> None:
    rows = _rows(happening).filter(item=MARROW_ITEM)
    if rows.filter(closed_cause=cause).exists():
        return
    fitting = list(rows.counting().filter(window_start__lte=on, window_end__gte=on)[:2])
    if len(fitting) != 1:
        return
    reminder = fitting[0]
    reminder.status, reminder.done_on = Status.DONE, on
    reminder.closed_at, reminder.closed_by = happening.now, happening.actor.get_username()
    reminder.closed_cause = cause
    reminder.save(update_fields=["status", "done_on", "closed_at", "closed_by", "closed_cause"])
    _note(happening, "reminder.done", {"done_on": on, "cause": cause}, reminder)


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
