"""ICAHT and T-ICAHT: the vectors of the reference, gaps, bridges, the override, what is unknown."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toxicity.domain.daily import Run, Sample, filled, runs
from toxicity.domain.icaht import Course, band, early_icaht, grade_of_days, late_icaht
from toxicity.domain.t_icaht import early_t_icaht, late_t_icaht

ZERO = date(2026, 3, 1)
MONTH = Course(ZERO, ZERO + timedelta(days=30))
LONG = Course(ZERO, ZERO + timedelta(days=200))


def day(number: int) -> date:
    return ZERO + timedelta(days=number)


def samples(values: Mapping[int, int | str]) -> list[Sample]:
    return [Sample(day(number), Fraction(value)) for number, value in values.items()]


def daily(*spans: tuple[int, int, int], rest: int = 1800, last: int = 30) -> list[Sample]:
    """A count each day, `rest` but for (first, last, value)."""
    values: dict[int, int | str] = dict.fromkeys(range(last + 1), rest)
    for first, end, value in spans:
        values |= dict.fromkeys(range(first, end + 1), value)
    return samples(values)


@pytest.mark.parametrize(
    ("given_", "days", "grade", "cumulative"),
    [
        (daily(), (0, 0), 0, 0),
        (daily((4, 9, 400)), (6, 0), 1, 1),
        (daily((4, 10, 400)), (7, 0), 2, 2),
        (daily((4, 10, 90)), (7, 7), 3, 3),
        (daily((6, 19, 50)), (14, 14), 4, 4),
        (daily((2, 8, 300), (9, 10, 700), (11, 17, 300)), (16, 0), 3, 3),
        (daily((2, 4, 300), (5, 7, 700), (8, 12, 300)), (5, 0), 1, 2),
        (daily((2, 30, 300)), (29, 0), 4, 4),
        (daily((3, 30, 300)), (28, 0), 4, 4),
        (daily((5, 30, 300)), (26, 0), 3, 3),
        (daily((0, 30, 500)), (31, 0), 4, 4),
        (daily((4, 17, 500), (18, 30, 501)), (14, 0), 3, 3),
    ],
)
def test_early_icaht_counts_days_at_or_below(
    given_: list[Sample], days: tuple[int, int], grade: int, cumulative: int
) -> None:
    found = early_icaht(given_, MONTH)
    assert (found.longest.days_500, found.longest.days_100) == days
    assert (found.longest.grade, found.cumulative.grade) == (grade, cumulative)
    assert (found.grading.grade, found.grading.status) == (grade, "final")
    assert bool(found.grading.drivers) is bool(grade)


def test_the_lowest_of_a_day_counts() -> None:
    given_ = [*daily(rest=1500), *samples({6: 480}), *samples({6: 620})]
    assert early_icaht(given_, MONTH).longest.days_500 == 1


def test_before_day_thirty_nobody_has_never_recovered() -> None:
    today = Course(ZERO, day(2))
    found = early_icaht(daily((0, 2, 300), last=2), today)
    assert (found.grading.grade, found.grading.status) == (1, "provisional")
    dead = replace(today, died_on=day(2))
    assert early_icaht(daily((0, 2, 300), last=2), dead).grading.grade == 4


def test_short_gaps_are_filled_and_long_ones_are_not_low() -> None:
    line = filled({0: Fraction(100), 8: Fraction(900)}, 0, 8)
    assert [int(line[n]) for n in range(9)] == [100, 200, 300, 400, 500, 600, 700, 800, 900]
    assert set(filled({0: Fraction(1), 9: Fraction(1)}, 0, 9)) == {0, 9}
    assert set(filled({7: Fraction(1)}, 0, 14)) == set(range(15))
    assert set(filled({8: Fraction(1)}, 0, 16)) == {8}
    assert filled({}, 0, 5) == {}
    # nine days without a count end a run: they are neither low nor a recovery
    found = runs({0: Fraction(1), 10: Fraction(1)}, lambda value: value < 5)
    assert found == (Run(0, 0), Run(10, 10))


def test_days_that_nobody_knows_leave_the_grade_open() -> None:
    sparse = samples({0: 2000, 1: 2000, 20: 2000, 30: 2000})
    unknown = early_icaht(sparse, MONTH).grading
    assert (unknown.grade, unknown.status) == (None, "not_gradeable")
    assert [one.code for one in unknown.warnings] == ["days_missing"]
    low = early_icaht([*sparse, *samples({2: 300})], MONTH).grading
    assert (low.grade, low.status) == (1, "provisional")
    nothing = early_icaht([], MONTH)
    assert (nothing.grading.grade, nothing.longest.grade) == (None, None)
    with pytest.raises(ValueError, match="before the infusion"):
        early_icaht([], Course(ZERO, day(-1)))


@pytest.mark.parametrize(
    ("values", "grade", "status", "confirmed"),
    [
        ({40: 90, 50: 1600}, 0, "final", 0),
        ({40: 90}, 4, "provisional", 4),
        ({40: 1501, 50: 1400}, 0, "final", 0),
        ({40: 90, 50: 900}, 4, "final", 2),
        ({40: 2000, 50: 2100}, 0, "final", 0),
        ({20: 90, 101: 90}, None, "not_gradeable", None),
        ({}, None, "not_gradeable", None),
    ],
)
def test_late_icaht_is_the_nadir_that_a_second_value_bears_out(
    values: dict[int, int | str], grade: int | None, status: str, confirmed: int | None
) -> None:
    found = late_icaht(samples(values), LONG)
    assert (found.grade, found.status) == (grade, status)
    assert late_icaht(samples(values), LONG, confirmed=True).grade == confirmed


def test_late_icaht_ends_with_progression_and_is_open_until_its_last_day() -> None:
    values = samples({40: 90, 41: 90})
    assert late_icaht(values, replace(LONG, progressed_on=day(39))).grade is None
    assert late_icaht(values, replace(LONG, as_of=day(60))).status == "provisional"
    assert (
        late_icaht(values, replace(LONG, as_of=day(60), next_therapy_on=day(50))).status == "final"
    )
    assert late_icaht(samples({150: 400, 151: 400}), LONG, until=180).grade == 3


def test_bands_and_days() -> None:
    assert [band(Fraction(v)) for v in (100, 101, 500, 501, 1000, 1001, 1500, 1501)] == [
        4, 3, 3, 2, 2, 1, 1, 0,
    ]  # fmt: skip
    assert [grade_of_days(n, 0) for n in (0, 1, 6, 7, 13, 14, 30, 31)] == [0, 1, 1, 2, 2, 3, 3, 4]
    assert [grade_of_days(14, n) for n in (6, 7, 13, 14)] == [3, 3, 3, 4]


@given(st.lists(st.integers(0, 5000), min_size=31, max_size=31), st.data())
def test_a_lower_count_never_lowers_the_grade(values: list[int], data: Any) -> None:
    before = early_icaht(samples(dict(enumerate(values))), MONTH).grading.grade
    place = data.draw(st.integers(0, 30))
    values[place] = data.draw(st.integers(0, values[place]))
    after = early_icaht(samples(dict(enumerate(values))), MONTH).grading.grade
    assert before is not None
    assert after is not None
    assert after >= before


# --- platelets


@pytest.mark.parametrize(
    ("given_", "grade"),
    [
        (daily(rest=150), 0),
        (daily((5, 14, 50), rest=150), 0),
        (daily((5, 10, 45), rest=150), 1),
        (daily((5, 11, 45), rest=150), 2),
        (daily((5, 5, 19), rest=150), 3),
        (daily((5, 17, 15), rest=150), 3),
        (daily((5, 18, 15), rest=150), 4),
        (daily((5, 7, 20), rest=150), 1),
        (daily((5, 8, 45), (9, 10, 60), (11, 11, 45), rest=150), 2),
    ],
)
def test_early_t_icaht_counts_days_strictly_below(given_: list[Sample], grade: int) -> None:
    found = early_t_icaht(given_, MONTH)
    assert (found.grade, found.status) == (grade, "final")
    assert bool(found.drivers) is bool(grade)


@pytest.mark.parametrize(
    ("values", "grade", "status"),
    [
        ({}, None, "not_gradeable"),
        (dict.fromkeys(range(31, 101), 150), 0, "final"),
        (dict.fromkeys(range(31, 101), 90), 1, "final"),
        (dict.fromkeys(range(31, 101), 45), 2, "final"),
        (dict.fromkeys(range(31, 101), 15), 4, "final"),
        ({**dict.fromkeys(range(31, 101), 150), 40: 15, 41: 15}, 3, "final"),
        ({**dict.fromkeys(range(31, 101), 150), 40: 15}, 0, "final"),
        ({40: 15}, 3, "provisional"),
        ({40: 150}, None, "not_gradeable"),
    ],
)
def test_late_t_icaht_asks_a_second_value(
    values: dict[int, int | str], grade: int | None, status: str
) -> None:
    found = late_t_icaht(samples(values), LONG)
    assert (found.grade, found.status) == (grade, status)


def test_what_cannot_be_graded_has_no_grade_by_either_way_of_counting() -> None:
    found = early_icaht(samples({0: 1800, 30: 1800}), MONTH)
    assert (found.grading.grade, found.grading.status) == (None, "not_gradeable")
    assert (found.longest.grade, found.cumulative.grade) == (None, None)
    assert (found.longest.days_500, found.cumulative.days_500) == (0, 0)
