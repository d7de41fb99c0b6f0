"""Cells of the flowsheet: the worst of a day, and which kind of emptiness an empty day is."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toxicity.domain.amounts import Amount
from toxicity.domain.flowsheet import (
    Days,
    Found,
    Kind,
    Span,
    StaySpan,
    bar_cells,
    dose_cells,
    grade_cells,
    kinds_in,
    stay_cells,
)
from toxicity.domain.grading import Status

ZERO = date(2026, 3, 1)


def on(day: int) -> date:
    return ZERO + timedelta(days=day)


def days(today: int = 8, stays: tuple[StaySpan, ...] = (), died: int | None = None) -> Days:
    return Days(ZERO, on(9), on(today), stays, None if died is None else on(died))


def kinds(shown: Days) -> str:
    """One letter a day of a row in which nothing was found."""
    letters = {Kind.NOT_RECORDED: ".", Kind.AWAY: "h", Kind.DEAD: "d", Kind.FUTURE: "_"}
    return "".join(letters[cell.kind] for cell in grade_cells(shown, []))


WARD = StaySpan(on(0), on(3))


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (days(), "........._"),
        (days(9), ".........."),
        (days(-1), "__________"),
        (days(8, (WARD,)), "....hhhhh_"),
        (days(8, (WARD, StaySpan(on(6), None))), "....hh..._"),
        (days(8, (StaySpan(on(2), on(3)),)), "....hhhhh_"),  # before it nobody knows where
        (days(8, (StaySpan(on(-2), None),)), "........._"),
        (days(8, (StaySpan(on(0), on(3), goes_on=True),)), "........._"),  # moved, and then?
        (days(8, (WARD,), died=6), "....hhhddd"),
        (days(8, (), died=2), "...ddddddd"),
    ],
)
def test_why_a_day_is_empty(shown: Days, expected: str) -> None:
    assert kinds(shown) == expected


@pytest.mark.parametrize(
    ("found", "kind", "grade", "unsure", "at_least"),
    [
        ([(0, "final")], Kind.GRADE, 0, False, False),
        ([(0, "final"), (2, "final"), (1, "final")], Kind.GRADE, 2, False, False),
        ([(None, "not_gradeable")], Kind.NOT_GRADEABLE, None, False, False),
        ([(0, "final"), (None, "not_gradeable")], Kind.GRADE, 0, True, False),
        ([(1, "provisional")], Kind.GRADE, 1, False, True),
        ([(1, "provisional"), (1, "final")], Kind.GRADE, 1, False, True),
        ([(2, "final"), (1, "provisional")], Kind.GRADE, 2, False, True),
        ([(1, "final"), (2, "provisional")], Kind.GRADE, 2, False, True),
    ],
)
def test_the_worst_of_a_day(
    found: list[tuple[int | None, str]],
    kind: Kind,
    grade: int | None,
    unsure: bool,
    at_least: bool,
) -> None:
    cell = grade_cells(days(), [Found(on(1), value, status) for value, status in found])[1]
    assert (cell.kind, cell.grade, cell.unsure, cell.at_least) == (kind, grade, unsure, at_least)


def test_a_cell_knows_its_checks_in_the_order_of_time() -> None:
    found = [Found(on(1), 1, "final", check=7), Found(on(1), None, "not_gradeable", check=9)]
    unknown = Found(on(2), None, "not_gradeable", check=4)
    cells = grade_cells(days(), [*found, unknown])
    assert [cell.checks for cell in cells[:3]] == [(), (7, 9), (4,)]


def test_a_clinician_makes_a_provisional_grade_firm() -> None:
    found = Found(on(0), 1, Status.PROVISIONAL, confirmed=True)
    assert not grade_cells(days(), [found])[0].at_least


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.none() | st.integers(0, 5)).map(
            lambda pair: Found(on(pair[0]), pair[1], "final" if pair[1] is not None else "x")
        )
    )
)
def test_no_0_stands_where_no_check_found_0(found: list[Found]) -> None:
    for cell in grade_cells(days(), found):
        grades = [one.grade for one in found if one.on == cell.on and one.grade is not None]
        assert cell.grade == max(grades, default=None)
        assert (cell.kind is Kind.GRADE) == bool(grades)


def test_doses_stand_on_their_days_and_a_day_without_is_no_0() -> None:
    amount = Amount(Decimal(40), "mg", 2)
    cells = dose_cells(days(8, (WARD,)), {on(1): amount, on(5): amount})
    assert cells[1].amount == amount
    assert cells[5].kind is Kind.GIVEN  # out of hospital too
    assert [cells[day].kind for day in (0, 4, 9)] == [Kind.NONE_RECORDED, Kind.AWAY, Kind.FUTURE]


def test_an_infection_is_a_bar_that_ends_today_at_the_latest() -> None:
    def drawn(bar: Span | None) -> str:
        cells = bar_cells(days(), bar)
        return "".join("#" if cell.kind is Kind.INFECTION else " " for cell in cells)

    assert drawn(Span(on(-3), on(1))) == "##        "
    assert drawn(Span(on(7), None)) == "       ## "
    assert drawn(Span(on(7), on(20))) == "       ## "
    assert drawn(None).strip() == ""


def test_a_day_partly_in_intensive_care_is_one_there() -> None:
    stays = (
        StaySpan(on(0), on(2), goes_on=True),
        StaySpan(on(2), on(4), icu=True, goes_on=True),
        StaySpan(on(4), on(6)),
    )
    found = [cell.kind for cell in stay_cells(days(8, stays))]
    assert found[:7] == [Kind.WARD] * 2 + [Kind.ICU] * 3 + [Kind.WARD] * 2
    assert found[7:] == [Kind.AWAY, Kind.AWAY, Kind.FUTURE]
    held = kinds_in([stay_cells(days(8, stays))])
    assert list(held) == [Kind.WARD, Kind.ICU, Kind.AWAY, Kind.FUTURE]
