"""The links of a reminder to the forms on which something is done with it."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from reminders.awaiting import days_of_result
from reminders.models import ANSWERED, WAITING, Reminder


@dataclass(frozen=True)
class Link:
    """One thing that may be done with a reminder."""

    label: str
    url: str


def links_of(reminder: Reminder, today: date, *, source: str = "") -> tuple[Link, ...]:
    """What may be done with a reminder as it stands, the usual one first."""
    ways: tuple[tuple[str, str], ...] = ()
    if reminder.status in WAITING and not reminder.provisional:
        ways = ((_("Done"), "reminder_done"),)
        if days_of_result(reminder) is not None and not reminder.awaits_result:
            ways += ((_("Done, result awaited"), "reminder_awaited"),)
        ways += ((pgettext("deed", "Put off"), "reminder_snooze"),)
    if reminder.status in WAITING:
        ways += ((_("Skip"), "reminder_skip"),)
        if reminder.series:
            ways += ((_("Skip the rest"), "task_skip_rest"),)
    if reminder.status in ANSWERED or reminder.is_put_off(today) or reminder.awaits_result:
        ways += ((_("Open again"), "reminder_reopen"),)
    query = f"?from={source}" if source else ""
    return tuple(Link(label, reverse(name, args=[reminder.pk]) + query) for label, name in ways)
