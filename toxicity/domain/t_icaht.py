"""Thrombocytopenia after CAR-T cells (T-ICAHT), early and late.

Source: Rejeski K et al. Blood 2025, doi 10.1182/blood.2025028833, table 1. Platelets in 10^9/L,
strictly below the thresholds; days are cumulative, a recovery of less than three days is none.
"""

from collections.abc import Callable, Iterable
from fractions import Fraction

from terms.words import N_
from toxicity.domain.daily import Sample, cumulative, filled, lowest_by_day, runs
from toxicity.domain.grading import Driver, Grading, Status, Warning
from toxicity.domain.icaht import EARLY_LAST_DAY, Course

RULE_VERSION = "t-icaht-2025.1"
LATE_LAST_DAY = 100


def early_t_icaht(samples: Iterable[Sample], course: Course) -> Grading:
    """T-ICAHT of days 0 to 30, provisional until the window is over."""
    return _graded(samples, course, 0, EARLY_LAST_DAY, _early_grade, confirm=False)


def late_t_icaht(samples: Iterable[Sample], course: Course) -> Grading:
    """T-ICAHT of days 31 to 100; a value alone is graded and said to be unconfirmed."""
    return _graded(samples, course, EARLY_LAST_DAY + 1, LATE_LAST_DAY, _late_grade, confirm=True)


def days_below(
    samples: Iterable[Sample], course: Course, threshold: int, *, late: bool = False
) -> int:
    """On how many days of a window platelets were below `threshold`, short recoveries included."""
    first, most = (EARLY_LAST_DAY + 1, LATE_LAST_DAY) if late else (0, EARLY_LAST_DAY)
    last = course.last_day(most, censored=True)
    return _days(
        filled(lowest_by_day(samples, course.infused_on, first, last), first, last), threshold
    )


def _early_grade(values: dict[int, Fraction]) -> int:
    days_50, days_20 = _days(values, 50), _days(values, 20)
    if days_20:
        return 4 if days_20 >= 14 else 3
    if days_50:
        return 2 if days_50 >= 7 else 1
    return 0


def _late_grade(values: dict[int, Fraction]) -> int:
    days_20 = _days(values, 20)
    if days_20:
        return 4 if days_20 >= 14 else 3
    if _days(values, 50):
        return 2
    return 1 if _days(values, 100) else 0


def _days(values: dict[int, Fraction], threshold: int) -> int:
    return cumulative(runs(values, lambda value: value < threshold))


def _graded(
    samples: Iterable[Sample],
    course: Course,
    first: int,
    most: int,
    grade_of: Callable[[dict[int, Fraction]], int],
    *,
    confirm: bool,
) -> Grading:
    last = course.last_day(most, censored=True)
    measured = lowest_by_day(samples, course.infused_on, first, last)
    if not measured:
        return Grading(None, Status.NOT_GRADEABLE, RULE_VERSION)
    over = course.over(most, censored=True)
    values = filled(measured, first, last)
    grade = grade_of(values)
    known = set(range(first, last + 1)) <= values.keys()
    warnings: tuple[Warning, ...] = ()
    if confirm and grade:
        low = sorted(measured.values())
        if len(low) == 1:
            warnings = (Warning("unconfirmed", N_("Only one value: another one confirms it.")),)
        elif low[1] >= 100:
            grade = 0  # transient
    if not grade and not known:
        return Grading(None, Status.NOT_GRADEABLE, RULE_VERSION)
    status = Status.FINAL if over and known and not warnings else Status.PROVISIONAL
    drivers = (Driver("platelets", grade),) if grade else ()
    return Grading(grade, status, RULE_VERSION, drivers, warnings)
