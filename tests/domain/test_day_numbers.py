"""Day numbers, local dates and calendar months."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terms.day_numbers import (
    add_months,
    day_number,
    local_date,
    whole_days_between,
    whole_years_between,
)

ROME = ZoneInfo("Europe/Rome")
DATES = st.dates(date(1950, 1, 1), date(2080, 12, 31))


def test_the_infusion_day_is_day_zero() -> None:
    infusion = date(2026, 3, 10)
    assert day_number(infusion, infusion) == 0
    assert day_number(date(2026, 3, 6), infusion) == -4
    assert day_number(date(2026, 4, 7), infusion) == 28


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-03-28T22:59:00+00:00", date(2026, 3, 28)),
        ("2026-03-28T23:00:00+00:00", date(2026, 3, 29)),  # still winter time
        ("2026-03-29T21:59:00+00:00", date(2026, 3, 29)),  # summer time since 01:00 UTC
        ("2026-03-29T22:00:00+00:00", date(2026, 3, 30)),
        ("2026-10-25T22:59:00+00:00", date(2026, 10, 25)),
        ("2026-10-25T23:00:00+00:00", date(2026, 10, 26)),
    ],
)
def test_the_local_date_turns_at_local_midnight_across_clock_changes(
    moment: str, expected: date
) -> None:
    assert local_date(datetime.fromisoformat(moment), ROME) == expected


def test_a_naive_moment_has_no_local_date() -> None:
    with pytest.raises(ValueError, match="time zone"):
        local_date(datetime(2026, 3, 29, 12), ROME)  # noqa: DTZ001 - the fault under test


def test_moments_are_not_counted_as_days() -> None:
    with pytest.raises(TypeError):
        whole_days_between(datetime(2026, 3, 29, tzinfo=UTC), date(2026, 3, 30))


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 1, 31), 2, date(2026, 3, 31)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 5, 31), 0, date(2026, 5, 31)),
    ],
)
def test_months_are_calendar_months_clamped_to_the_end(
    start: date, months: int, expected: date
) -> None:
    assert add_months(start, months) == expected


@pytest.mark.parametrize("months", [-(2026 * 12), 12 * 9000])
def test_months_beyond_the_calendar_are_refused(months: int) -> None:
    with pytest.raises(OverflowError):
        add_months(date(2026, 1, 1), months)


@pytest.mark.parametrize(
    ("start", "end", "years"),
    [
        (date(2000, 5, 10), date(2026, 5, 9), 25),
        (date(2000, 5, 10), date(2026, 5, 10), 26),
        (date(2000, 2, 29), date(2026, 2, 28), 25),
        (date(2000, 2, 29), date(2026, 3, 1), 26),
        (date(2000, 2, 29), date(2028, 2, 29), 28),
        (date(2026, 5, 10), date(2026, 5, 10), 0),
    ],
)
def test_years_are_completed_on_the_birthday(start: date, end: date, years: int) -> None:
    assert whole_years_between(start, end) == years


@given(DATES, st.integers(-5000, 5000))
def test_the_day_number_gives_the_date_back(anchor: date, number: int) -> None:
    assert day_number(anchor + timedelta(days=number), anchor) == number


@given(DATES, st.integers(-600, 600))
def test_a_month_later_lies_in_that_month_on_the_same_or_last_day(start: date, months: int) -> None:
    moved = add_months(start, months)
    assert (moved.year * 12 + moved.month) - (start.year * 12 + start.month) == months
    assert moved.day == start.day or (moved + timedelta(days=1)).day == 1


@given(DATES, st.integers(0, 23), st.integers(-400, 400))
def test_clock_changes_never_add_or_lose_a_day(on: date, hour: int, days: int) -> None:
    there = local_date(datetime(on.year, on.month, on.day, hour, 30, tzinfo=ROME), ROME)
    later = on + timedelta(days=days)
    then = local_date(datetime(later.year, later.month, later.day, 12, tzinfo=ROME), ROME)
    assert whole_days_between(there, then) == days
