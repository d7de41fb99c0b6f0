"""A blood count day by day from samples: the lowest of a day, short gaps filled, runs of days.

Source: the published R implementation of ICAHT (Liang EC, Fred Hutch, 2024), without its rounding.
Days are counted from the infusion, day 0.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise

GAP_DAYS = 7  # a run of missing days up to this is filled; a longer one is unknown
BRIDGED_DAYS = 2  # a recovery up to this does not end a run


@dataclass(frozen=True)
class Sample:
    """One count on a day, in the unit of its scale."""

    on: date
    value: Fraction


@dataclass(frozen=True)
class Run:
    """Days in a row below a threshold, first and last included; short recoveries count with it."""

    first: int
    last: int

    @property
    def days(self) -> int:
        """How many days it is."""
        return self.last - self.first + 1


def lowest_by_day(
    samples: Iterable[Sample], day_zero: date, first: int, last: int
) -> dict[int, Fraction]:
    """The lowest value of each day from `first` to `last` on which something was measured."""
    found: dict[int, Fraction] = {}
    for sample in samples:
        day = (sample.on - day_zero).days
        if first <= day <= last:
            found[day] = min(sample.value, found.get(day, sample.value))
    return found


def filled(measured: Mapping[int, Fraction], first: int, last: int) -> dict[int, Fraction]:
    """Each day from `first` to `last`, gaps of at most GAP_DAYS filled, longer ones left out.

    Between two values the gap is filled on the straight line; at either end with the nearest.
    """
    days = sorted(measured)
    if not days:
        return {}
    found = dict(measured)
    for before, after in pairwise(days):
        missing = after - before - 1
        if missing <= GAP_DAYS:
            step = (measured[after] - measured[before]) / (missing + 1)
            found |= {before + n: measured[before] + n * step for n in range(1, missing + 1)}
    if days[0] - first <= GAP_DAYS:
        found |= dict.fromkeys(range(first, days[0]), measured[days[0]])
    if last - days[-1] <= GAP_DAYS:
        found |= dict.fromkeys(range(days[-1] + 1, last + 1), measured[days[-1]])
    return found


def runs(values: Mapping[int, Fraction], below: Callable[[Fraction], bool]) -> tuple[Run, ...]:
    """The runs of days that are `below`, joined over recoveries of at most BRIDGED_DAYS.

    A day that nobody knows is no recovery and no day of a run: it ends it.
    """
    found: list[Run] = []
    for day in sorted(values):
        if not below(values[day]):
            continue
        between = range(found[-1].last + 1, day) if found else range(0)
        joined = found and len(between) <= BRIDGED_DAYS and all(d in values for d in between)
        if joined:
            found[-1] = Run(found[-1].first, day)
        else:
            found.append(Run(day, day))
    return tuple(found)


def longest(found: Iterable[Run]) -> int:
    """The days of the longest run; 0 without any."""
    return max((run.days for run in found), default=0)


def cumulative(found: Iterable[Run]) -> int:
    """The days of all runs together."""
    return sum(run.days for run in found)
