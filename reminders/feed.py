"""A person's calendar as a file for other calendar programs: initials and number, nothing else."""

from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.access import centre_of
from reminders.agenda import Scope, agenda
from reminders.appointment_models import CalendarFeed
from reminders.calendar_words import kind_name
from reminders.domain.calendar import STATE_NAMES, Entry, State
from reminders.domain.ics import Event, Status, calendar_text
from terms.day_numbers import local_date

_BACK, _AHEAD = timedelta(days=60), timedelta(days=400)
# A program that asks seldom still learns that something was cancelled.
_WITHDRAWN_FOR = timedelta(weeks=4)
_MOST = 5000  # entries of one file
_STATUS = {
    State.PLANNED: Status.TENTATIVE,
    State.DUE: Status.TENTATIVE,
    State.OVERDUE: Status.TENTATIVE,
    State.PASSED: Status.TENTATIVE,
    State.BOOKED: Status.CONFIRMED,
    State.HAPPENED: Status.CONFIRMED,
    State.CANCELLED: Status.CANCELLED,
}


def feed_text(feed: CalendarFeed, now: datetime) -> str:
    """The calendar of the feed's owner at the centre they work at, in the feed's language."""
    zone = centre_of(feed.user).zone
    today = local_date(now, zone)
    scope = Scope(feed.user, today, mine=feed.mine, withdrawn_since=now - _WITHDRAWN_FOR)
    with override(feed.language):
        events = [
            _event(entry)
            for entry in _entries(scope, today)
            if entry.state is not State.CANCELLED or entry.on >= today - _WITHDRAWN_FOR
        ]
        return calendar_text("Percorso", events, zone)


def _entries(scope: Scope, today: date) -> list[Entry]:
    """Where there is too much, what lies ahead stays, and of the past what is nearest."""
    ahead = agenda(scope, today, today + _AHEAD, most=_MOST).entries
    room = _MOST - len(ahead)
    if room == 0:
        return list(ahead)
    past = agenda(scope, today - _BACK, today - timedelta(days=1), most=_MOST)
    return [*past.entries[-room:], *ahead]


def _event(entry: Entry) -> Event:
    """No name, no place, no remark, no word of the protocol: they stay on the site."""
    who = f"{entry.initials} {entry.code}".strip()
    return Event(
        uid=f"{entry.key}@percorso",
        summary=f"{kind_name(entry.kind)} · {who} · {_(STATE_NAMES[entry.state])}",
        on=entry.on,
        at=entry.at,
        status=_STATUS[entry.state],
        sequence=entry.sequence,
        modified=entry.modified,
    )
