"""Blood counts of a chart after the infusion: ICAHT, T-ICAHT and the days of neutropenia."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from terms.words import N_
from toxicity.domain.chart_values import Result, decides, latest_within, nearest
from toxicity.domain.grading import Driver, Grading, Status, Warning
from toxicity.domain.icaht import (
    EARLY_LAST_DAY,
    Course,
    band,
    early_icaht,
    late_icaht,
    late_values,
)
from toxicity.domain.icaht import RULE_VERSION as ICAHT_VERSION
from toxicity.domain.neutropenia import RULE_VERSION as NEUTROPENIA_VERSION
from toxicity.domain.neutropenia import SEVERE, ctcae_grade, neutropenic_days
from toxicity.domain.score_rules import SECOND_LOWEST, ScoreRules
from toxicity.domain.scores import (
    CourseKnown,
    Figure,
    Part,
    Score,
    Series,
    State,
    day_after,
    graded,
    held,
    series,
    unclear_ends,
)
from toxicity.domain.t_icaht import LATE_LAST_DAY, days_below, early_t_icaht, late_t_icaht
from toxicity.domain.t_icaht import RULE_VERSION as T_ICAHT_VERSION


def icaht_score(results: Iterable[Result], known: CourseKnown, rules: ScoreRules) -> Score:
    """Early and late ICAHT of the neutrophils on record."""
    if known.infused_on is None:
        return Score("icaht", _to_come("early", "late"), (), (), ICAHT_VERSION)
    rows, course = tuple(results), _course(known)
    first = day_after(course.infused_on, EARLY_LAST_DAY + 1)
    early = series(rows, "ANC", course.infused_on, min(known.until, day_after(first, -1)),
                   low=lambda v: v <= 500, deep=lambda v: v <= 100)  # fmt: skip
    until = rules.late_until_day.value
    last = day_after(course.infused_on, course.last_day(until, censored=True))
    late = series(rows, "ANC", first, last, low=lambda v: v <= 1500, deep=lambda v: _band(v))
    parts = (_early_icaht(early, course, known), _late_icaht(late, course, known, rules))
    return _score("icaht", parts, (early, late), ICAHT_VERSION)


def _band(value: Decimal) -> int:
    return band(Fraction(value))


def _early_icaht(counts: Series, course: Course, known: CourseKnown) -> Part:
    found = early_icaht(counts.samples, course)
    grading = held(found.grading, counts)
    part = graded(
        "early", replace(grading, warnings=(*grading.warnings, *_growth_factors(known))), counts,
        days_500=found.longest.days_500, days_100=found.longest.days_100,
        cumulative_days_500=found.cumulative.days_500,
        cumulative_days_100=found.cumulative.days_100, cumulative_grade=found.cumulative.grade,
    )  # fmt: skip
    shown = replace(found, grading=grading)
    return replace(part, found=shown) if counts.samples else replace(part, figures={})


def _late_icaht(counts: Series, course: Course, known: CourseKnown, rules: ScoreRules) -> Part:
    waiting = _before_late(course, known)
    if waiting is not None:
        return waiting
    until = rules.late_until_day.value
    confirmed = rules.late_way.value == SECOND_LOWEST
    grading = late_icaht(counts.samples, course, until=until, confirmed=confirmed)
    grading = unclear_ends(held(grading, counts), known)
    values = late_values(counts.samples, course, until=until)
    return replace(graded("late", grading, counts), found=values)


def t_icaht_score(results: Iterable[Result], known: CourseKnown) -> Score:
    """Early and late T-ICAHT of the platelets on record; transfusions are noted beside them."""
    if known.infused_on is None:
        return Score("t_icaht", _to_come("early", "late"), (), (), T_ICAHT_VERSION)
    rows, course = tuple(results), _course(known)
    start = course.infused_on
    ends = [
        day_after(start, course.last_day(most, censored=True))
        for most in (EARLY_LAST_DAY, LATE_LAST_DAY)
    ]
    first = day_after(start, EARLY_LAST_DAY + 1)
    early = series(rows, "PLT", start, ends[0], low=lambda v: v < 50, deep=lambda v: v < 20)
    late = series(rows, "PLT", first, ends[1], low=lambda v: v < 100,
                  deep=lambda v: (v < 50, v < 20))  # fmt: skip
    parts = (_early_t_icaht(early, course, known), _late_t_icaht(late, course, known))
    return _score("t_icaht", parts, (early, late), T_ICAHT_VERSION)


def _early_t_icaht(counts: Series, course: Course, known: CourseKnown) -> Part:
    grading = unclear_ends(held(early_t_icaht(counts.samples, course), counts), known)
    days = {limit: days_below(counts.samples, course, limit) for limit in (50, 20)}
    return _platelets("early", grading, counts, days, known)


def _late_t_icaht(counts: Series, course: Course, known: CourseKnown) -> Part:
    waiting = _before_late(course, known)
    if waiting is not None:
        return waiting
    grading = unclear_ends(held(late_t_icaht(counts.samples, course), counts), known)
    days = {limit: days_below(counts.samples, course, limit, late=True) for limit in (100, 50, 20)}
    return _platelets("late", grading, counts, days, known)


def _platelets(
    code: str, grading: Grading, counts: Series, days: Mapping[int, int], known: CourseKnown
) -> Part:
    grading = replace(grading, warnings=(*grading.warnings, _transfusions(known)))
    figures = {f"days_{limit}": number for limit, number in days.items()}
    part = graded(code, grading, counts, **figures if counts.samples else {})
    return replace(part, found=tuple(days.items()))


def neutropenia_score(
    results: Iterable[Result], known: CourseKnown, rules: ScoreRules, lower_limit: Decimal | None
) -> Score:
    """Days with neutrophils below 500, between how many they lie, and the grade of the latest."""
    if known.infused_on is None:
        return Score("neutropenia", _to_come("days", "latest"), (), (), NEUTROPENIA_VERSION)
    rows, start = tuple(results), known.infused_on
    end = day_after(start, rules.neutropenia_until_day.value)
    counts = series(rows, "ANC", start, min(known.until, end),
                    low=lambda v: v < SEVERE, deep=lambda v: v < SEVERE)  # fmt: skip
    parts = (
        _neutropenic_days(counts, known, start, end),
        _latest_count(rows, known, start, lower_limit),
    )
    return _score("neutropenia", parts, (counts,), NEUTROPENIA_VERSION)


def _neutropenic_days(counts: Series, known: CourseKnown, start: date, end: date) -> Part:
    found = neutropenic_days(counts.samples, start, known.until, (end - start).days)
    if not counts.samples:
        return Part("days", State.NOT_RECORDED, Status.NOT_GRADEABLE)
    unread = len({one.result.on for one in counts.unused if one.result.on is not None})
    most = min(found.days + found.unknown + unread, (min(known.until, end) - start).days + 1)
    over = known.until >= end or known.died_on is not None
    firm = over and found.days == most
    figures: dict[str, Figure] = {
        "days": found.days,
        "days_most": most,
        "unknown": found.unknown,
        "until": min(known.until, end),
    }
    status = Status.FINAL if firm else Status.PROVISIONAL
    return Part("days", State.SAID, status, None, figures)


def _latest_count(
    rows: Iterable[Result], known: CourseKnown, start: date, lower_limit: Decimal | None
) -> Part:
    """The CTCAE grade of the latest count; without the laboratory's limit 0 and 1 are not told."""
    taken, unused = latest_within(rows, "ANC", start, known.until)
    if taken is None:
        state = State.SAID if unused and unused[0].result.on else State.NOT_RECORDED
        return Part("latest", state, Status.NOT_GRADEABLE)
    normal = lower_limit if lower_limit is not None else Decimal(0)
    grade: int | None = ctcae_grade(nearest(taken), normal)
    if not decides(taken, lambda v: ctcae_grade(v, normal)) or (lower_limit is None and not grade):
        grade = None
    status = Status.NOT_GRADEABLE if grade is None else Status.FINAL
    figures: dict[str, Figure] = {"anc": taken.value, "limit": taken.comparator, "on": taken.on}
    drivers = (Driver("anc", grade),) if grade else ()
    return Part("latest", State.SAID, status, grade, figures, drivers, found=taken)


