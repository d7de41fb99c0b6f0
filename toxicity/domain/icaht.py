"""Haematotoxicity after CAR-T cells (ICAHT), early and late: of neutrophils only.

Source: Rejeski K et al. Blood 2023;142:865-877; durations as in the published implementation of
Liang EC (2024), without its rounding. Counts are cells per microlitre.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from terms.words import N_
from toxicity.domain.daily import Run, Sample, cumulative, filled, longest, lowest_by_day, runs
from toxicity.domain.grading import Driver, Grading, Status, Warning

RULE_VERSION = "icaht-ehaebmt-2023.1"
EARLY_LAST_DAY = 30
NEVER_RECOVERED_FROM = 3  # a run that begins by this day and never ends is grade 4
_LATE_BANDS = ((100, 4), (500, 3), (1000, 2), (1500, 1))


@dataclass(frozen=True)
class Course:
    """What ends the counting; `as_of` is today, or the last day of follow-up."""

    infused_on: date
    as_of: date
    died_on: date | None = None
    progressed_on: date | None = None
    next_therapy_on: date | None = None

    def last_day(self, most: int, *, censored: bool) -> int:
        """The last day of a window of `most` days; `censored` by progression and next therapy."""
        ends = [self.infused_on + timedelta(days=most), self.as_of, self.died_on]
        if censored:
            ends += [self.progressed_on, self.next_therapy_on]
        return (min(end for end in ends if end is not None) - self.infused_on).days

    def over(self, most: int, *, censored: bool) -> bool:
        """Whether nothing more can come into a window of `most` days."""
        ends = [self.died_on, *((self.progressed_on, self.next_therapy_on) if censored else ())]
        ended = any(end is not None and end <= self.as_of for end in ends)
        return ended or self.as_of >= self.infused_on + timedelta(days=most)


@dataclass(frozen=True)
class Counted:
    """Days at or below 500 and 100, counted one way, and the grade that they give."""

    days_500: int
    days_100: int
    grade: int | None


@dataclass(frozen=True)
class EarlyIcaht:
    """Early ICAHT both ways; a report uses one of them and never mixes."""

    longest: Counted
    cumulative: Counted
    grading: Grading


def early_icaht(samples: Iterable[Sample], course: Course) -> EarlyIcaht:
    """ICAHT of days 0 to 30, provisional until day 30 or death.

    Counted are the days at or below the threshold; a recovery of at most two days is bridged and
    counts. Raises ValueError where today lies before the infusion.
    """
    last = course.last_day(EARLY_LAST_DAY, censored=False)
    if last < 0:
        raise ValueError("nothing is graded before the infusion")
    values = filled(lowest_by_day(samples, course.infused_on, 0, last), 0, last)
    if not values:
        nothing = Counted(0, 0, None)
        grading = Grading(None, Status.NOT_GRADEABLE, RULE_VERSION, (), _gaps(values, last))
        return EarlyIcaht(nothing, nothing, grading)
    low, deep = runs(values, lambda v: v <= 500), runs(values, lambda v: v <= 100)
    over = course.over(EARLY_LAST_DAY, censored=False)
    never = over and _never_recovered(low, values)
    ways = [
        Counted(count(low), count(deep), 4 if never else grade_of_days(count(low), count(deep)))
        for count in (longest, cumulative)
    ]
    grade = ways[0].grade or 0
    known = set(range(last + 1)) <= values.keys()
    status = Status.FINAL if over and known else Status.PROVISIONAL
    if not grade and not known:  # the unknown days may have been low
        unknown = [replace(way, grade=None) for way in ways]
        grading = Grading(None, Status.NOT_GRADEABLE, RULE_VERSION, (), _gaps(values, last))
        return EarlyIcaht(unknown[0], unknown[1], grading)
    drivers = _drivers(ways[0], grade, never=never)
    grading = Grading(grade, status, RULE_VERSION, drivers, _gaps(values, last))
    return EarlyIcaht(ways[0], ways[1], grading)


def grade_of_days(days_500: int, days_100: int) -> int:
    """The grade that so many days at or below 500 and 100 cells per microlitre give."""
    if days_100 >= 14 or days_500 >= 31:
        return 4
    if days_100 >= 7 or days_500 >= 14:
        return 3
    if days_500 >= 7:
        return 2
    return 1 if days_500 else 0


def late_icaht(
    samples: Iterable[Sample], course: Course, *, until: int = 100, confirmed: bool = False
) -> Grading:
    """ICAHT from day 31 to day `until`: the lowest value, where a second one bears it out.

    A second-lowest value above 1500 makes it transient, grade 0; a value alone is graded and said
    to be unconfirmed. With `confirmed` the second-lowest gives the grade.
    """
    values = late_values(samples, course, until=until)
    if not values:
        return Grading(None, Status.NOT_GRADEABLE, RULE_VERSION)
    if len(values) == 1:
        grade = band(values[0])
        alone = Warning("unconfirmed", N_("Only one value: another one confirms it."))
        return Grading(grade, Status.PROVISIONAL, RULE_VERSION, _late(grade), (alone,))
    transient = values[1] > _LATE_BANDS[-1][0]
    grade = 0 if transient else band(values[1] if confirmed else values[0])
    over = course.over(until, censored=True)
    status = Status.FINAL if over else Status.PROVISIONAL
    return Grading(grade, status, RULE_VERSION, _late(grade))


def late_values(
    samples: Iterable[Sample], course: Course, *, until: int = 100
) -> tuple[Fraction, ...]:
    """The lowest count of each day from day 31 to day `until`, the lowest first."""
    last = course.last_day(until, censored=True)
    found = lowest_by_day(samples, course.infused_on, EARLY_LAST_DAY + 1, last)
    return tuple(sorted(found.values()))


def band(value: Fraction) -> int:
    """The late grade of one count."""
    return next((grade for limit, grade in _LATE_BANDS if value <= limit), 0)


def _never_recovered(low: tuple[Run, ...], values: Mapping[int, Fraction]) -> bool:
    """Whether a run begins by day 3 and lasts to the last day that is known."""
    if not low:
        return False
    return low[-1].first <= NEVER_RECOVERED_FROM and low[-1].last == max(values)


def _drivers(counted: Counted, grade: int, *, never: bool) -> tuple[Driver, ...]:
    if not grade:
        return ()
    if never:
        return (Driver("never_recovered", grade),)
    deep = grade_of_days(0, counted.days_100)
    return (Driver("days_100" if deep == grade else "days_500", grade),)


def _late(grade: int) -> tuple[Driver, ...]:
    return (Driver("nadir", grade),) if grade else ()


def _gaps(values: Mapping[int, Fraction], last: int) -> tuple[Warning, ...]:
    missing = [day for day in range(last + 1) if day not in values]
    if not missing:
        return ()
    message = N_("%(days)s days without a count, which are not counted as low.")
    return (Warning("days_missing", message, {"days": len(missing)}),)
