"""When a course went through a gate, and which gates lie behind it without anybody having asked."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from pathway.domain.gate_rules import Gate
from pathway.domain.spine import SPINE_ORDER
from pathway.gating import MOVES, THAW
from pathway.loading import CourseState

# The first stage that lies behind each gate.
_BEHIND = {
    Gate.COLLECTION: "bridging",
    Gate.LYMPHODEPLETION: "lymphodepletion",
    Gate.INFUSION: "infusion",
    Gate.DISCHARGE: "follow_up",
}


@dataclass(frozen=True)
class Passage:
    """The last time a course went through a gate, with the reasons that were given for it."""

    on: date | None
    by: str
    reasons: tuple[Mapping[str, str], ...]


def passage_of(state: CourseState, gate: Gate) -> Passage | None:
    """The last passage that stands and was asked about; None without one."""
    return _last(state, {move for move, asks in MOVES.items() if asks is gate and move != THAW})


def thaw_of(state: CourseState) -> Passage | None:
    """The last thaw that stands and was asked about: the first passage of the infusion's gate."""
    return _last(state, {THAW})


def _last(state: CourseState, moves: Collection[tuple[str, str, str]]) -> Passage | None:
    for change in reversed(state.standing_changes):
        if not change.transcribed and (change.machine, change.source, change.target) in moves:
            return Passage(change.known_on, change.actor.get_full_name(), tuple(change.overrides))
    return None


def unchecked(state: CourseState, gate: Gate) -> bool:
    """Whether the gate lies behind the course only because that was entered with its past."""
    return behind(state, gate) and passage_of(state, gate) is None


def behind(state: CourseState, gate: Gate) -> bool:
    """Whether the course is past a gate; one that has left the pathway is past none.

    Each lymphodepletion asks its gate when its first dose is given.
    """
    stages = [stage.value for stage in SPINE_ORDER]
    at = state.journey.stage
    asked_again = at == "lymphodepletion" and not any(
        row.state in ("in_progress", "complete") for row in state.of("lymphodepletion")
    )
    if gate is Gate.LYMPHODEPLETION and asked_again:
        return False
    return at in stages and stages.index(at) >= stages.index(_BEHIND[gate])
