"""Kaplan-Meier in exact fractions: a step at every day with an event, whom it counts, the median.

Somebody with an event at a time counts at risk at that time; somebody who is censored then does
too, and leaves after it: of an event and a censoring on one day the event comes first. An event or
a censoring on day 0 counts. Nobody is dropped: who has had no event yet is censored, never an
event.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Time:
    """How long one patient was followed, in days or another unit, and what ended it."""

    length: int
    event: bool  # False: censored


# Times one by one, or each with how many patients have it.
Times = Iterable[Time] | Mapping[Time, int]


@dataclass(frozen=True)
class Step:
    """One time with an event: who was at risk just before, and the part without an event after.

    The part is `kept` of `whole`, long as they come: to shorten each would take most of the time.
    """

    length: int
    at_risk: int
    events: int
    kept: int
    whole: int

    @property
    def surviving(self) -> Fraction:
        """The exact part."""
        return Fraction(self.kept, self.whole)


@dataclass(frozen=True)
class Estimate:
    """A curve said in numbers. `median` is None where it is not reached."""

    n: int
    events: int
    censored: int
    median: int | None
    longest: int | None  # the longest time anybody was followed
    longest_censored: int | None


def tallied(times: Times) -> Counter[Time]:
    """Each time with how many patients have it."""
    return Counter(times)


def steps(times: Times) -> Iterator[Step]:
    """The steps of the curve in the order of time, one at a time: of many they are long numbers.

    Raises ValueError for a time before 0.
    """
    happened: Counter[int] = Counter()
    left: Counter[int] = Counter()
    for one, number in tallied(times).items():
        if one.length < 0:
            raise ValueError("nobody is followed for less than no time")
        left[one.length] += number
        happened[one.length] += number * one.event
    at_risk = sum(left.values())
    kept = whole = 1
    staying = None  # after the step before: while nobody is censored, it cancels out
    for length in sorted(left):
        if happened[length]:
            kept = (kept if staying != at_risk else kept // at_risk) * (at_risk - happened[length])
            whole *= 1 if staying == at_risk else at_risk
            staying = at_risk - happened[length]
            yield Step(length, at_risk, happened[length], kept, whole)
        at_risk -= left[length]


def estimate(times: Times) -> Estimate:
    """The numbers of the curve.

    The median is the first time at which half or fewer are without an event: S <= 1/2. Where S is
    exactly 1/2 that time is taken, not the middle between it and the next event.
    """
    followed = tallied(times)
    median = next((step.length for step in steps(followed) if 2 * step.kept <= step.whole), None)
    events = sum(number for one, number in followed.items() if one.event)
    return Estimate(
        n=followed.total(),
        events=events,
        censored=followed.total() - events,
        median=median,
        longest=max((one.length for one in followed), default=None),
        longest_censored=max((one.length for one in followed if not one.event), default=None),
    )


def surviving_at(times: Times, lengths: Iterable[int]) -> tuple[Fraction | None, ...]:
    """The part without an event at each of `lengths`, in rising order, an event that day counted.

    None where nobody was followed that long: the curve says nothing of it then, unless it reached 0
    before.
    """
    followed = tallied(times)
    longest = max((one.length for one in followed), default=-1)
    found: list[Fraction | None] = []
    rest, last = steps(followed), None
    ahead = next(rest, None)
    for length in lengths:
        while ahead is not None and ahead.length <= length:
            last, ahead = ahead, next(rest, None)
        now = last.surviving if last is not None else Fraction(1)
        found.append(now if length <= longest or not now else None)
    return tuple(found)


def at_risk(times: Times, lengths: Iterable[int]) -> tuple[int, ...]:
    """How many are at risk just before each of some times: followed that long or longer."""
    followed = tallied(times).items()
    return tuple(sum(n for one, n in followed if one.length >= length) for length in lengths)
