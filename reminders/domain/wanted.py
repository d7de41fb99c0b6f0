"""What an item asks for: its kind, its anchor and the facts of the chart give dated things to do.

Source of every rule: the protocol's `[schedule]`; nothing is decided here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import zip_longest
from types import MappingProxyType

from reminders.domain.facts import (
    EXTRAMEDULLARY,
    HBV_EXPOSED,
    PH_POSITIVE,
    ScheduleFacts,
    in_both,
    recoveries,
    runs_below,
)
from reminders.domain.items import REPEATED, TASK, Kind, Schedule, ScheduleItem, Trigger
from reminders.domain.levels import Level, Span, SpanUnit
from reminders.domain.schedule import (
    NOTHING_DONE,
    NOTHING_SKIPPED,
    Done,
    DueItem,
    Skipped,
    counted,
    due_item,
    expand,
)
from terms.words import Bilingual

_DAY = timedelta(days=1)
_NEXT_DAY = Span(1, SpanUnit.DAYS)
# What a value triggers is called by the day of that value, so that neither a corrected value nor a
# moved anchor gives a date the name of another. Two names a day fill what a column holds in 44
# years; then they begin anew.
_FIRST_DAY, _DAYS_NAMED = date(2010, 1, 1), 16383


class Step(StrEnum):
    """What there is to do on a date of an item."""

    DO = "do"
    BEGIN = "begin"
    END = "end"  # to look at whether it may end


# What a task is called to who may not read its words.
_TASK = Bilingual("Task", "Compito")
_STEPS: Mapping[Step, Bilingual] = MappingProxyType(
    {
        Step.BEGIN: Bilingual("begin", "iniziare"),
        Step.END: Bilingual("may it end?", "si può smettere?"),
    }
)
# What is said beside an item of which nobody knows whether it is needed.
_UNSURE: Mapping[str, Bilingual] = MappingProxyType(
    {
        PH_POSITIVE: Bilingual(
            "if Philadelphia positive: not recorded", "se Philadelphia positivo: non registrato"
        ),
        EXTRAMEDULLARY: Bilingual(
            "if extramedullary disease: not recorded", "se malattia extramidollare: non registrata"
        ),
        HBV_EXPOSED: Bilingual(
            "if exposed to hepatitis B: not recorded", "se esposto all'epatite B: non registrato"
        ),
    }
)


def wanted(
    item: ScheduleItem,
    anchor: date,
    facts: ScheduleFacts,
    *,
    horizon: date,
    done: Done = NOTHING_DONE,
    skipped: Skipped = NOTHING_SKIPPED,
) -> tuple[DueItem, ...]:
    """Every due date of `item` counted from `anchor`, up to and including `horizon`.

    A condition that is known not to hold asks for nothing; one that nobody recorded does not take
    the item away, see `unsure`. Ordinals name a date for good, whatever the facts turn out to be.
    `done` says on which days those dates were done, `skipped` for which day others were due, for
    what is counted from the last one done.
    """
    if item.only_if is not None and facts.conditions.get(item.only_if.value) is False:
        return ()
    last = _last(item, anchor, facts)
    until = horizon if last is None else min(last, horizon)
    if item.kind is Kind.DATED:
        dates = expand(item, anchor, horizon=until, done=done, skipped=skipped)
        found: Iterable[DueItem] = _dated(item, anchor, facts, dates)
    else:
        found = _of_kind(item, anchor, facts, until)
    if item.outpatient is not None and item.outpatient.value:
        return tuple(due for due in found if not facts.in_hospital(due.due_on))
    return tuple(found)


def _of_kind(
    item: ScheduleItem, anchor: date, facts: ScheduleFacts, horizon: date
) -> Iterable[DueItem]:
    if item.kind is Kind.PERIOD:
        return _period(item, anchor, facts, horizon)
    if item.kind is Kind.TRIGGERED:
        return _asked_again(item, tuple(_triggered(item, anchor, facts, horizon)), horizon)
    return ()


def _last(item: ScheduleItem, anchor: date, facts: ScheduleFacts) -> date | None:
    """The last day on which the item may fall due, by the course's other anchors.

    What is done again begins anew: the dates of an earlier lymphodepletion end with the later one.
    """
    ends = [
        counted(on, (bound.offset.value,))
        for bound in item.not_after
        if (on := facts.first(bound.anchor.value)) is not None
    ]
    again = facts.next_after(item.anchor.value, anchor) if item.anchor.value in REPEATED else None
    return min((*ends, *(() if again is None else (again - _DAY,))), default=None)


def unsure(item: ScheduleItem, facts: ScheduleFacts) -> bool:
    """Whether nobody recorded what decides if the item is needed at all."""
    return item.only_if is not None and facts.conditions.get(item.only_if.value) is None


def step_of(item: ScheduleItem, ordinal: int) -> Step:
    """What there is to do on the date of an item that is called `ordinal`."""
    if item.kind is Kind.PERIOD:
        return Step.BEGIN if ordinal == 1 else Step.END
    if item.kind is Kind.TRIGGERED and item.stop is not None:
        begun = Step.BEGIN if item.review is None else Step.DO
        return begun if ordinal % 2 else Step.END
    return Step.DO


def label_of_date(item: ScheduleItem, ordinal: int, *, doubtful: bool) -> Bilingual:
    """What there is to do on a date: `Aciclovir: begin`, `PET-CT (if …: not recorded)`."""
    step = _STEPS.get(step_of(item, ordinal))
    doubt = _UNSURE.get(item.only_if.value) if doubtful and item.only_if is not None else None
    en, it = (
        label
        + (f": {step.in_language(code)}" if step else "")
        + (f" ({doubt.in_language(code)})" if doubt else "")
        for code, label in (("en", item.label.en), ("it", item.label.it))
    )
    return Bilingual(en, it)


def label_in(
    schedule: Schedule | None, code: str, ordinal: int, *, doubtful: bool, words: str = ""
) -> Bilingual:
    """What a reminder asks for: the item's label, the words typed for it, or both.

    By its code where there is no schedule that says more.
    """
    if code == TASK:
        return Bilingual(words, words) if words else _TASK
    if schedule is None:
        return Bilingual(code, code)
    try:
        label = label_of_date(schedule.item(code), ordinal, doubtful=doubtful)
    except KeyError:
        return Bilingual(code, code)  # not in this version
    return Bilingual(f"{label.en}: {words}", f"{label.it}: {words}") if words else label


def on_death(item: ScheduleItem, died_on: date) -> DueItem | None:
    """What a death asks for; None of an item that has nothing to do with it."""
    if item.trigger is not Trigger.DEATH:
        return None
    return due_item(item, 1, counted(died_on, (item.first_offset.value,)))


def _dated(
    item: ScheduleItem, anchor: date, facts: ScheduleFacts, dates: Iterable[DueItem]
) -> tuple[DueItem, ...]:
    found = tuple(_later(item, due, facts) for due in dates)
    first = due_item(item, 1, counted(anchor, (item.first_offset.value,)))
    kept = date.min if item.kept_until is None else counted(anchor, (item.kept_until.value,))
    # What was due before stays: somebody does it, or says why not. So does what is due from a fall
    # on; what would have been due in between does not come back with it.
    stopped: set[DueItem] = set()
    for reached, fallen in _stretches(item.stops, first.window_start, facts):
        within = [
            due
            for due in found
            if max(reached, kept) < due.due_on and (fallen is None or due.due_on < fallen)
        ]
        stopped.update(set(within).difference(_spaced(item, reached, within)))
    return tuple(due for due in found if due not in stopped)


def _spaced(item: ScheduleItem, reached: date, later: Sequence[DueItem]) -> Iterator[DueItem]:
    """What is left after a stop rule was reached: dates far enough from it and from each other."""
    if item.then_every is None:
        return
    last = reached
    for due in later:
        # A short month makes no date wait for the next one: it is near enough in its window.
        if due.window_end >= counted(last, (item.then_every.value,)):
            last = due.due_on
            yield due


def _period(
    item: ScheduleItem, anchor: date, facts: ScheduleFacts, horizon: date
) -> Iterator[DueItem]:
    first = due_item(item, 1, counted(anchor, (item.first_offset.value,)))
    if first.due_on <= horizon:
        yield first
    assert item.ends is not None, "a period has an end"
    start = anchor if item.ends_from is None else facts.first(item.ends_from.value)
    if start is None:  # what ends it is not even planned
        return
    reached = _reached(item.stops, anchor, facts)
    number = 0
    while True:
        due_on = counted(start, (item.ends.value, *_reviews(item, number)))
        if due_on > horizon:
            return
        yield due_item(item, number + 2, due_on)
        # Time alone does not end it where a value has to be reached too.
        if item.stop is None or (reached is not None and reached <= due_on):
            return
        number += 1


def _reviews(item: ScheduleItem, number: int) -> tuple[Span, ...]:
    if item.review is None or number == 0:
        return ()
    every = item.review.value
    return (replace(every, count=every.count * number),)


def _triggered(
    item: ScheduleItem, anchor: date, facts: ScheduleFacts, horizon: date
) -> Iterator[DueItem]:
    if item.low is None:  # a death, see `on_death`, or by hand
        return
    samples = facts.since(item.low.analyte.value, anchor)
    limit, over, row = item.low.below.value, Decimal(0), len(samples) + 1  # never over
    if item.stop is not None and item.stop.above is not None:
        over, row = item.stop.above.value, item.stop.samples.value
    earliest = anchor if item.earliest is None else counted(anchor, (item.earliest.value,))
    for began, ended in runs_below(samples, limit, over, row):
        begin = max(earliest, counted(began, (item.first_offset.value,)))
        if ended is not None and ended < begin:
            continue  # over before it could begin
        if begin <= horizon:
            yield due_item(item, _named(began), begin)
        if ended is not None and ended <= horizon:
            yield due_item(item, _named(ended) + 1, ended)


def _named(on: date) -> int:
    """The ordinal of what begins by a value of a day; its successor is of what may end by one."""
    return 2 * ((on - _FIRST_DAY).days % _DAYS_NAMED) + 1


def _asked_again(item: ScheduleItem, found: Sequence[DueItem], horizon: date) -> Iterator[DueItem]:
    """What a value triggered, and between its begin and its end the reviews while it stays low."""
    if item.review is None:
        yield from found
        return
    for due, later in zip_longest(found, found[1:]):
        yield due
        end = horizon + _DAY if later is None else later.due_on
        number = 1
        while due.ordinal % 2 and (on := counted(due.due_on, _reviews(item, number))) < end:
            yield due_item(item, _named(on), on)
            number += 1


def _later(item: ScheduleItem, due: DueItem, facts: ScheduleFacts) -> DueItem:
    """A date that neurotoxicity puts later: so long after its last day with signs."""
    if item.after_icans is None:
        return due
    ends = [counted(one.last, (item.after_icans.value,)) for one in facts.icans]
    return due_item(item, due.ordinal, max((due.due_on, *ends)))


def _reached(stops: Sequence[Level], anchor: date, facts: ScheduleFacts) -> date | None:
    """The day on which a stop rule was reached; None while it is not, or where there is none."""
    stretches = _stretches(stops, anchor, facts)
    return stretches[-1][0] if stretches and stretches[-1][1] is None else None


def _stretches(
    stops: Sequence[Level], since: date, facts: ScheduleFacts
) -> tuple[tuple[date, date | None], ...]:
    """From when to when every level of a stop rule was reached, by the samples `since` a day."""
    if not stops:
        return ()
    found = _stretches_of(stops[0], since, facts)
    for stop in stops[1:]:
        found = in_both(found, _stretches_of(stop, since, facts))
    return found


def _stretches_of(
    stop: Level, since: date, facts: ScheduleFacts
) -> tuple[tuple[date, date | None], ...]:
    apart = (_NEXT_DAY if stop.apart is None else stop.apart.value,)
    samples = facts.since(stop.analyte.value, since)
    return recoveries(samples, stop.fine, stop.samples.value, lambda on: counted(on, apart))
