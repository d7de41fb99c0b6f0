"""Skipping the rest of a task that repeats: the date at hand and all that wait after it."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from reminders.closing import close_as_skipped, lock_reminder, refuse_unreasoned
from reminders.doers import require_doing
from reminders.models import WAITING, Reminder
from terms.refusals import Refusal, Refused
from terms.words import N_


@transaction.atomic
def skip_rest(*, reminder_id: int, reason: str, actor: User, now: datetime) -> int:
    """Record of a date of a series and of those after it that wait that none will be done, and why.

    Each can be opened again for itself. Returns how many. Raises Refused (no series, none waits,
    no reason), NotAllowed, Reminder.DoesNotExist.
    """
    course, reminder = lock_reminder(reminder_id, actor)
    rows = list(
        Reminder.objects.filter(
            course=course, item=reminder.item, made_by__gt="", series=reminder.series,
            series__gt=0, status__in=WAITING, due_on__gte=reminder.due_on,
        ).order_by("due_on", "pk")
    )  # fmt: skip
    require_doing(actor, [row.role for row in rows])
    refusals = refuse_unreasoned(reason, N_("Say why this is skipped."))
    if not rows:
        text = N_("Nothing of a series waits from this day on.")
        refusals = [Refusal(code="nothing_waits", message=text), *refusals]
    if refusals:
        raise Refused(refusals)
    for row in rows:
        close_as_skipped(course, row, reason, actor, now)
    return len(rows)
