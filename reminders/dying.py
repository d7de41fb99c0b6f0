"""What a death asks for, such as its report: laid out with it, and taken back with it."""

from datetime import date, datetime

from audit.recording import Actor, record
from patients.models import Course
from protocol.selectors import settings_of
from reminders.domain.items import Schedule, Trigger
from reminders.domain.wanted import on_death
from reminders.laying import BY_PLANNING, CLOSING, cancel_row, columns_of
from reminders.models import WAITING, Reminder, Status


def death_asks_for(course: Course, died_on: date | None, *, actor: Actor, now: datetime) -> None:
    """Lay out what the death of a locked course's patient asks for; with None, take it back.

    Planning pauses with a death, so that these are the only rows that wait then. What was done,
    skipped or put off for a death that was withdrawn is asked anew; the audit keeps what it was.
    """
    for item in settings_of(course.protocol).section("schedule", Schedule).items:
        due = None if died_on is None else on_death(item, died_on)
        if due is not None:
            Reminder.objects.update_or_create(
                course=course,
                item=item.code,
                anchor_occurrence=1,
                ordinal=due.ordinal,
                defaults={
                    **columns_of(item, due),
                    "anchor_kind": item.anchor.value,
                    "status": Status.OPEN,
                    "done_on": None,
                    "snoozed_until": None,
                    "reason": "",
                    "closed_at": None,
                    "closed_by": "",
                    "closed_cause": "",
                    "planned_at": now,
                },
            )
            after = {f"{item.code} 1.{due.ordinal}": due.due_on}
            record(
                actor=actor, now=now, action="reminders.plan", course_id=course.pk,
                patient_id=course.patient_id, centre_id=course.centre_id, before={}, after=after,
            )  # fmt: skip
        elif item.trigger is Trigger.DEATH:
            waiting = Reminder.objects.filter(course=course, item=item.code, status__in=WAITING)
            for row in waiting:
                cancel_row(row, BY_PLANNING, actor, now)
                row.save(update_fields=CLOSING)
