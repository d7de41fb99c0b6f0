"""What speaks against the checks of a gate since it was passed, for doses and for who is told."""

from dataclasses import dataclass
from enum import StrEnum

from pathway.domain.assessments import GateOutcome
from pathway.domain.facts import CourseFacts
from pathway.domain.gate_facts import Status
from pathway.domain.gate_rules import Gate
from pathway.domain.gates import CheckStanding, checklist, round_of


class Since(StrEnum):
    """Why a check that was passed is asked about."""

    NOT_MET = "not_met"  # recorded as not met
    ASKS = "asks"  # by the chart, or by a number in range that asks for a reason
    TAKEN_BACK = "taken_back"  # nothing that holds is left of what was recorded


@dataclass(frozen=True)
class Doubt:
    """A recorded check that does not stand as it did when its gate was passed."""

    standing: CheckStanding
    what: Since


def gate_since(gate: Gate, facts: CourseFacts) -> tuple[Doubt, ...]:
    """Every such check of a gate; one that only grew old since is none, nor is a computed one."""
    gone = _taken_back(gate, facts)
    found = ((one, _what(one, gone)) for one in checklist(gate, facts) if not one.check.fact)
    return tuple(Doubt(one, what) for one, what in found if what is not None)


def _what(one: CheckStanding, gone: frozenset[str]) -> Since | None:
    if one.status is Status.NOT_MET:
        return Since.NOT_MET
    if one.status in (Status.CHART, Status.CAUTION):
        return Since.ASKS
    if one.status in (Status.MISSING, Status.STALE) and one.check.code in gone:
        return Since.TAKEN_BACK
    return None


def _taken_back(gate: Gate, facts: CourseFacts) -> frozenset[str]:
    """The checks of which the last row was taken back; a waiver is no row of its own."""
    number, last = round_of(gate, facts), {}
    for entry in sorted(facts.assessments.gates, key=lambda one: one.pk):
        if (entry.gate, entry.round) == (gate, number) and entry.outcome != GateOutcome.WAIVED:
            last[entry.check] = entry.outcome
    return frozenset(code for code, said in last.items() if said == GateOutcome.WITHDRAWN)
