"""The words of a calendar entry, for pages, API and feed."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from accounts.wording import day_text
from reminders.domain.calendar import (
    GLYPHS,
    KIND_NAMES,
    STATE_NAMES,
    Against,
    Entry,
    Kind,
)


@dataclass(frozen=True)
class EntryView:
    """An entry in the reader's language; `contradicts` is a sentence, or empty."""

    entry: Entry
    glyph: str
    kind: str
    state: str
    url: str
    contradicts: str = ""
    label: str = ""

    @property
    def time(self) -> str:
        """`09:00`, empty for the whole day."""
        return f"{self.entry.at:%H:%M}" if self.entry.at else ""


def entry_view(entry: Entry) -> EntryView:
    """An entry as a page shows it, with the way to its course."""
    return EntryView(
        entry=entry,
        glyph=GLYPHS[entry.kind],
        kind=kind_name(entry.kind),
        state=_(STATE_NAMES[entry.state]),
        url=reverse("course", args=[entry.course_id]),
        contradicts=contradiction_text(entry),
        label=entry.label,
    )


def kind_name(kind: Kind) -> str:
    """What an entry is about."""
    return _(KIND_NAMES[kind])


def contradiction_text(entry: Entry) -> str:
    """How appointment and plan differ, in a sentence; empty where they agree."""
    found = entry.contradiction
    if found is None:
        return ""
    if found.against is Against.NOT_PLANNED:
        return _("No day is planned for this step of the pathway.")
    on = day_text(found.on) if found.on else ""
    if found.against is Against.HAPPENED:
        return _("This step happened already, on %(on)s.") % {"on": on}
    if entry.appointment_id is None:
        return _("An appointment is booked for another day: %(on)s.") % {"on": on}
    return _("The pathway has another day planned: %(on)s.") % {"on": on}


def legend() -> tuple[tuple[str, str], ...]:
    """Every glyph with its word."""
    return tuple((GLYPHS[kind], kind_name(kind)) for kind in Kind)


def weekday_text(on: date) -> str:
    """`Monday 23-Nov-2026`."""
    return f"{WEEKDAYS[on.weekday()]} {day_text(on)}"


def weekday_names() -> tuple[str, ...]:
    """The days of a week, Monday first."""
    return tuple(str(name) for name in WEEKDAYS.values())
