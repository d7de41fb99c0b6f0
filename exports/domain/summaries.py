"""A statistic of a cohort: how many values, how many missing and censored, the exact median."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from exports.domain.survival import Time, estimate

Exact = int | Fraction


@dataclass(frozen=True)
class Value:
    """What one patient gives to a statistic.

    `length` is None where it is missing: it should be there, and nobody knows it. `censored` is a
    length so far, of something that is not over. A patient whom the statistic does not concern
    gives none.
    """

    length: int | None
    censored: bool = False


MISSING = Value(None)
# What patients give one by one, or each with how many give it.
Values = Iterable[Value] | Mapping[Value, int]


@dataclass(frozen=True)
class Summary:
    """`n` values are known, `censored` ones of them only so far; `missing` are not among them.

    `median`, `low` and `high` are None where nothing says them. Where something is censored the
    median is Kaplan and Meier's; `low` and `high` are of what is over, and `longest_censored` says
    how long the longest goes on. Of a `suppressed` one what is too small to be told is None.
    """

    n: int | None
    missing: int
    censored: int | None
    median: Exact | None
    low: int | None
    high: int | None
    longest_censored: int | None = None
    suppressed: bool = False


def median_of(values: Iterable[int]) -> Exact | None:
    """The middle value, the mean of the two middle ones of an even number; None of nothing."""
    return _middle(Counter(values))


def _middle(tally: Mapping[int, int]) -> Exact | None:
    """The median of numbers that come so many times each."""
    number = sum(tally.values())
    if not number:
        return None
    low, high = _at(tally, (number - 1) // 2), _at(tally, number // 2)
    found = Fraction(low + high, 2)
    return int(found) if found.denominator == 1 else found


def _at(tally: Mapping[int, int], place: int) -> int:
    """The number at a place of all of them in order, the first being 0."""
    ordered = iter(sorted(tally))
    found = next(ordered)
    while place >= tally[found]:
        place -= tally[found]
        found = next(ordered)
    return found


def summary_of(values: Values) -> Summary:
    """The statistic of what each patient gives."""
    over: Counter[int] = Counter()
    running: Counter[int] = Counter()
    missing = 0
    for one, number in Counter(values).items():
        if one.length is None:
            missing += number
        else:
            (running if one.censored else over)[one.length] += number
    return Summary(
        n=over.total() + running.total(),
        missing=missing,
        censored=running.total(),
        median=_estimated(over, running) if running else _middle(over),
        low=min(over, default=None),
        high=max(over, default=None),
        longest_censored=max(running, default=None),
    )


def _estimated(over: Mapping[int, int], running: Mapping[int, int]) -> int | None:
    times = {Time(length, event=True): number for length, number in over.items()}
    times |= {Time(length, event=False): number for length, number in running.items()}
    return estimate(times).median


@dataclass(frozen=True)
class Proportion:
    """`part` of `of`; `missing` could not be told and are in neither.

    A `suppressed` one is so small that somebody could be known by it: `part` is None then.
    """

    part: int | None
    of: int
    missing: int = 0
    suppressed: bool = False

    @property
    def fraction(self) -> Fraction | None:
        """The exact part; None of nobody and of what is suppressed."""
        return Fraction(self.part, self.of) if self.part is not None and self.of else None


@dataclass(frozen=True)
class Total:
    """The sum of `n` values; `missing` are not among them. None of what is too small to be told."""

    sum: int | None
    n: int | None
    missing: int = 0
    suppressed: bool = False


def proportion_of(answers: Iterable[bool | None]) -> Proportion:
    """How many answers are yes of those that are known; None is not known."""
    told = tuple(answers)
    known = [answer for answer in told if answer is not None]
    return Proportion(sum(known), len(known), len(told) - len(known))


def suppressed(found: Proportion, least: int) -> Proportion:
    """The proportion as it may leave the centre.

    A number from 1 to below `least` is not told, nor one whose rest is so small: the rest could be
    counted from it. Nobody, and everybody of enough, tells of no single patient.
    """
    if found.part is None:
        return found
    small = any(0 < number < least for number in (found.part, found.of - found.part, found.of))
    return Proportion(None, found.of, found.missing, suppressed=True) if small else found


PER_100 = "per_100"  # the unit of things counted to a number of others: no part of them


@dataclass(frozen=True)
class Definition:
    """What a figure is called and how exactly it is counted; both are msgids."""

    code: str
    label: str
    text: str
    unit: str = ""  # days, months or years; empty for a proportion
