"""A corrected day of an anchor against the days of the others."""

from datetime import date, timedelta

import pytest

from pathway.domain.dating import refuse_anchor_order

DAY = date(2026, 10, 20)


def _on(days: int) -> date:
    return DAY + timedelta(days=days)


@pytest.mark.parametrize(
    ("kind", "on", "others", "codes"),
    [
        ("infusion", 0, [], []),
        ("infusion", 0, [("enrolment", 0), ("apheresis", -30), ("lymphodepletion", -5)], []),
        ("infusion", -6, [("lymphodepletion", -5)], ["before_earlier_anchor"]),
        ("infusion", 3, [("relapse", 2)], ["after_later_anchor"]),
        # The discharge anchor is settled anew from the stays once day 0 has moved.
        ("infusion", 3, [("discharge", 2)], []),
        ("discharge", -1, [("infusion", 0)], ["before_earlier_anchor"]),
        ("apheresis", 1, [("infusion", 0)], ["after_later_anchor"]),
        ("apheresis", -45, [("enrolment", -40)], ["before_earlier_anchor"]),
        # A second collection may follow a first lymphodepletion.
        ("apheresis", 0, [("lymphodepletion", -5)], []),
        (
            "enrolment",
            -4,
            [("apheresis", -30), ("lymphodepletion", -5), ("infusion", 0)],
            ["after_later_anchor"] * 2,
        ),
    ],
)
def test_a_day_fits_with_the_others(
    kind: str, on: int, others: list[tuple[str, int]], codes: list[str]
) -> None:
    known = [(other, _on(days)) for other, days in others]
    found = refuse_anchor_order(kind, _on(on), known, "happened_at")
    assert [refusal.code for refusal in found] == codes
    assert all(refusal.field == "happened_at" for refusal in found)
