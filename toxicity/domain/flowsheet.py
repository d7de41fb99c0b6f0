"""The flowsheet day by day: what a cell says, and which kind of emptiness an empty one is.

Not recorded is never grade 0: a cell is 0 only where a check of that day found 0.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from toxicity.domain.amounts import Amount
from toxicity.domain.grading import Status


class Kind(StrEnum):
    """What a cell is. The last four are kinds of emptiness, each drawn and said differently."""

    GRADE = "grade"
    NOT_GRADEABLE = "not_gradeable"  # checked, and no grade: never 0
    GIVEN = "given"
    INFECTION = "infection"
    WARD = "ward"
    ICU = "icu"
    NONE_RECORDED = "none_recorded"  # of what is only recorded where it happened
    NOT_RECORDED = "not_recorded"
    AWAY = "away"
    DEAD = "dead"
    FUTURE = "future"


@dataclass(frozen=True)
class Span:
    """Days in a row, both included; without an end up to today."""

    first: date
    last: date | None

    def holds(self, on: date, today: date) -> bool:
        """Whether a day lies in it."""
        return self.first <= on <= (self.last or today)


@dataclass(frozen=True)
class StaySpan(Span):
    """A time in one unit; `goes_on` where it ended in a move to another unit."""

    icu: bool = False
    goes_on: bool = False


@dataclass(frozen=True)
class Found:
    """What one check found on one scale on one day."""

    on: date
    grade: int | None
    status: str
    confirmed: bool = False  # a clinician said what it is
    check: int = 0  # which check it was


@dataclass(frozen=True)
class Cell:
    """One day of one row. `unsure`: a check of the day was not gradeable; `at_least`: what one of
    them found could be more, as something was not known. Either way it is not the whole truth.
    """

    on: date
    kind: Kind
    grade: int | None = None
    unsure: bool = False
    at_least: bool = False
    amount: Amount | None = None
    checks: tuple[int, ...] = ()  # of the day, in the order of time


@dataclass(frozen=True)
class Days:
    """The days shown, and what says why one of them may be empty."""

    first: date
    last: date
    today: date
    stays: Sequence[StaySpan] = ()
    died_on: date | None = None

    @property
    def each(self) -> tuple[date, ...]:
        """Each day in turn."""
        count = (self.last - self.first).days + 1
        return tuple(self.first + timedelta(days=number) for number in range(count))

    def empty(self, on: date, otherwise: Kind = Kind.NOT_RECORDED) -> Kind:
        """Why nothing stands on a day; `otherwise` of a day on which something could.

        Out of hospital only where a discharge is recorded: a stay that nobody recorded is none.
        """
        if self.died_on is not None and on > self.died_on:
            return Kind.DEAD
        if on > self.today:
            return Kind.FUTURE
        begun = [stay for stay in self.stays if stay.first <= on]
        if begun and not any(stay.holds(on, self.today) for stay in begun):
            latest = max(begun, key=lambda stay: (stay.last or self.today, stay.first))
            return otherwise if latest.goes_on else Kind.AWAY
        return otherwise


def grade_cells(days: Days, found: Iterable[Found]) -> tuple[Cell, ...]:
    """The highest grade of each day on one scale."""
    by_day: dict[date, list[Found]] = {}
    for one in found:
        by_day.setdefault(one.on, []).append(one)
    return tuple(_graded(days, on, by_day.get(on, [])) for on in days.each)


def _graded(days: Days, on: date, found: Sequence[Found]) -> Cell:
    if not found:
        return Cell(on, days.empty(on))
    checks = tuple(one.check for one in found)
    known = [one for one in found if one.grade is not None]
    if not known:
        return Cell(on, Kind.NOT_GRADEABLE, checks=checks)
    most = max(one.grade for one in known if one.grade is not None)
    firm = all(one.confirmed or one.status == Status.FINAL for one in known)
    unsure = len(known) < len(found)
    return Cell(on, Kind.GRADE, most, unsure=unsure, at_least=not firm, checks=checks)


def dose_cells(days: Days, given: Mapping[date, Amount]) -> tuple[Cell, ...]:
    """What was given of a drug each day; an amount that cannot be added stays unknown."""
    return tuple(
        Cell(on, Kind.GIVEN, amount=given[on])
        if on in given
        else Cell(on, days.empty(on, Kind.NONE_RECORDED))
        for on in days.each
    )


def bar_cells(days: Days, bar: Span | None) -> tuple[Cell, ...]:
    """The days of one infection as a bar; without one the row that says that none is recorded."""
    return tuple(
        Cell(on, Kind.INFECTION)
        if bar is not None and on <= days.today and bar.holds(on, days.today)
        else Cell(on, days.empty(on, Kind.NONE_RECORDED))
        for on in days.each
    )


def stay_cells(days: Days) -> tuple[Cell, ...]:
    """Where the patient lay each day; intensive care where any part of the day was spent there."""
    cells = []
    for on in days.each:
        here = [] if on > days.today else [s for s in days.stays if s.holds(on, days.today)]
        if here:
            kind = Kind.ICU if any(stay.icu for stay in here) else Kind.WARD
        else:
            kind = days.empty(on)
        cells.append(Cell(on, kind))
    return tuple(cells)


def kinds_in(rows: Iterable[Iterable[Cell]]) -> Mapping[Kind, None]:
    """The kinds that a table holds, in the order of the legend."""
    held = {cell.kind for row in rows for cell in row}
    return dict.fromkeys(kind for kind in Kind if kind in held)
