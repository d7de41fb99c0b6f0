"""From an anchor and a schedule item to due dates: on a fixed grid, or from the last one done."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from types import MappingProxyType

from reminders.domain.items import ScheduleItem
from reminders.domain.levels import Span, SpanUnit
from terms.day_numbers import add_months

# How many repeats a phase has is counted from this date for everybody. Counted from the anchor,
# 28 February would give one repeat more than 1 March, and moving an anchor would renumber.
_REFERENCE = date(2001, 1, 1)

Spans = tuple[Span, ...]
# On which day the dates of an item, by their ordinals, were done.
Done = Mapping[int, date]
NOTHING_DONE: Done = MappingProxyType({})
# For which day the dates that were skipped were due when somebody skipped them.
Skipped = Mapping[int, date]
NOTHING_SKIPPED: Skipped = MappingProxyType({})


@dataclass(frozen=True)
class DueItem:
    """One due date of an item; `ordinal` counts from 1 and names it for good."""

    item_code: str
    ordinal: int
    due_on: date
    window_start: date
    window_end: date


def expand(
    item: ScheduleItem,
    anchor: date,
    *,
    horizon: date,
    done: Done = NOTHING_DONE,
    skipped: Skipped = NOTHING_SKIPPED,
) -> tuple[DueItem, ...]:
    """Every due date of `item` counted from `anchor`, up to and including `horizon`.

    The first is anchor + first offset. The k-th of the first phase is k repeats after that one,
    months clamped to their end; a later phase lies on the grid anchor + k repeats, after the end
    of the phase before. What `repeats_from` the last one done is on no grid: it looks at `done`,
    and at `skipped` for days that have passed with it.
    Raises `OverflowError` outside the calendar.
    """
    if item.from_last_done:
        return tuple(_from_last_done(item, anchor, horizon, done, skipped))
    found: list[DueItem] = []
    for ordinal, spans in enumerate(_steps(item), start=1):
        due_on = counted(anchor, spans)
        if due_on > horizon:
            break
        if found and due_on <= found[-1].due_on:
            continue  # a short month folds the end of one phase over the start of the next
        found.append(due_item(item, ordinal, due_on))
    return tuple(found)


def _from_last_done(
    item: ScheduleItem, anchor: date, horizon: date, done: Done, skipped: Skipped
) -> Iterator[DueItem]:
    """Each date after the day on which the last one was done, else after the due date before it.

    What is not done holds nothing up. None follows the end of the last phase, counted from the
    anchor: what was done late takes the place of a date that would have come after it. Who skipped
    one skipped its day: where one before it was done late, the next one takes its place.
    """
    known, last = max((*done, *skipped), default=0), date.min
    start, ordinal = anchor, 1
    spans: Spans = (item.first_offset.value,)
    while (due_on := counted(start, spans)) <= horizon or ordinal <= known:
        if due_on <= horizon:
            yield due_item(item, ordinal, due_on)
        if ordinal in done:
            last = max(last, done[ordinal])
            start, spans = last, ()
        elif last > date.min and _passed(item, skipped.get(ordinal), last, due_on):
            if not item.phases and ordinal == len(item.offsets):
                return
            ordinal += 1
            continue
        gap = _gap_after(item, anchor, ordinal, (start, spans))
        if gap is None:
            return
        spans, ordinal = _longer(spans, gap), ordinal + 1


def _passed(item: ScheduleItem, skipped_for: date | None, last: date, due_on: date) -> bool:
    """Whether what was skipped was another day than the one that it would fall on by now."""
    if skipped_for is None:
        return False
    return last >= skipped_for or overdue(due_item(item, 1, skipped_for).window_end, due_on)


def _gap_after(
    item: ScheduleItem, anchor: date, ordinal: int, stands: tuple[date, Spans]
) -> Span | None:
    """How long after a date the next one comes; None when it was the last."""
    named, (start, spans) = item.offsets, stands
    if ordinal < len(named):
        return Span(named[ordinal].count - named[ordinal - 1].count, named[0].unit)
    for phase in item.phases:
        every = phase.every.value
        if counted(start, _longer(spans, every)) <= counted(anchor, (phase.until.value,)):
            return every
    return None


def _longer(spans: Spans, gap: Span) -> Spans:
    """Spans with one more; of one unit they are summed, so that months clamp once."""
    if spans and spans[-1].unit is gap.unit:
        return (*spans[:-1], Span(spans[-1].count + gap.count, gap.unit))
    return (*spans, gap)


def overdue(window_end: date, on: date) -> bool:
    """Whether `on` is past the end of a window: the one meaning of overdue."""
    return on > window_end


def due_item(item: ScheduleItem, ordinal: int, due_on: date) -> DueItem:
    """A date of an item with the window around it."""
    return DueItem(
        item_code=item.code,
        ordinal=ordinal,
        due_on=due_on,
        window_start=due_on - timedelta(days=item.window_before.value),
        window_end=due_on + timedelta(days=item.window_after.value),
    )


def _steps(item: ScheduleItem) -> Iterator[Spans]:
    """What is added to the anchor for each ordinal, the same for every anchor."""
    first = (item.first_offset.value,)
    yield first
    for further in item.further:
        yield (further.value,)
    if not item.phases:
        return
    yield from _repeats(first, item.phases[0].every.value, None, item.phases[0].until.value)
    for before, phase in pairwise(item.phases):
        yield from _repeats((), phase.every.value, before.until.value, phase.until.value)


def _repeats(start: Spans, every: Span, after: Span | None, until: Span) -> Iterator[Spans]:
    low = _REFERENCE if after is None else counted(_REFERENCE, (after,))
    high = counted(_REFERENCE, (until,))
    count = 1
    while (on := counted(_REFERENCE, spans := (*start, _times(every, count)))) <= high:
        if after is None or on > low:
            yield spans
        count += 1


def _times(span: Span, count: int) -> Span:
    return Span(span.count * count, span.unit)


def counted(anchor: date, spans: Spans) -> date:
    """Add days, then months, from the anchor; spans of one unit are summed before clamping."""
    if len(spans) > 1 and len({span.unit for span in spans}) == 1:
        spans = (Span(sum(span.count for span in spans), spans[0].unit),)
    for span in spans:
        if span.unit is SpanUnit.MONTHS:
            anchor = add_months(anchor, span.count)
        else:
            anchor += timedelta(days=span.count)
    return anchor
