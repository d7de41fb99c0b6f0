"""Curves on the grid of the flowsheet: scales, points, where a line breaks. Whole pixels only.

Every day is one column; a point stands in the middle of the column of its day. Of several values
on a day the one that says most of danger is drawn: the highest, or the lowest of counts.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

COLUMN, HEIGHT = 38, 90  # pixels of one day, and of a panel
_TOP, _BOTTOM = 10, 10  # kept free above and below
_STEPS = (Decimal(1), Decimal(2), Decimal(5), Decimal(10))
_MOST_TICKS = 4


@dataclass(frozen=True)
class Reading:
    """One value of a day; `limit` is `<` or `>` where only a limit is known."""

    on: date
    value: Decimal
    limit: str = ""


@dataclass(frozen=True)
class Axis:
    """From `low` to `high` upwards, evenly or in powers of ten, with the values written at it."""

    low: Decimal
    high: Decimal
    log: bool
    ticks: tuple[Decimal, ...]

    def y(self, value: Decimal) -> int:
        """How far from the top a value stands; outside the axis it stands at its end."""
        inside = min(max(value, self.low), self.high)
        if self.log:
            low, high = math.log10(self.low), math.log10(self.high)
            part = (math.log10(inside) - low) / (high - low)
        else:
            part = float((inside - self.low) / (self.high - self.low))
        return round(HEIGHT - _BOTTOM - part * (HEIGHT - _TOP - _BOTTOM))


@dataclass(frozen=True)
class Point:
    """One dot: what it says, and where it stands."""

    reading: Reading
    x: int
    y: int


@dataclass(frozen=True)
class Curve:
    """The dots of one measure, and the lines that join them, each a list of dots."""

    axis: Axis
    points: tuple[Point, ...]
    lines: tuple[tuple[Point, ...], ...]


def even_axis(values: Iterable[Decimal], low: Decimal, high: Decimal) -> Axis:
    """An even axis that holds at least `low` to `high`, and every value."""
    known = [*values, low, high]
    least, most = min(known), max(known)
    step = _step((most - least) / _MOST_TICKS)
    first, last = math.floor(least / step), math.ceil(most / step)
    ticks = tuple(step * number for number in range(first, last + 1))
    return Axis(ticks[0], ticks[-1], log=False, ticks=ticks)


def log_axis(values: Iterable[Decimal], low: Decimal, high: Decimal) -> Axis:
    """An axis in powers of ten that holds at least `low` to `high`; nothing below 0 is a power."""
    known = [value for value in (*values, low, high) if value > 0]
    first = math.floor(math.log10(min(known)))
    last = max(math.ceil(math.log10(max(known))), first + 1)
    ticks = tuple(Decimal(10) ** number for number in range(first, last + 1))
    return Axis(ticks[0], ticks[-1], log=True, ticks=ticks)


def _step(least: Decimal) -> Decimal:
    """The smallest of 1, 2, 5 times a power of ten that is no smaller than `least`."""
    power = Decimal(10) ** math.floor(math.log10(least))
    return next(one * power for one in _STEPS if one * power >= least)


def worst_by_day(readings: Iterable[Reading], *, lowest: bool) -> tuple[Reading, ...]:
    """One reading of each day, in the order of days: the lowest or the highest."""
    found: dict[date, Reading] = {}
    for one in readings:
        stands = found.get(one.on)
        if stands is None or (one.value < stands.value if lowest else one.value > stands.value):
            found[one.on] = one
    return tuple(found[on] for on in sorted(found))


def curve(readings: Sequence[Reading], axis: Axis, *, first: date, joined_days: int) -> Curve:
    """Place one reading of each day; a gap of more than `joined_days` breaks the line."""
    points = tuple(
        Point(one, (one.on - first).days * COLUMN + COLUMN // 2, axis.y(one.value))
        for one in readings
    )
    lines: list[list[Point]] = []
    for point in points:
        if lines and (point.reading.on - lines[-1][-1].reading.on).days <= joined_days:
            lines[-1].append(point)
        else:
            lines.append([point])
    return Curve(axis, points, tuple(tuple(line) for line in lines if len(line) > 1))
