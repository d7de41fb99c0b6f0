"""What waits for its day on a course: the picture by which a change of dates is foreseen."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from patients.foresight import Dated
from patients.models import Course
from patients.models.courses import AnchorKind
from reminders.appointment_models import Appointment
from reminders.calendar_words import kind_name
from reminders.domain.calendar import Kind
from reminders.following import repeating
from reminders.models import WAITING, Reminder
from reminders.wording import item_text


def waiting(course: Course) -> Iterator[Dated]:
    """What of the schedule is neither done, left out nor cancelled; one query."""
    for row in Reminder.objects.of_the_schedule().filter(course=course, status__in=WAITING):
        row.course = course
        yield Dated(
            key=("reminder", row.item, row.anchor_occurrence, row.ordinal),
            label=item_text(row),
            on=row.due_on,
            counted_from=_counted_from(row),
        )


def _counted_from(row: Reminder) -> str:
    anchor = str(AnchorKind(row.anchor_kind).label)
    if row.ordinal == 1 or repeating(row.course, row) is None:
        return anchor
    return _("%(anchor)s, then the last one done") % {"anchor": anchor}


def booked(course: Course) -> Iterator[Dated]:
    """The appointments of `course` that stand; one query."""
    for row in Appointment.objects.booked().filter(course=course):
        yield Dated(("appointment", row.pk), kind_name(Kind(row.kind)), row.on)
