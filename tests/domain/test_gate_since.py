"""What no longer stands of a gate that was passed: a table of rows, one check each."""

from dataclasses import replace
from datetime import timedelta

import pytest

from pathway.domain.assessments import GateEntry
from pathway.domain.charted import InfectionSeen
from pathway.domain.dose_guards import beyond_its_days
from pathway.domain.doses import DoseFacts
from pathway.domain.gate_rules import Gate
from pathway.domain.gate_since import Since, gate_since
from tests.domain.course_facts import DAY, NOON, companion, facts
from tests.domain.test_gates import entry, with_checks

GATE = Gate.LYMPHODEPLETION


def row(code: str, outcome: str = "met", pk: int = 900, days: int = 0, value: str = "",
        number: int = 1, told: int | None = None, replaces: int | None = None
        ) -> GateEntry:  # fmt: skip
    """A row of so many days ago, of the round that the next dose asks; written down at once."""
    at, written = (NOON - timedelta(days=ago) for ago in (days, days if told is None else told))
    found = entry(code, outcome, gate="lymphodepletion", pk=pk, round=number, value=value)
    return replace(
        found, at=at, on=at.date(), recorded_at=written, recorded_on=written.date(),
        replaces=899 if outcome == "withdrawn" else replaces,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("code", "rows", "what"),
    [
        ("infection", (row("infection"),), None),
        ("infection", (), None),  # asked by the gate itself, not since
        ("infection", (row("infection", days=4),), None),  # only grown old
        ("infection", (row("infection", "not_met"),), Since.NOT_MET),
        ("renal", (row("renal", value="45"),), Since.ASKS),
        ("renal", (row("renal", value="45"), row("renal", "waived", 901)), None),
        ("renal", (row("renal", value="45", days=4),), Since.ASKS),  # unanswered, however old
        ("renal", (row("renal", value="45", days=4), row("renal", "waived", 901, days=4)), None),
        ("infection", (row("infection", "withdrawn"),), Since.TAKEN_BACK),
        ("infection", (row("infection", "withdrawn", number=2),), None),
        ("infection", (row("infection", days=1), row("infection", "withdrawn", 901)), None),
        ("infection", (row("infection", days=4), row("infection", "withdrawn", 901)),
         Since.TAKEN_BACK),
        # A row that is too old when it is written down is none that holds.
        ("infection", (row("infection", "withdrawn"), row("infection", pk=901, days=4, told=0)),
         Since.TAKEN_BACK),
        ("infection", (row("infection", replaces=899, days=4, told=0),), Since.TAKEN_BACK),
        ("infection", (row("infection", "not_met", replaces=899),), Since.NOT_MET),
        # What held when it was written down may grow old like any other.
        ("infection", (row("infection", "withdrawn", days=5), row("infection", pk=901, days=4)),
         None),
        ("infection", (row("infection", days=4), row("infection", "withdrawn", 901, days=3)), None),
        # Until somebody takes that back, too.
        ("infection", (row("infection", "withdrawn", days=5), row("infection", "withdrawn", 902)),
         Since.TAKEN_BACK),
        ("renal", (row("renal", "withdrawn"), row("renal", value="45", pk=901)), Since.ASKS),
        ("renal", (row("renal", "withdrawn"), row("renal", value="28", pk=901)), Since.NOT_MET),
        ("cardiac", (row("cardiac", "withdrawn"), row("cardiac", "waived", 901)), None),
    ],
)  # fmt: skip
def test_what_was_recorded_since_counts_and_what_grew_old_does_not(
    code: str, rows: tuple[GateEntry, ...], what: Since | None
) -> None:
    found = gate_since(GATE, with_checks(*rows, without=code, depletions=()))
    told = {doubt.standing.check.code: doubt.what for doubt in found}
    assert told == ({code: what} if what else {})


