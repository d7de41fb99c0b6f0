"""Dates of a repeat: each counted from the first, months clamped, no day lost to a clock."""

from datetime import date

import pytest

from reminders.domain.repeats import Every, repeated


@pytest.mark.parametrize(
    ("first", "number", "unit", "last", "expected"),
    [
        (
            "2027-01-31",
            1,
            Every.MONTHS,
            "2027-05-01",
            "2027-01-31 2027-02-28 2027-03-31 2027-04-30",
        ),
        ("2028-01-31", 1, Every.MONTHS, "2028-02-29", "2028-01-31 2028-02-29"),
        ("2026-12-30", 2, Every.WEEKS, "2027-01-27", "2026-12-30 2027-01-13 2027-01-27"),
        ("2027-03-27", 1, Every.DAYS, "2027-03-29", "2027-03-27 2027-03-28 2027-03-29"),
        ("2027-03-27", 5, Every.DAYS, "2027-03-28", "2027-03-27"),
        ("2027-03-27", 5, Every.DAYS, "2027-03-26", ""),
    ],
)
def test_dates(first: str, number: int, unit: Every, last: str, expected: str) -> None:
    days = repeated(date.fromisoformat(first), number, unit, date.fromisoformat(last))
    assert " ".join(one.isoformat() for one in days) == expected
