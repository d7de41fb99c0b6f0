"""Statistics of a cohort: medians, what is missing and what is censored, small numbers."""

from fractions import Fraction
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.domain.summaries import (
    MISSING,
    Proportion,
    Summary,
    Value,
    median_of,
    proportion_of,
    summary_of,
    suppressed,
)


def values(text: str) -> list[Value]:
    """`5 11+ ?`: a length, a length so far, a missing one."""
    return [
        MISSING if one == "?" else Value(int(one.rstrip("+")), one.endswith("+"))
        for one in text.split()
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Summary(0, 0, 0, None, None, None)),
        ("? ?", Summary(0, 2, 0, None, None, None)),
        ("18 12 10 10", Summary(4, 0, 0, 11, 10, 18)),
        ("26 21 20 18", Summary(4, 0, 0, Fraction(41, 2), 18, 26)),
        ("3 0 1", Summary(3, 0, 0, 1, 0, 3)),
        ("7", Summary(1, 0, 0, 7, 7, 7)),
        ("0 ?", Summary(1, 1, 0, 0, 0, 0)),
        # The unresolved case is neither dropped nor counted as over: 8 would do one of the two.
        ("5 10 11+ 6", Summary(4, 0, 1, 6, 5, 10, 11)),
        ("3+ 9+", Summary(2, 0, 2, None, None, None, 9)),
        ("4 9+ ?", Summary(2, 1, 1, 4, 4, 4, 9)),
    ],
)
def test_a_statistic_says_what_is_known_missing_and_not_over(text: str, expected: Summary) -> None:
    assert summary_of(values(text)) == expected


@given(st.lists(st.integers(-50, 50), min_size=1))
def test_the_median_is_exact_and_in_the_middle(numbers: list[int]) -> None:
    found = median_of(numbers)
    assert found == median(Fraction(number) for number in numbers)
    assert isinstance(found, int) == (Fraction(found or 0).denominator == 1)


@given(st.lists(st.builds(Value, st.none() | st.integers(0, 30), st.booleans())))
def test_every_patient_is_counted_once(given_values: list[Value]) -> None:
    found = summary_of(given_values)
    assert found.n is not None, "only a told one keeps a small number"
    assert found.censored is not None
    assert found.n + found.missing == len(given_values)
    assert found.censored <= found.n
    assert (found.low is None) == (found.n == found.censored)


def test_a_proportion_leaves_out_what_nobody_knows() -> None:
    found = proportion_of([True, False, None, True, True])
    assert found == Proportion(3, 4, 1)
    assert found.fraction == Fraction(3, 4)
    assert proportion_of([None]).fraction is None


@pytest.mark.parametrize(
    ("part", "of", "told"),
    [
        (0, 40, True),
        (5, 40, True),
        (35, 40, True),
        (40, 40, True),
        (4, 40, False),
        (1, 40, False),
        (36, 40, False),  # the four others could be counted
        (0, 4, False),  # so few patients that each is known
        (4, 4, False),
        (0, 0, True),
    ],
)
def test_small_numbers_are_not_told(part: int, of: int, told: bool) -> None:
    found = suppressed(Proportion(part, of, 2), 5)
    assert found == (Proportion(part, of, 2) if told else Proportion(None, of, 2, suppressed=True))
    assert suppressed(found, 5) == found
    assert told or found.fraction is None
