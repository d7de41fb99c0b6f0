"""The calendar as a page shows it: a list by day, a week, or the grid of a month."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.utils.dates import MONTHS
from django.utils.translation import gettext as _

from accounts.wording import day_text
from reminders.agenda import Agenda, Scope, agenda, next_entry
from reminders.calendar_words import EntryView, entry_view, weekday_names, weekday_text
from reminders.domain.calendar import Stretch, View, weeks_of

IN_A_CELL = 4  # entries that a cell of the month shows before it leads to its week
_OLDEST, _LATEST = date(1990, 1, 1), date(2199, 12, 31)


@dataclass(frozen=True)
class DayView:
    """One day with what is on it. `rest` counts what a cell of the month has no room for."""

    on: date
    text: str
    today: bool
    entries: tuple[EntryView, ...]
    outside: bool = False
    rest: int = 0
    week_url: str = ""


@dataclass(frozen=True)
class CalendarPage:
    """The calendar of one stretch of days."""

    title: str
    stretch: Stretch
    views: tuple[tuple[str, str, bool], ...]  # label, address, whether it is this one
    before_url: str
    today_url: str
    after_url: str
    days: tuple[DayView, ...]
    weeks: tuple[tuple[DayView, ...], ...]
    weekdays: tuple[str, ...]
    count: int
    cut: bool
    next: EntryView | None  # what comes after a stretch without entries
    next_url: str = ""


def day_of(text: str, today: date) -> date:
    """The day that an address names, today for anything that names none within reason."""
    try:
        on = date.fromisoformat(text)
    except ValueError:
        return today
    return on if _OLDEST <= on <= _LATEST else today


def calendar_page(scope: Scope, stretch: Stretch) -> CalendarPage:
    """Gather the page of a stretch; three queries, and three more to name what comes next."""
    weeks = weeks_of(stretch.first) if stretch.view is View.MONTH else ()
    first, last = (weeks[0][0], weeks[-1][-1]) if weeks else (stretch.first, stretch.last)
    found = agenda(scope, first, last)
    after = next_entry(scope, last) if not found.entries else None
    by_day = _by_day(found)
    return CalendarPage(
        title=_title(stretch),
        stretch=stretch,
        views=tuple(
            (label, _address(scope, view, stretch.on), view is stretch.view)
            for view, label in (
                (View.LIST, _("List")), (View.WEEK, _("Week")), (View.MONTH, _("Month")),
            )
        ),
        before_url=_address(scope, stretch.view, stretch.before),
        today_url=_address(scope, stretch.view, scope.today),
        after_url=_address(scope, stretch.view, stretch.after),
        days=_days(scope, stretch, by_day),
        weeks=tuple(tuple(_cell(scope, stretch, on, by_day) for on in week) for week in weeks),
        weekdays=weekday_names(),
        count=len(found.entries),
        cut=found.cut,
        next=entry_view(after) if after else None,
        next_url=_address(scope, stretch.view, after.on) if after else "",
    )  # fmt: skip


def _by_day(found: Agenda) -> Mapping[date, tuple[EntryView, ...]]:
    by_day: dict[date, list[EntryView]] = defaultdict(list)
    for entry in found.entries:
        by_day[entry.on].append(entry_view(entry))
    return {on: tuple(views) for on, views in by_day.items()}


def _days(
    scope: Scope, stretch: Stretch, by_day: Mapping[date, tuple[EntryView, ...]]
) -> tuple[DayView, ...]:
    """Every day of a week; of a list those with entries, and none of a month, which is a grid."""
    if stretch.view is View.MONTH:
        return ()
    return tuple(
        DayView(on, weekday_text(on), on == scope.today, by_day.get(on, ()))
        for on in stretch.days
        if stretch.view is View.WEEK or on in by_day
    )


def _cell(
    scope: Scope, stretch: Stretch, on: date, by_day: Mapping[date, tuple[EntryView, ...]]
) -> DayView:
    entries = by_day.get(on, ())
    return DayView(
        on=on,
        text=day_text(on),
        today=on == scope.today,
        entries=entries[:IN_A_CELL],
        outside=not stretch.first <= on <= stretch.last,
        rest=max(0, len(entries) - IN_A_CELL),
        week_url=_address(scope, View.WEEK, on),
    )


def _title(stretch: Stretch) -> str:
    if stretch.view is View.WEEK:
        return f"{day_text(stretch.first)} – {day_text(stretch.last)}"
    return f"{MONTHS[stretch.first.month]} {stretch.first.year}"


def _address(scope: Scope, view: View, on: date) -> str:
    asked = {"view": view.value, "on": on.isoformat()}
    if scope.kind:
        asked["kind"] = scope.kind.value
    if scope.mine:
        asked["mine"] = "1"
    return f"?{urlencode(asked)}"
