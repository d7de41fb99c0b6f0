"""Putting a task by hand right while it waits: its words, day, window and role, with a reason."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from audit.recording import record
from patients.courses import lock_course
from patients.models import Course
from reminders.dispatches import lay_again
from reminders.hand_tasks import NewTask, occasion, refusals_of, window_end
from reminders.models import WAITING, Reminder, TaskCorrection
from terms.refusals import Refusal, Refused
from terms.words import N_

_SAID = ("label", "due_on", "window_start", "window_end", "role")


@transaction.atomic
def correct_task(
    *, reminder_id: int, task: NewTask, reason: str, actor: User, now: datetime
) -> Reminder:
    """Let a waiting task say something else; what it said is kept, and the item stays.

    What was laid out to be sent for another day lapses by itself, for the same one by this. Raises
    Refused with everything against it, NotAllowed, Reminder.DoesNotExist for another centre's, or
    what no hand made.
    """
    tasks = Reminder.objects.visible_to(actor).exclude(made_by="")
    course = lock_course(tasks.values_list("course_id", flat=True).get(pk=reminder_id), actor=actor)
    require(actor, Permission.DO_REMINDERS)
    row = course.reminders.get(pk=reminder_id)
    item = occasion(course, row.item)
    before = {name: getattr(row, name) for name in _SAID}
    after = {
        "label": task.label.strip(),
        "due_on": task.due_on,
        "window_start": task.due_on,
        "window_end": window_end(task, item),
        "role": task.role or (item.role.value if item is not None else ""),
    }
    refusals = [
        *_refuse_answered(row),
        *refusals_of(course, task, item, now),
        *_refuse_unchanged(before == after),
        *_refuse_unreasoned(reason),
    ]
    if refusals:
        raise Refused(refusals)
    for name, value in after.items():
        setattr(row, name, value)
    row.changed_at = now
    row.save(update_fields=[*_SAID, "changed_at"])
    row.refresh_from_db(fields=["asks_on"])
    lay_again(Reminder.objects.filter(pk=row.pk))
    _note(course, row, before, reason.strip(), actor, now)
    return row


def _note(
    course: Course,
    row: Reminder,
    before: Mapping[str, object],
    reason: str,
    actor: User,
    now: datetime,
) -> None:
    TaskCorrection.objects.create(
        reminder=row, before=before, reason=reason, corrected_at=now,
        corrected_by=actor.get_username(),
    )  # fmt: skip
    changed = [name for name in _SAID if before[name] != getattr(row, name)]
    record(
        actor=actor,
        now=now,
        action="reminder.correct",
        obj=row,
        course_id=course.pk,
        patient_id=course.patient_id,
        reason=reason,
        before={name: before[name] for name in changed},
        after={name: getattr(row, name) for name in changed},
    )


def _refuse_answered(row: Reminder) -> list[Refusal]:
    if row.status in WAITING:
        return []
    text = N_("Only a task that waits can be put right: open it again first.")
    return [Refusal(code="not_waiting", message=text)]


def _refuse_unchanged(unchanged: bool) -> list[Refusal]:
    if not unchanged:
        return []
    return [Refusal(code="nothing_changed", message=N_("This says what it said before."))]


def _refuse_unreasoned(reason: str) -> list[Refusal]:
    if reason.strip():
        return []
    text = N_("Say why this is put right.")
    return [Refusal(code="reason_needed", message=text, field="reason")]
