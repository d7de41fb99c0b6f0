"""What stands for a course in a pseudonymised file: worked examples, and what must hold."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.domain.pseudonyms import (
    age_told,
    code_of,
    days_of,
    shifted,
    shifted_day,
    shifted_value,
)
from terms.partial_dates import PartialDate

SECRET, OTHER = bytes(range(32)), bytes(32)
DAYS = st.dates(date(1930, 1, 1), date(2060, 12, 31))
SHIFTS = st.integers(1, 104).map(lambda weeks: -7 * weeks)


def test_a_code_is_the_same_for_ever_and_another_under_another_secret() -> None:
    assert code_of(SECRET, 7) == "P-2SXQ3LBXO7HFDGWK"
    assert len({code_of(SECRET, 7), code_of(OTHER, 7), code_of(SECRET, 8)}) == 3


def test_the_shift_is_whole_weeks_back_and_never_none() -> None:
    drawn = {days_of(SECRET, course) for course in range(5000)}
    assert drawn == {-7 * weeks for weeks in range(1, 105)}
    assert days_of(SECRET, 7) == days_of(SECRET, 7)


@pytest.mark.parametrize(
    ("told", "days", "expected"),
    [
        ("", -7, ("", "")),
        ("2026-03-10", -7, ("2026-03-03", "day")),
        ("2026-01-03", -7, ("2025-12-27", "day")),
        ("2024-03-01", -14, ("2024-02-16", "day")),
        # a month lies across two: only their common year is told
        ("2026-03", -7, ("2026", "year")),
        ("2026-01", -7, ("", "")),
        ("2026-12", -371, ("2025", "year")),
        ("2026", -7, ("", "")),
        ("2026", -728, ("", "")),
    ],
)
def test_a_date_is_shifted_as_far_as_it_is_known(
    told: str, days: int, expected: tuple[str, str]
) -> None:
    assert shifted(told, days) == expected


@given(DAYS, DAYS, SHIFTS)
def test_intervals_stay(first: date, second: date, days: int) -> None:
    moved = [date.fromisoformat(shifted(day.isoformat(), days)[0]) for day in (first, second)]
    assert moved[1] - moved[0] == second - first
    assert moved == [shifted_day(first, days), shifted_day(second, days)]


@given(DAYS, SHIFTS, st.sampled_from(["month", "year"]))
def test_what_is_left_of_a_month_or_a_year_holds_all_it_can_be(
    on: date, days: int, precision: str
) -> None:
    """So that no day beside it contradicts it."""
    partial = PartialDate.of(on, precision)  # type: ignore[arg-type]
    text, told = shifted(partial.iso(), days)
    if told:
        assert told == "year"
        can_be = (partial.earliest(), partial.latest(), on)
        assert {(day + timedelta(days=days)).year for day in can_be} == {int(text)}
    else:
        assert text == ""


@pytest.mark.parametrize(
    ("value", "dated", "expected"),
    [
        ("2026-03-10", True, "2026-03-03"),
        ("2026-03-10", False, "2026-03-03"),
        ("2026-03", True, "2026"),
        ("2026", True, ""),
        ("2026", False, "2026"),  # a ferritin
        ("38.5", True, "38.5"),
        ("positive", False, "positive"),
        ("", True, ""),
        ("seen on 2026-03-10", False, ""),
    ],
)
def test_a_value_that_is_a_date_is_shifted_and_one_with_a_date_left_out(
    value: str, dated: bool, expected: str
) -> None:
    assert shifted_value(value, -7, dated=dated) == expected


@pytest.mark.parametrize(
    ("years", "told"), [(None, ""), (0, "0"), (64, "64"), (89, "89"), (90, "90+"), (103, "90+")]
)
def test_the_oldest_are_one_group(years: int | None, told: str) -> None:
    assert age_told(years) == told


def test_no_day_stays_no_day() -> None:
    assert shifted_day(None, -7) is None


def test_a_day_that_never_was_is_left_out() -> None:
    assert shifted_value("2026-02-31", -7, dated=False) == ""
    assert shifted_value("2026-13-01", -7, dated=True) == ""
