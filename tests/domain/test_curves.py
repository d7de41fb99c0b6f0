"""Curves of the flowsheet: axes that hold every value, dots under their days, broken lines."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toxicity.domain.curves import (
    COLUMN,
    HEIGHT,
    Reading,
    curve,
    even_axis,
    log_axis,
    worst_by_day,
)

D = Decimal
ZERO = date(2026, 3, 1)


def reading(day: int, value: str) -> Reading:
    return Reading(ZERO + timedelta(days=day), D(value))


@pytest.mark.parametrize(
    ("values", "low", "high", "ends", "count"),
    [
        ([], "36", "39", ("36", "39"), 4),
        (["40.2"], "36", "39", ("36", "42"), 4),
        (["12"], "0", "1.8", ("0", "15"), 4),
        (["0.02"], "0", "1.8", ("0", "2"), 5),
        (["480"], "0", "150", ("0", "600"), 4),
    ],
)
def test_an_even_axis(
    values: list[str], low: str, high: str, ends: tuple[str, str], count: int
) -> None:
    axis = even_axis(map(D, values), D(low), D(high))
    assert (axis.low, axis.high) == (D(ends[0]), D(ends[1]))
    assert len(axis.ticks) == count
    assert axis.y(axis.low) == HEIGHT - 10
    assert axis.y(axis.high) == 10


def test_an_axis_in_powers_of_ten_holds_0_at_its_end() -> None:
    axis = log_axis([D("0"), D("310")], D("0.5"), D("50"))
    assert axis.ticks == (D("0.1"), D(1), D(10), D(100), D(1000))
    assert axis.y(D(0)) == axis.y(D("0.1")) == HEIGHT - 10
    assert axis.y(D(10)) == HEIGHT // 2
    assert log_axis([], D(10), D(10)).ticks == (D(10), D(100))


@given(st.lists(st.decimals("0.001", "500000", places=3), min_size=1))
def test_every_value_stands_inside_and_higher_is_never_drawn_lower(values: list[Decimal]) -> None:
    for axis in (even_axis(values, D(0), D(1)), log_axis(values, D(1), D(10))):
        drawn = [axis.y(value) for value in sorted(values)]
        assert drawn == sorted(drawn, reverse=True)
        assert axis.low <= min(values)
        assert max(values) <= axis.high
        assert all(10 <= y <= HEIGHT - 10 for y in drawn)


def test_of_a_day_the_worst_is_drawn() -> None:
    rows = [reading(1, "5"), reading(0, "2"), reading(1, "3"), reading(1, "9"), reading(1, "4")]
    assert [one.value for one in worst_by_day(rows, lowest=False)] == [D(2), D(9)]
    assert [one.value for one in worst_by_day(rows, lowest=True)] == [D(2), D(3)]


def test_a_line_is_broken_where_days_lack() -> None:
    rows = [reading(day, "1") for day in (0, 1, 3, 6, 8, 12)]
    drawn = curve(rows, even_axis([], D(0), D(2)), first=ZERO, joined_days=2)
    assert [point.x for point in drawn.points] == [
        day * COLUMN + COLUMN // 2 for day in (0, 1, 3, 6, 8, 12)
    ]
    days = [[(point.reading.on - ZERO).days for point in line] for line in drawn.lines]
    assert days == [[0, 1, 3], [6, 8]]
    assert curve([], even_axis([], D(0), D(2)), first=ZERO, joined_days=2).points == ()
