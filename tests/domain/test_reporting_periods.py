"""Reporting periods follow one another without a gap and never overlap."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from exports.domain.reporting_periods import Period, periods

DAY_ZERO = date(2024, 8, 31)


def names(until: date, *, over: bool = False) -> list[str]:
    return [period.name for period in periods(DAY_ZERO, until, over=over)]


def test_periods_never_overlap_and_leave_no_gap_in_fifteen_years() -> None:
    found = list(periods(DAY_ZERO, date(2060, 1, 1), over=False))
    assert [period.name for period in found][:4] == ["100 d", "6 m", "1 y", "2 y"]
    assert (len(found), found[-1].name, found[-1].ends) == (17, "15 y", date(2039, 8, 31))
    assert (found[0].begins, found[0].ends) == (DAY_ZERO, DAY_ZERO + timedelta(days=100))
    assert found[1].ends == date(2025, 2, 28)
    for before, after in pairwise(found):
        assert after.begins == before.ends + timedelta(days=1)


@pytest.mark.parametrize(
    ("until", "over", "expected"),
    [
        (DAY_ZERO + timedelta(days=99), False, []),
        (DAY_ZERO + timedelta(days=100), False, ["100 d"]),
        (DAY_ZERO + timedelta(days=100), True, ["100 d"]),
        (DAY_ZERO + timedelta(days=101), True, ["100 d", "6 m"]),
        (DAY_ZERO, True, ["100 d"]),
        (date(2025, 8, 31), False, ["100 d", "6 m", "1 y"]),
    ],
)
def test_only_what_has_ended_is_reported(until: date, over: bool, expected: list[str]) -> None:
    assert names(until, over=over) == expected


def test_the_period_of_a_death_ends_on_that_day() -> None:
    on = DAY_ZERO + timedelta(days=120)
    assert [period.ends for period in periods(DAY_ZERO, on, over=True)][-1] == on


def test_what_lies_in_a_period() -> None:
    one = Period("6 m", date(2025, 1, 1), date(2025, 2, 28))
    assert one.holds(date(2025, 2, 28))
    assert not one.holds(date(2025, 3, 1))
    assert not one.holds(None)
    assert one.touches(date(2024, 1, 1), None)
    assert one.touches(date(2024, 1, 1), date(2025, 1, 1))
    assert not one.touches(date(2024, 1, 1), date(2024, 12, 31))
    assert not one.touches(date(2025, 3, 1), None)
