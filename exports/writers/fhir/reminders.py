"""Reminders as tasks: what is to do, within which window, and what became of it."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from accounts.permissions import ROLE_CHOICES
from exports.course_records import CourseRecord
from exports.writers.fhir.frame import Frame, Resource, concept
from exports.writers.fhir.statuses import reminder_status
from reminders.models import Reminder, Status
from reminders.selectors import label_of

_ROLES = dict(ROLE_CHOICES)


def resources(record: CourseRecord, frame: Frame) -> Iterator[Resource]:
    """Every task of the course; the words of one asked for by hand, and reasons, stay here."""
    for reminder in record.of(Reminder):
        yield _task(record, frame, reminder)


def activities(record: CourseRecord, frame: Frame) -> Iterator[Resource]:
    """The same as activities of the plan, by reference."""
    for reminder in record.of(Reminder):
        yield {"reference": frame.ref("reminder", reminder.pk)}


def _task(record: CourseRecord, frame: Frame, reminder: Reminder) -> Resource:
    status, priority = reminder_status(reminder, frame.today)
    label = label_of(
        record.course.protocol, reminder.item, reminder.ordinal, doubtful=reminder.unsure
    )
    skipped = reminder.status == Status.SKIPPED
    return frame.entry(
        "reminder",
        reminder.pk,
        "Task",
        status=status,
        statusReason=concept(_("Skipped, with a reason kept at the centre")) if skipped else None,
        priority=priority,
        intent="plan",
        code=concept(_("Task asked for by hand") if reminder.made_by else label),
        for_=frame.patient,
        basedOn=[frame.ref("plan")],
        performerType=[concept(_ROLES.get(reminder.role, reminder.role))],
        executionPeriod=frame.period(None, reminder.done_on),
        restriction={"period": frame.period(reminder.window_start, reminder.window_end)},
    )
