"""What speaks against the checks of a gate since it was passed, for doses and for who is told."""

from dataclasses import dataclass, replace
from enum import StrEnum

from pathway.domain.assessments import GateEntry
from pathway.domain.dose_guards import beyond_its_days
from pathway.domain.facts import CourseFacts
from pathway.domain.gate_facts import Status
from pathway.domain.gate_rules import Gate
from pathway.domain.gates import CheckStanding, checklist, not_met_later, round_of, rows_of


class Since(StrEnum):
    """Why a check that was passed is asked about."""

    NOT_MET = "not_met"  # recorded as not met, also after the time that is asked about
    ASKS = "asks"  # by the chart, or by a number in range that asks for a reason
    TAKEN_BACK = "taken_back"  # nothing that holds is left of what was recorded
    OLD = "old"  # too old, or not recorded, once the days are over that it was passed for


@dataclass(frozen=True)
class Doubt:
    """A recorded check that does not stand as it did when its gate was passed."""

    standing: CheckStanding
    what: Since


def gate_since(gate: Gate, facts: CourseFacts) -> tuple[Doubt, ...]:
    """Every such check of a gate; a computed one is none.

    Nor is one that only grew old, as long as the treatment keeps to its days. What asked for a
    reason asks for it also once its row is old.
    """
    found = zip(checklist(gate, facts), checklist(gate, facts, ageing=False), strict=True)
    doubts = (_doubt(now, ageless, gate, facts) for now, ageless in found if not now.check.fact)
    return tuple(doubt for doubt in doubts if doubt is not None)


def _doubt(
    now: CheckStanding, ageless: CheckStanding, gate: Gate, facts: CourseFacts
) -> Doubt | None:
    if now.status is Status.NOT_MET:
        return Doubt(now, Since.NOT_MET)
    if ageless.status in (Status.CHART, Status.CAUTION):
        return Doubt(ageless, Since.ASKS)
    left = now.status in (Status.MISSING, Status.STALE)
    if left and _undone(now.check.code, gate, facts):
        return Doubt(now, Since.TAKEN_BACK)
    if not_met_later(now.check, gate, facts) is not None:
        return Doubt(now, Since.NOT_MET)
    return Doubt(now, Since.OLD) if left and beyond_its_days(facts) else None


def _undone(code: str, gate: Gate, facts: CourseFacts) -> bool:
    """Whether a row was taken back or replaced, and the check never stood passed since."""
    number = round_of(gate, facts)
    replacing = [
        entry.pk
        for entry in facts.assessments.gates
        if (entry.gate, entry.round, entry.check) == (gate, number, code)
        and entry.replaces is not None
    ]
    if not replacing:
        return False
    since = [row for row in rows_of(gate, facts) if row.check == code and row.pk >= max(replacing)]
    return not any(_stood(row, gate, facts) for row in since)


def _stood(row: GateEntry, gate: Gate, facts: CourseFacts) -> bool:
    """Whether the check of a row stood passed when the row was recorded, by what stands today."""
    known = tuple(entry for entry in facts.assessments.gates if entry.pk <= row.pk)
    then = replace(
        facts,
        at=row.recorded_at,
        on=row.recorded_on,
        assessments=replace(facts.assessments, gates=known),
    )
    return any(one.passed for one in checklist(gate, then) if one.check.code == row.check)
