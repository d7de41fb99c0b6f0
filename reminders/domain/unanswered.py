"""Which days of results in the chart may be those of a date that still waits."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Dated:
    """A date of an item: whether it waits, and on which day it was done."""

    due_on: date
    waits: bool
    took: date | None = None


def perhaps_done(own: Dated, dates: Sequence[Dated], days: Iterable[date]) -> Iterator[date]:
    """The `days`, in order, that no date took and that may be the one of `own`, which waits.

    A day is asked about at the dates on either side of it, unless the nearer of these is answered:
    then it was a second one of that.
    """
    taken = {one.took for one in dates}
    for day in sorted(set(days) - taken):
        before = max((one for one in dates if one.due_on <= day), key=_due, default=None)
        after = min((one for one in dates if one.due_on > day), key=_due, default=None)
        beside = [one for one in (before, after) if one is not None]
        if own in beside and min(beside, key=lambda one: abs(one.due_on - day)).waits:
            yield day


def perhaps_sampled(
    own: Dated, dates: Sequence[Dated], days: Iterable[date], since: date
) -> Iterator[date]:
    """Of the `days` of samples at most the one nearest to `own`, as `perhaps_done` finds them.

    Samples are taken often: one nearer to the day that dates are counted from than to the first of
    these was how things stood then.
    """
    found = perhaps_done(own, (*dates, Dated(since, waits=False)), days)
    nearest = min(found, key=lambda day: abs(own.due_on - day), default=None)
    if nearest is not None:
        yield nearest


def _due(one: Dated) -> date:
    return one.due_on
