"""Consents: the latest answer of each kind decides, and none counts before it was given."""

from datetime import date

import pytest

from patients.domain.consents import ConsentFacts, standing_kinds
from terms.partial_dates import parse

DAY = date(2026, 10, 15)


def answer(pk: int, on: str, given: bool = True, withdrawn: str = "") -> ConsentFacts:
    back = date.fromisoformat(withdrawn) if withdrawn else None
    return ConsentFacts(pk, "data", given, parse(on) if on else None, back)


@pytest.mark.parametrize(
    ("answers", "stands"),
    [
        ((), False),
        ((answer(1, "2026-10-15"),), True),
        ((answer(1, "2026-10-16"),), False),  # not given yet on the day of the move
        ((answer(1, "2026-10"),), False),  # it may have been later in the month
        ((answer(1, "2026-09"),), True),
        ((answer(1, ""),), False),
        ((answer(1, "2026-10-01", given=False),), False),
        ((answer(1, "2026-10-01"), answer(2, "2026-10-05", given=False)), False),
        ((answer(1, "2026-10-05", given=False), answer(2, "2026-10-01")), False),  # entered late
        ((answer(1, "2026-10-05", given=False), answer(2, "2026-10-06")), True),
        ((answer(1, "2026-10-05", given=False), answer(2, "2026-10-05")), True),
        ((answer(1, "2026-10-05"), answer(2, "2026-10-05", given=False)), False),
        ((answer(1, "2026-10-01"), answer(2, "2026-10-16", given=False)), True),  # not yet
        ((answer(1, "2026-10-01"), answer(2, "2026-10", given=False)), False),  # may be the later
        ((answer(1, "2026-09"), answer(2, "2026-09-02", given=False)), False),
        ((answer(1, "2026-10-01"), answer(2, "", given=False)), False),
        ((answer(1, "2026-10-01", withdrawn="2026-10-15"),), False),
        ((answer(1, "2026-10-01", withdrawn="2026-10-16"),), True),
        ((answer(1, "2026-10-01", withdrawn="2026-10-10"), answer(2, "2026-10-02")), False),
        ((answer(1, "2026-10-01", withdrawn="2026-10-10"), answer(2, "2026-10-10")), True),
    ],
)  # fmt: skip
def test_the_latest_answer_stands(answers: tuple[ConsentFacts, ...], stands: bool) -> None:
    assert standing_kinds(answers, DAY) == (frozenset({"data"}) if stands else frozenset())


def test_each_kind_stands_for_itself() -> None:
    other = ConsentFacts(2, "assessment", False, parse("2026-10-02"))
    assert standing_kinds((answer(1, "2026-10-01"), other), DAY) == {"data"}
