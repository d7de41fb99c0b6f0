"""Cumulative incidence: examples by hand, and that both ends and none together are all."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.domain.figures import tally_of
from exports.domain.incidence import incidence_at, incidences_of
from exports.domain.survival import Time, surviving_at
from tests.domain.test_counted import NEVER, course, day

F = Fraction


def both(text: str) -> tuple[list[Time], list[Time]]:
    """`5r 6d 9+`: a relapse, a death without one, nobody's end; all ends, and the relapses."""
    told = [(int(one[:-1]), one[-1]) for one in text.split()]
    return (
        [Time(length, sign != "+") for length, sign in told],
        [Time(length, sign == "r") for length, sign in told],
    )


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        ("", 0, None),
        ("5r 6d 9+ 9+", 4, F(0)),
        ("5r 6d 9+ 9+", 5, F(1, 4)),
        ("5r 6d 9+ 9+", 9, F(1, 4)),
        ("5d 6r 9+ 9+", 9, F(1, 4)),
        # Somebody leaves between: S is 3/4 before the second, of whom one in two relapses.
        ("5d 6+ 7r 9+", 9, F(3, 8)),
        ("5r 5d 8r 8r", 8, F(3, 4)),
        ("5r 6d", 7, None),
    ],
)
def test_worked_examples(text: str, at: int, expected: Fraction | None) -> None:
    times, relapses = both(text)
    assert incidence_at(times, relapses, (at,)) == (expected,)


ends = st.lists(st.tuples(st.integers(0, 30), st.sampled_from("rd+")), max_size=25)


@given(ends)
def test_both_ends_and_none_are_one(told: list[tuple[int, str]]) -> None:
    times = [Time(length, sign != "+") for length, sign in told]
    relapses = [Time(length, sign == "r") for length, sign in told]
    deaths = [Time(length, sign == "d") for length, sign in told]
    lengths = range(0, 31, 3)
    parts = zip(incidence_at(times, relapses, lengths), incidence_at(times, deaths, lengths),
                surviving_at(times, lengths), strict=True)  # fmt: skip
    for relapsed, died, neither in parts:
        if relapsed is not None and died is not None:
            assert relapsed + died + (neither or 0) == 1


def test_who_relapses_and_dies_later_is_of_the_relapses() -> None:
    tally = tally_of(
        [
            course(relapsed_on=day(50), died_on=day(80)),
            course(died_on=day(60)),
            course(seen_on=day(90)),
            course(relapse_unclear=True),
            course(**NEVER),
        ]
    )
    relapse, death = incidences_of(tally)
    assert (relapse.events, relapse.competing, relapse.missing) == (1, 1, 1)
    assert (death.events, death.competing, death.missing) == (1, 1, 1)
    assert incidence_at(death.times, death.of, (55, 60, 90)) == (F(0), F(1, 3), F(1, 3))
