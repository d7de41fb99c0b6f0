"""What the scores of a chart share: what is known of a course, and what each score answers."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from terms.words import N_
from toxicity.domain.chart_values import (
    Result,
    Taken,
    Unused,
    Why,
    decides,
    nearest,
    of_analyte,
)
from toxicity.domain.daily import Sample
from toxicity.domain.grading import Driver, Grading, Status, Warning


class State(StrEnum):
    """Why a part of a score says something, or nothing. Nothing is never 0."""

    SAID = "said"
    NOT_RECORDED = "not_recorded"  # no value that could be counted
    FUTURE = "future"  # its days are still to come
    ENDED = "ended"  # the counting ended before its first day


@dataclass(frozen=True)
class InfectionKnown:
    """An infection, as the prompt about immunoglobulins counts it."""

    began_on: date
    bacterial: bool | None  # None where no organism was found or named
    severity: int | None


@dataclass(frozen=True)
class CourseKnown:
    """What the chart knows of a course besides results. `unclear` facts have no exact day."""

    today: date
    infused_on: date | None = None
    depleted_on: date | None = None
    died_on: date | None = None
    progressed_on: date | None = None
    next_therapy_on: date | None = None
    unclear: tuple[str, ...] = ()  # progression, next_therapy
    growth_factors: tuple[date, ...] = ()
    immunoglobulins: tuple[date, ...] = ()
    platelets: tuple[date, ...] = ()  # transfused
    infections: tuple[InfectionKnown, ...] = ()

    @property
    def until(self) -> date:
        """The last day of which anything can be known: today, or the death."""
        return min(self.today, self.died_on or self.today)


Figure = int | Decimal | date | str | bool | None


@dataclass(frozen=True)
class Part:
    """One answer of a score: early, late, the latest; `found` is what its words are made of."""

    code: str
    state: State = State.SAID
    status: Status | None = None  # None where nothing is said
    grade: int | None = None
    figures: Mapping[str, Figure] = field(default_factory=dict)
    drivers: tuple[Driver, ...] = ()
    warnings: tuple[Warning, ...] = ()
    missing: tuple[str, ...] = ()  # inputs, by the names of the scales
    found: Any = None


@dataclass(frozen=True)
class Score:
    """A score with everything it rests on."""

    code: str
    parts: tuple[Part, ...]
    used: tuple[Taken, ...]
    unused: tuple[Unused, ...]
    rule_version: str


@dataclass(frozen=True)
class Series:
    """The counts of some days; `blurred` where one of them could not be used or could be lower."""

    samples: tuple[Sample, ...]
    used: tuple[Taken, ...]
    unused: tuple[Unused, ...]
    blurred: bool


def series(
    results: Iterable[Result],
    analyte: str,
    first: date,
    last: date,
    *,
    low: Callable[[Decimal], object],
    deep: Callable[[Decimal], object],
) -> Series:
    """The values of an analyte from `first` to `last`.

    A limit counts where it says whether the value is `low`; where it does not say how low, by
    `deep`, the value could be worse than it counts. A limit that does not even say that is unused.
    """
    used: list[Taken] = []
    unused: list[Unused] = []
    blurred = False
    for one in of_analyte(results, analyte):
        on = one.result.on
        if on is not None and not first <= on <= last:
            continue
        if isinstance(one, Taken) and not decides(one, low):
            one = Unused(one.result, Why.LIMIT)
        if isinstance(one, Taken):
            used.append(one)
            blurred = blurred or not decides(one, deep)
        else:
            unused.append(one)
            blurred = blurred or on is not None
    samples = tuple(Sample(one.on, Fraction(nearest(one))) for one in used)
    return Series(samples, tuple(used), tuple(unused), blurred)


def held(grading: Grading, counts: Series) -> Grading:
    """A grade that is no firmer than the values that could not be counted leave it."""
    if not counts.blurred:
        return grading
    message = N_("Some values could not be counted, or only as a limit: it could be worse.")
    warnings = (*grading.warnings, Warning("values_unclear", message))
    if not grading.grade:
        return replace(grading, grade=None, status=Status.NOT_GRADEABLE, drivers=(),
                       warnings=warnings)  # fmt: skip
    return replace(grading, status=Status.PROVISIONAL, warnings=warnings)


def unclear_ends(grading: Grading, known: CourseKnown) -> Grading:
    """A grade that is not final while an event that ends the counting has no exact day."""
    if not known.unclear or grading.grade is None:
        return grading
    message = N_("A relapse or a next treatment has no exact day: it does not end the counting.")
    warnings = (*grading.warnings, Warning("end_unclear", message))
    return replace(grading, status=Status.PROVISIONAL, warnings=warnings)


def graded(code: str, grading: Grading, counts: Series, **figures: int | None) -> Part:
    """A part from a grade; without a value that counts it says that none is recorded."""
    state = State.SAID if counts.samples else State.NOT_RECORDED
    return Part(
        code, state, grading.status, grading.grade, figures, grading.drivers, grading.warnings
    )


def day_after(start: date, days: int) -> date:
    """So many days later."""
    return start + timedelta(days=days)
