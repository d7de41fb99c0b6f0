"""Stays one after the other: the day of a change may be shared, nothing more."""

from datetime import date

import pytest

from patients.domain.stay_order import Span, refuse_span


def day(number: int) -> date:
    return date(2026, 11, number)


@pytest.mark.parametrize(
    ("span", "others", "code"),
    [
        ((2, 5), [], ""),
        ((2, None), [], ""),
        ((5, 2), [], "before_stay_began"),
        ((2, 5), [(5, 9)], ""),
        ((5, 9), [(2, 5)], ""),
        ((5, 5), [(2, 5), (5, None)], ""),
        ((2, 6), [(5, 9)], "overlaps"),
        ((6, 8), [(5, 9)], "overlaps"),
        ((2, None), [(5, 9)], "overlaps"),
        ((7, 8), [(5, None)], "overlaps"),
        ((2, 4), [(5, None)], ""),
    ],
)
def test_stays_do_not_lie_across_each_other(
    span: tuple[int, int | None], others: list[tuple[int, int | None]], code: str
) -> None:
    def built(pair: tuple[int, int | None]) -> Span:
        return Span(day(pair[0]), None if pair[1] is None else day(pair[1]))

    refusals = refuse_span(built(span), [built(other) for other in others])
    assert "".join(refusal.code for refusal in refusals) == code
