"""What no longer stands of a gate that was passed: a table of rows, one check each."""

from dataclasses import replace
from datetime import timedelta

import pytest

from pathway.domain.assessments import GateEntry
from pathway.domain.gate_rules import Gate
from pathway.domain.gate_since import Since, gate_since
from tests.domain.course_facts import NOON
from tests.domain.test_gates import entry, with_checks

GATE = Gate.LYMPHODEPLETION


def row(code: str, outcome: str = "met", pk: int = 900, days: int = 0, value: str = "",
        number: int = 1) -> GateEntry:  # fmt: skip
    """A row of the gate so many days ago, of the round that the next dose asks."""
    at = NOON - timedelta(days=days)
    found = entry(code, outcome, gate="lymphodepletion", pk=pk, round=number, value=value)
    return replace(found, at=at, on=at.date())


@pytest.mark.parametrize(
    ("code", "rows", "what"),
    [
        ("infection", (row("infection"),), None),
        ("infection", (), None),  # asked by the gate itself, not since
        ("infection", (row("infection", days=4),), None),  # only grown old
        ("infection", (row("infection", "not_met"),), Since.NOT_MET),
        ("renal", (row("renal", value="45"),), Since.ASKS),
        ("renal", (row("renal", value="45"), row("renal", "waived", 901)), None),
        ("infection", (row("infection", "withdrawn"),), Since.TAKEN_BACK),
        ("infection", (row("infection", "withdrawn", number=2),), None),
        ("infection", (row("infection", days=1), row("infection", "withdrawn", 901)), None),
        ("infection", (row("infection", days=4), row("infection", "withdrawn", 901)),
         Since.TAKEN_BACK),
        ("infection", (row("infection", "withdrawn"), row("infection", pk=901, days=4)), None),
        ("cardiac", (row("cardiac", "withdrawn"), row("cardiac", "waived", 901)), None),
    ],
)  # fmt: skip
def test_what_was_recorded_since_counts_and_what_grew_old_does_not(
    code: str, rows: tuple[GateEntry, ...], what: Since | None
) -> None:
    found = gate_since(GATE, with_checks(*rows, without=code, depletions=()))
    told = {doubt.standing.check.code: doubt.what for doubt in found}
    assert told == ({code: what} if what else {})
