"""A reminder in words: its item, when it is due, how late it is, what became of it."""

from datetime import date

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission
from accounts.wording import day_text
from reminders.models import WAITING, Reminder, Status
from reminders.selectors import label_of


def item_text(reminder: Reminder, reader: User | None = None) -> str:
    """What there is to do; words of people only for a reader who sees names."""
    label = label_of(
        reminder.course.protocol, reminder.item, reminder.ordinal, doubtful=reminder.unsure,
        words=reminder.label if reader is not None and reader.may(Permission.SEE_IDENTITY) else "",
    )  # fmt: skip
    text = label.in_language(get_language() or "en")
    return _("%(item)s: result awaited") % {"item": text} if reminder.awaits_result else text


def due_text(reminder: Reminder) -> str:
    """`17-Nov-2026`, with its window where it has one."""
    due = day_text(reminder.due_on)
    if reminder.window_start == reminder.window_end:
        return due
    window = {
        "due": due,
        "start": day_text(reminder.window_start),
        "end": day_text(reminder.window_end),
    }
    return _("%(due)s, in time from %(start)s to %(end)s") % window


def standing_text(reminder: Reminder, today: date) -> str:
    """How it stands on a day in words: overdue by how many days, due, to come, or its end."""
    if reminder.status == Status.DONE and reminder.done_on is not None:
        return _("Done on %(on)s") % {"on": day_text(reminder.done_on)}
    if reminder.awaits_result and reminder.performed_on is not None:
        said = _("Done on %(on)s by %(who)s, result awaited; asked for from %(until)s")
        until = reminder.snoozed_until or reminder.due_on
        return said % {
            "on": day_text(reminder.performed_on),
            "who": reminder.performed_by,
            "until": day_text(until),
        }
    if reminder.is_put_off(today) and reminder.snoozed_until is not None:
        return _("Put off until %(on)s") % {"on": day_text(reminder.snoozed_until)}
    if reminder.counts(today):
        return _lateness(reminder, today)
    if reminder.provisional and reminder.status in WAITING:
        return _("Follows a step that is still to come")
    return str(Status(reminder.status).label)


def _lateness(reminder: Reminder, today: date) -> str:
    late = (today - reminder.window_end).days
    if late > 0:
        return ngettext("Overdue, %(days)s day", "Overdue, %(days)s days", late) % {"days": late}
    if reminder.due_on > today:
        left = (reminder.due_on - today).days
        return ngettext("In %(days)s day", "In %(days)s days", left) % {"days": left}
    if reminder.due_on == today:
        return _("Due today")
    return _("Due, in time until %(on)s") % {"on": day_text(reminder.window_end)}
