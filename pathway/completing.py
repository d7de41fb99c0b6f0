"""What the completion of a course cancels, said before it is done."""

from datetime import date

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from patients.models import Course
from reminders.lasting import lasting_items
from reminders.models import WAITING, Reminder


def completion_cancels(course: Course, today: date) -> str:
    """How much still waits that nothing asks for any more then; empty when nothing does."""
    rows = Reminder.objects.filter(course=course, status__in=WAITING)
    found = rows.exclude(item__in=lasting_items(course)).aggregate(
        waiting=Count("pk"), overdue=Count("pk", filter=Q(window_end__lt=today))
    )
    if not found["waiting"]:
        return ""
    return _(
        "What still waits is cancelled with it: %(waiting)s reminders, %(overdue)s of them "
        "overdue. Only what is for life goes on."
    ) % {"waiting": found["waiting"], "overdue": found["overdue"]}
