"""Which days of the chart are asked about at which date of an item."""

from datetime import date, timedelta

import pytest

from reminders.domain.unanswered import Dated, perhaps_done, perhaps_sampled

ZERO = date(2026, 1, 1)


def day(number: int) -> date:
    return ZERO + timedelta(days=number)


def at(number: int, *, done: int | None = None) -> Dated:
    return Dated(day(number), waits=done is None, took=None if done is None else day(done))


def asked(dates: list[Dated], days: list[int]) -> dict[int, list[int]]:
    """The numbers of the days asked about at each date, by the number of its day."""
    return {
        (own.due_on - ZERO).days: [
            (one - ZERO).days for one in perhaps_done(own, dates, map(day, days))
        ]
        for own in dates
        if own.waits
    }


@pytest.mark.parametrize(
    ("dates", "days", "expected"),
    [
        ([at(30), at(90)], [45], {30: [45], 90: [45]}),
        ([at(30), at(90)], [20], {30: [20], 90: []}),
        ([at(30), at(90), at(150)], [75], {30: [75], 90: [75], 150: []}),
        ([at(30, done=31), at(90)], [75], {90: [75]}),
        ([at(30, done=31), at(90)], [45], {90: []}),  # a second one of the first
        ([at(30, done=45), at(90)], [45], {90: []}),  # told already
        ([at(30), at(90)], [400], {30: [], 90: [400]}),
        ([at(30)], [28, 45], {30: [28, 45]}),
        ([at(30)], [], {30: []}),
    ],
)
def test_a_day_is_asked_about_at_the_dates_beside_it(
    dates: list[Dated], days: list[int], expected: dict[int, list[int]]
) -> None:
    assert asked(dates, days) == expected


@pytest.mark.parametrize(
    ("dates", "days", "expected"),
    [
        ([at(30), at(60)], [40, 45], {30: [40], 60: [45]}),
        ([at(30), at(60)], [10], {30: [], 60: []}),  # how it stood after the infusion
        ([at(30), at(60)], [10, 17], {30: [17], 60: []}),
        ([at(30, done=29), at(60)], [40, 50], {60: [50]}),
        ([at(30, done=40), at(60)], [40], {60: []}),
        ([at(0), at(30)], [2], {0: [2], 30: [2]}),
        ([at(30)], [], {30: []}),
    ],
)
def test_of_samples_only_the_nearest_is_asked_about(
    dates: list[Dated], days: list[int], expected: dict[int, list[int]]
) -> None:
    found = {
        (own.due_on - ZERO).days: [
            (one - ZERO).days for one in perhaps_sampled(own, dates, map(day, days), ZERO)
        ]
        for own in dates
        if own.waits
    }
    assert found == expected
