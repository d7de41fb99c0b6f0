"""Kaplan-Meier in exact fractions: a step at every day with an event, whom it counts, the median.

Somebody with an event at a time counts at risk at that time; somebody who is censored then does
too, and leaves after it: of an event and a censoring on one day the event comes first. An event or
a censoring on day 0 counts. Nobody is dropped: who has had no event yet is censored, never an
event.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Time:
    """How long one patient was followed, in days or another unit, and what ended it."""

    length: int
    event: bool  # False: censored


@dataclass(frozen=True)
class Step:
    """One time with an event: who was at risk just before, and the part without an event after."""

    length: int
    at_risk: int
    events: int
    surviving: Fraction


@dataclass(frozen=True)
class Estimate:
    """A curve said in numbers. `median` is None where it is not reached."""

    n: int
    events: int
    censored: int
    median: int | None
    longest: int | None  # the longest time anybody was followed
    longest_censored: int | None


def steps(times: Iterable[Time]) -> Iterator[Step]:
    """The steps of the curve in the order of time, one at a time: of many they are long numbers.

    Raises ValueError for a time before 0.
    """
    happened: Counter[int] = Counter()
    left: Counter[int] = Counter()
    for one in times:
        if one.length < 0:
            raise ValueError("nobody is followed for less than no time")
        left[one.length] += 1
        happened[one.length] += one.event
    at_risk, surviving = sum(left.values()), Fraction(1)
    for length in sorted(left):
        if happened[length]:
            surviving *= Fraction(at_risk - happened[length], at_risk)
            yield Step(length, at_risk, happened[length], surviving)
        at_risk -= left[length]


def estimate(times: Iterable[Time]) -> Estimate:
    """The numbers of the curve.

    The median is the first time at which half or fewer are without an event: S <= 1/2. Where S is
    exactly 1/2 that time is taken, not the middle between it and the next event.
    """
    followed = tuple(times)
    median = next((step.length for step in steps(followed) if step.surviving <= HALF), None)
    events = sum(one.event for one in followed)
    return Estimate(
        n=len(followed),
        events=events,
        censored=len(followed) - events,
        median=median,
        longest=max((one.length for one in followed), default=None),
        longest_censored=max((one.length for one in followed if not one.event), default=None),
    )


def surviving_at(times: Iterable[Time], lengths: Iterable[int]) -> tuple[Fraction | None, ...]:
    """The part without an event at each of `lengths`, in rising order, an event that day counted.

    None where nobody was followed that long: the curve says nothing of it then, unless it reached 0
    before.
    """
    followed = tuple(times)
    longest = max((one.length for one in followed), default=-1)
    found: list[Fraction | None] = []
    rest, now = steps(followed), Fraction(1)
    ahead = next(rest, None)
    for length in lengths:
        while ahead is not None and ahead.length <= length:
            now, ahead = ahead.surviving, next(rest, None)
        found.append(now if length <= longest or not now else None)
    return tuple(found)


def at_risk(times: Iterable[Time], lengths: Iterable[int]) -> tuple[int, ...]:
    """How many are at risk just before each of some times: followed that long or longer."""
    followed = tuple(times)
    return tuple(sum(one.length >= length for one in followed) for length in lengths)
