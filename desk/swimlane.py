"""The timeline of a course drawn in lanes from enrolment to today, with a list beside each lane.

Everything the template needs is here as whole pixels and words; nothing is computed there.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from accounts.wording import day_text
from desk.course_timeline import entry
from desk.shapes import TimelineRow
from exports.domain.swimlanes import Bar, Drawn, End, Event, Lane, lane_of, lanes
from exports.timeline import TimelineRow as TimelineEntry
from terms.words import N_
from toxicity.flowsheet import signed

WIDTH, BAR, GAP, MARK = 1000, 18, 4, 5
_TICKS = 10  # at most so many on the axis
_LETTER = 7  # pixels of a letter at most: a name is written where it fits
# Steps of days on the axis: days, weeks, months, years, so that ticks stay apart.
_STEPS = (1, 5, 7, 14, 28, 50, 100, 182, 365, 730, 1826)
LANE_NAMES: dict[Lane, str] = {
    Lane.JOURNEY: N_("Journey"),
    Lane.PRODUCT: N_("Collection and product"),
    Lane.THERAPY: N_("Containment, bridging, lymphodepletion"),
    Lane.DELAYS: N_("Delays"),
    Lane.HOSPITAL: N_("In hospital"),
    Lane.TOXICITY: N_("Toxicity"),
    Lane.GIVEN: N_("Treatments for toxicity"),
    Lane.INFECTIONS: N_("Infections"),
    Lane.RESPONSE: N_("Disease and response"),
    Lane.RESULTS: N_("Results"),
    Lane.DECISIONS: N_("Items, gates, meetings, consents"),
    Lane.REMINDERS: N_("Reminders and tasks"),
    Lane.OTHER: N_("Notes and corrections"),
}
_FOLDED = frozenset({Lane.RESULTS, Lane.DECISIONS, Lane.REMINDERS, Lane.OTHER})
PERIODS: dict[str, str] = {
    "whole": N_("From enrolment to today"),
    "before": N_("Until day 0"),
    "acute": N_("Day 0 to day 30"),
    "later": N_("From day 30"),
}
AXES: dict[str, str] = {"days": N_("Days from day 0"), "dates": N_("Dates")}
_ACUTE = 30  # days of the flowsheet, the first month
_ENDED = frozenset({"EXIT_DECLINED", "EXIT_WITHDRAWN", "EXIT_LOST", "STAGE_COMPLETED", "DEATH"})


@dataclass(frozen=True)
class Choice:
    """What somebody chose to see; anything unreadable is the usual."""

    axis: str = "days"
    period: str = "whole"
    shown: frozenset[Lane] = frozenset(Lane)


@dataclass(frozen=True)
class TickView:
    """A day or a date at the axis."""

    x: int
    text: str


@dataclass(frozen=True)
class BarView:
    """Something that lasts; `text` is empty where it does not fit."""

    x: int
    y: int
    width: int
    text: str
    title: str
    kind: str


@dataclass(frozen=True)
class MarkView:
    """One event."""

    x: int
    y: int
    title: str


@dataclass(frozen=True)
class LaneView:
    """One lane: its drawing, empty where nothing of it lies in the period, and its list."""

    key: str
    label: str
    height: int
    bars: tuple[BarView, ...]
    marks: tuple[MarkView, ...]
    rows: tuple[TimelineRow, ...]
    undated: int
    open: bool


@dataclass(frozen=True)
class SwimlanePage:
    """The page."""

    ticks: tuple[TickView, ...]
    grid: str
    zero: int | None
    lanes: tuple[LaneView, ...]
    first: date
    last: date


@dataclass(frozen=True)
class _Scale:
    """Days as pixels."""

    first: date
    last: date

    def x(self, on: date) -> int:
        """Where a day begins, inside of the drawing."""
        days = (self.last - self.first).days + 1
        return max(0, min(WIDTH, round((on - self.first).days * WIDTH / days)))


def swimlane_page(rows: Sequence[TimelineEntry], choice: Choice, today: date) -> SwimlanePage:
    """The lanes of one course; `today` is a local date of its centre."""
    infused_on = next((r.sort_date for r in rows if r.event_code == "INFUSION"), None)
    until = _until(rows, today)
    scale = _period(rows, choice.period, infused_on, until)
    drawn = [one for one in lanes(map(_event, rows), until) if one.lane in choice.shown]
    ticks = _ticks(scale, choice.axis, infused_on)
    return SwimlanePage(
        ticks=ticks,
        grid="".join(f"M{tick.x} 0V1000" for tick in ticks),
        zero=scale.x(infused_on) if infused_on and _inside(infused_on, scale) else None,
        lanes=tuple(_lane(one, rows, scale) for one in drawn),
        first=scale.first,
        last=scale.last,
    )


def _event(row: TimelineEntry) -> Event:
    on = row.sort_date if row.date_precision == "day" else None
    about = row.label.partition(": ")[2]
    return Event(row.event_code, on, row.label, about, row.shown_value)


def _until(rows: Iterable[TimelineEntry], today: date) -> date:
    """Today; of a course that is over, the day on which it ended for the last time."""
    last = None
    for row in rows:
        if row.event_code in _ENDED or row.event_code.startswith("STAGE_"):
            last = row
    if last is None or last.event_code not in _ENDED:
        return today
    on = last.sort_date if last.date_precision == "day" else None
    return min(on or today, today)


def _period(
    rows: Sequence[TimelineEntry], period: str, infused_on: date | None, until: date
) -> _Scale:
    """The days that are drawn: without an infusion all of them, whatever was chosen."""
    dated = [r.sort_date for r in rows if r.date_precision == "day" and r.sort_date]
    enrolled = [r.sort_date for r in rows if r.event_code == "ENROL" and r.sort_date]
    first = min(enrolled or dated or [until])
    if infused_on is None or period == "whole":
        return _Scale(first, max(first, until))
    month = infused_on + timedelta(days=_ACUTE)
    if period == "before":
        return _Scale(min(first, infused_on), infused_on)
    if period == "acute":
        return _Scale(infused_on, month)
    return _Scale(month, max(month, until))


def _inside(on: date, scale: _Scale) -> bool:
    return scale.first <= on <= scale.last


def _lane(drawn: Drawn, rows: Sequence[TimelineEntry], scale: _Scale) -> LaneView:
    bars = [
        _bar(bar, _top(track), scale)
        for track, found in enumerate(drawn.tracks)
        for bar in found
        if bar.first <= scale.last and scale.first < bar.after
    ]
    top = _top(len(drawn.tracks)) + MARK
    marks = [event for event in drawn.marks if event.on and _inside(event.on, scale)]
    bottom = top + MARK + GAP if marks else _top(len(drawn.tracks))
    return LaneView(
        key=drawn.lane.value,
        label=_(LANE_NAMES[drawn.lane]),
        height=bottom if bars or marks else 0,
        bars=tuple(bars),
        marks=tuple(MarkView(scale.x(e.on), top, _title(e)) for e in marks if e.on),
        rows=tuple(entry(row) for row in rows if lane_of(row.event_code) is drawn.lane),
        undated=drawn.undated,
        open=drawn.lane not in _FOLDED,
    )


def _top(track: int) -> int:
    return GAP + track * (BAR + GAP)


def _bar(bar: Bar, y: int, scale: _Scale) -> BarView:
    x = scale.x(bar.first)
    width = max(3, scale.x(min(bar.after, scale.last + timedelta(days=1))) - x)
    text = f"{bar.event.label} {bar.event.value}".strip()
    ends = {
        End.RECORDED: day_text(bar.last) if bar.last else "",
        End.ONGOING: _("no end recorded"),
        End.UNKNOWN: _("ended, the day is not known"),
    }
    fits = width > _LETTER * len(text)
    title = f"{text}: {day_text(bar.first)} – {ends[bar.end]}"
    return BarView(x, y, width, text if fits else "", title, bar.end.value)


def _title(event: Event) -> str:
    on = day_text(event.on) if event.on else ""
    return f"{event.label} {event.value}: {on}" if event.value else f"{event.label}: {on}"


def _ticks(scale: _Scale, axis: str, infused_on: date | None) -> tuple[TickView, ...]:
    """Round days from day 0, or first days of months; days need a day 0."""
    if axis == "days" and infused_on is not None:
        return tuple(_day_ticks(scale, infused_on))
    return tuple(_date_ticks(scale))


def _step(scale: _Scale) -> int:
    length = (scale.last - scale.first).days + 1
    return next((step for step in _STEPS if length <= step * _TICKS), _STEPS[-1])


def _day_ticks(scale: _Scale, infused_on: date) -> Iterator[TickView]:
    step, first = _step(scale), (scale.first - infused_on).days
    for day in range(first + -first % step, (scale.last - infused_on).days + 1, step):
        text = signed(day)
        yield TickView(scale.x(infused_on + timedelta(days=day)), text)


def _date_ticks(scale: _Scale) -> Iterator[TickView]:
    for day in range(0, (scale.last - scale.first).days + 1, _step(scale)):
        on = scale.first + timedelta(days=day)
        yield TickView(scale.x(on), day_text(on))