def test_for_a_dose_of_the_past_a_row_of_later_does_not_stand() -> None:
    rows = (row("infection", "withdrawn"), row("infection", pk=901))
    seen = with_checks(*rows, without="infection", depletions=())
    assert gate_since(GATE, seen) == ()
    [doubt] = gate_since(GATE, replace(seen, at=NOON - timedelta(hours=1)))
    assert (doubt.standing.check.code, doubt.what) == ("infection", Since.TAKEN_BACK)


@pytest.mark.parametrize(
    ("code", "rows", "what"),
    [
        ("infection", (row("infection", "not_met", 901),), Since.NOT_MET),
        ("infection", (row("infection", "not_met", 901), row("infection", pk=902)), None),
        ("renal", (row("renal", value="28", pk=901),), Since.NOT_MET),
        ("renal", (row("renal", value="95", pk=901),), None),
    ],
)
def test_for_a_dose_of_the_past_what_is_not_met_since_is_asked(
    code: str, rows: tuple[GateEntry, ...], what: Since | None
) -> None:
    held = row(code, value="95" if code == "renal" else "", days=1)
    seen = with_checks(held, *rows, without=code, depletions=())
    found = gate_since(GATE, replace(seen, at=NOON - timedelta(hours=1)))
    told = {doubt.standing.check.code: doubt.what for doubt in found}
    assert told == ({code: what} if what else {})


def test_what_the_chart_says_is_asked_also_once_its_check_is_old() -> None:
    began = NOON - timedelta(days=3)
    infection = InfectionSeen(began.date(), None, 2, began)
    seen = with_checks(row("infection", days=4), without="infection", depletions=())
    seen = replace(seen, toxicity=replace(seen.toxicity, infections=(infection,)))
    [doubt] = gate_since(GATE, seen)
    assert [one.code for one in doubt.standing.refusals] == ["chart_infection"]
    reason = row("infection", "waived", 901, days=2)
    answered = replace(seen.assessments, gates=(*seen.assessments.gates, reason))
    assert gate_since(GATE, replace(seen, assessments=answered)) == ()


@pytest.mark.parametrize(
    ("first", "rows", "what"),
    [
        (2, (row("infection", days=4),), None),  # by its plan the last dose is due
        (3, (row("infection", days=4),), Since.OLD),
        (3, (row("infection", days=1),), None),
        (3, (), Since.OLD),
        (3, (row("infection", days=4), row("infection", "withdrawn", 901)), Since.TAKEN_BACK),
        (None, (row("infection", days=4),), None),
    ],
)
def test_once_the_days_of_the_regimen_are_over_what_is_old_is_asked(
    first: int | None, rows: tuple[GateEntry, ...], what: Since | None
) -> None:
    on = None if first is None else DAY - timedelta(days=first)
    doses = tuple(
        DoseFacts(number, number, "fludarabine", planned_day=day, given_on=on)
        for number, day in ((1, -4), (2, -2), (3, None))
    )
    course = with_checks(*rows, without="infection", depletions=())
    bare = {"in_progress": DAY} if on is None else {}
    seen = replace(course, subject=companion("in_progress", doses=doses, reached=bare))
    found = gate_since(GATE, seen)
    told = {doubt.standing.check.code: doubt.what for doubt in found}
    assert told == ({"infection": what} if what else {})
    later = replace(seen, on=DAY + timedelta(days=9))
    assert gate_since(GATE, replace(later, subject=companion("in_progress"))) == tuple(
        one for one in found if one.what is not Since.OLD
    )


def test_the_days_of_a_regimen_begun_without_a_dose_count_from_that_step() -> None:
    doses = (DoseFacts(1, 1, "f", planned_day=-4), DoseFacts(2, 2, "c", planned_day=-2))
    for ago, beyond in ((2, False), (3, True)):
        reached = {"in_progress": DAY - timedelta(days=ago)}
        begun = companion("in_progress", doses=doses, reached=reached)
        assert beyond_its_days(facts(subject=begun)) is beyond
    assert not beyond_its_days(facts(subject=companion("planned", doses=doses)))
    assert not beyond_its_days(facts())