def _course(known: CourseKnown) -> Course:
    assert known.infused_on is not None, "asked of infused courses only"
    return Course(
        known.infused_on, known.today, known.died_on, known.progressed_on, known.next_therapy_on
    )


def _before_late(course: Course, known: CourseKnown) -> Part | None:
    """What stands in the place of the late window before its first day."""
    if course.last_day(EARLY_LAST_DAY + 1, censored=True) > EARLY_LAST_DAY:
        return None
    ended = course.over(EARLY_LAST_DAY + 1, censored=True)
    return Part("late", State.ENDED if ended else State.FUTURE)


def _growth_factors(known: CourseKnown) -> tuple[Warning, ...]:
    days = set(known.growth_factors)
    if not days:
        return ()
    message = N_("G-CSF was given on %(days)s days: it is noted, and no count is left out for it.")
    return (Warning("growth_factors", message, {"days": len(days)}),)


def _transfusions(known: CourseKnown) -> Warning:
    """A count after a transfusion is higher than the marrow's own: it is said, not corrected."""
    start = _course(known).infused_on
    given = [on for on in known.platelets if on >= start]
    if not given:
        message = N_("No transfusion of platelets is recorded: a count after one would be higher.")
        return Warning("transfusions", message)
    message = N_(
        "Platelets were transfused on %(days)s days, last on %(on)s: counts after it are higher "
        "than the patient's own, and none is left out for it."
    )
    return Warning("transfusions", message, {"days": len(given), "on": max(given)})


def _to_come(*codes: str) -> tuple[Part, ...]:
    return tuple(Part(code, State.FUTURE) for code in codes)


def _score(code: str, parts: tuple[Part, ...], counts: Iterable[Series], version: str) -> Score:
    rows = tuple(counts)
    used = tuple(one for row in rows for one in row.used)
    # A value without a day is named once, whatever it was asked for.
    unused = tuple(dict.fromkeys(one for row in rows for one in row.unused))
    return Score(code, parts, used, unused, version)
