"""Kaplan-Meier: worked examples by hand, the tie rule, and what holds for every cohort."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.domain.survival import Estimate, Time, at_risk, estimate, steps, surviving_at

F = Fraction


def times(text: str) -> list[Time]:
    """`5 6 10 11+`: lengths, a plus for a censored one."""
    return [Time(int(one.rstrip("+")), not one.endswith("+")) for one in text.split()]


# The published B-cell aplasia; the remission times of the 6-MP arm (Freireich 1963), whose curve
# and median of 23 weeks stand in every textbook; and small ones by hand.
EXAMPLES = [
    ("", [], None),
    ("7", [(7, 1, 1, F(0))], 7),
    ("7+", [], None),
    ("0", [(0, 1, 1, F(0))], 0),
    ("3+ 4+ 9+", [], None),
    ("5 10 11+ 6", [(5, 4, 1, F(3, 4)), (6, 3, 1, F(1, 2)), (10, 2, 1, F(1, 4))], 6),
    ("1 2", [(1, 2, 1, F(1, 2)), (2, 1, 1, F(0))], 1),
    ("1 2 3", [(1, 3, 1, F(2, 3)), (2, 2, 1, F(1, 3)), (3, 1, 1, F(0))], 2),
    # An event and a censoring on one day: the censored one is still at risk.
    ("4 4+ 8", [(4, 3, 1, F(2, 3)), (8, 1, 1, F(0))], 8),
    ("4+ 4 4 9+", [(4, 4, 2, F(1, 2))], 4),
    (
        "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+",
        [
            (6, 21, 3, F(6, 7)), (7, 17, 1, F(96, 119)), (10, 15, 1, F(64, 85)),
            (13, 12, 1, F(176, 255)), (16, 11, 1, F(32, 51)), (22, 7, 1, F(64, 119)),
            (23, 6, 1, F(160, 357)),
        ],
        23,
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected", "median"), EXAMPLES)
def test_the_curve_of_worked_examples(
    text: str, expected: list[tuple[int, int, int, Fraction]], median: int | None
) -> None:
    found = [(s.length, s.at_risk, s.events, s.surviving) for s in steps(times(text))]
    assert found == expected
    assert estimate(times(text)).median == median


def test_an_estimate_says_who_was_counted() -> None:
    assert estimate(times("5 10 11+ 6")) == Estimate(4, 3, 1, 6, 11, 11)
    assert estimate([]) == Estimate(0, 0, 0, None, None, None)
    assert estimate(times("5 6")) == Estimate(2, 2, 0, 5, 6, None)


@pytest.mark.parametrize(
    ("text", "length", "expected"),
    [
        ("5 10 11+ 6", 4, F(1)),
        ("5 10 11+ 6", 5, F(3, 4)),
        ("5 10 11+ 6", 11, F(1, 4)),
        ("5 10 11+ 6", 12, None),  # nobody was followed that long
        ("5 6", 12, F(0)),  # but where all had the event, it is known
        ("5+ 6+", 6, F(1)),
        ("", 0, None),
    ],
)
def test_the_part_at_a_time_is_not_said_beyond_what_is_known(
    text: str, length: int, expected: Fraction | None
) -> None:
    assert surviving_at(times(text), (length,)) == (expected,)


def test_who_is_at_risk_at_some_times() -> None:
    assert at_risk(times("5 10 11+ 6"), (0, 5, 6, 11, 12)) == (4, 4, 3, 1, 0)


def test_nobody_is_followed_for_less_than_no_time() -> None:
    with pytest.raises(ValueError, match="less than no time"):
        list(steps([Time(-1, True)]))


cohorts = st.lists(st.builds(Time, st.integers(0, 40), st.booleans()), max_size=30)


@given(cohorts)
def test_the_curve_only_falls_and_stays_between_one_and_zero(cohort: list[Time]) -> None:
    found = list(steps(cohort))
    parts = [Fraction(1), *(step.surviving for step in found)]
    assert all(before > after for before, after in pairwise(parts))
    assert all(0 <= part <= 1 for part in parts)
    assert sum(step.events for step in found) == sum(one.event for one in cohort)
    assert [step.at_risk for step in found] == list(at_risk(cohort, (s.length for s in found)))


@given(st.lists(st.integers(0, 40), min_size=1, max_size=30))
def test_without_censoring_it_is_the_plain_part(lengths: list[int]) -> None:
    cohort = [Time(length, True) for length in lengths]
    left = [sum(one > length for one in lengths) for length in range(42)]
    parts = tuple(Fraction(number, len(lengths)) for number in left)
    assert surviving_at(cohort, range(42)) == parts
    # The lower of the two middle values.
    assert estimate(cohort).median == sorted(lengths)[(len(lengths) - 1) // 2]


@given(cohorts, st.integers(1, 20))
def test_who_is_censored_last_or_first_moves_nothing_wrongly(cohort: list[Time], n: int) -> None:
    # Nobody who left before the first event changes the curve: they were not at risk then.
    shifted = [Time(one.length + 1, one.event) for one in cohort]
    with_early = shifted + [Time(0, False)] * n
    assert list(steps(shifted)) == list(steps(with_early))
    # Turning a censored patient into an event never raises the curve.
    worse = [Time(one.length, True) for one in cohort]
    lengths = range(0, 42, 7)
    pairs = zip(surviving_at(cohort, lengths), surviving_at(worse, lengths), strict=True)
    assert all(before is None or after is None or after <= before for before, after in pairs)
