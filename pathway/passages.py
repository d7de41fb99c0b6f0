"""When a course went through a gate, and which gates lie behind it without anybody having asked."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

from pathway.day_times import COLLECTION
from pathway.domain import bag_times, charted, check_times
from pathway.domain.doses import DoseFacts
from pathway.domain.gate_rows import CODE
from pathway.domain.gate_rules import Gate
from pathway.domain.rules import PathwayRules
from pathway.domain.spine import SPINE_ORDER
from pathway.gating import MOVES, THAW
from pathway.loading import CourseState
from terms.words import Bilingual

# The first stage that lies behind each gate.
_BEHIND = {
    Gate.COLLECTION: "bridging",
    Gate.LYMPHODEPLETION: "lymphodepletion",
    Gate.INFUSION: "infusion",
    Gate.DISCHARGE: "follow_up",
}

# The computed check behind each code with which a guard of its own asks.
_FACTS = {
    code: fact
    for fact, codes in {
        "depletion_interval": ("depletion_interval", "depletion_end_unknown", "repeat_depletion"),
        "washouts_met": ("washout", "washout_blocked", "washout_unknown", "treatment_not_weighed"),
        "bridging_washed_out": ("bridging_washout", "last_dose_unknown", "bridging_not_weighed"),
        "no_hold": ("held_then",),
        "product_on_site": ("product_not_on_site",),
        "product_thawed": ("product_expired", "thaw_unknown", *bag_times.CODES),
        "bedside_checked": (check_times.BEGUN,),
        "dose_on_target": ("dose_off_target", "dose_off_weight", "weight_unknown", "weight_old"),
        "depletion_complete": ("depletion_start_unknown", "earlier_depletion", "regimen_in_part"),
    }.items()
    for code in codes
}


@dataclass(frozen=True)
class Passage:
    """The last time a course went through a gate, with the reasons that were given for it."""

    on: date | None
    by: str
    reasons: tuple[Mapping[str, str], ...]
    told_after: bool = False  # the gate was asked about what had happened: it stopped nothing
    subject: int | None = None  # the companion that went through


@dataclass(frozen=True)
class ToldAfter:
    """A first dose told after it was given: what was asked of it, each with the reason given."""

    dose: DoseFacts
    asked: tuple[tuple[Bilingual, str], ...]


def passage_of(state: CourseState, gate: Gate) -> Passage | None:
    """The last passage that stands and was asked about; None without one.

    A collection that has begun was asked its gate once more: what was answered then is with it.
    """
    passage = _last(state, {move for move, asks in MOVES.items() if asks is gate and move != THAW})
    begun = _last(state, {COLLECTION}) if gate is Gate.COLLECTION else None
    if passage is None or begun is None or begun.subject != passage.subject:
        return passage
    return replace(passage, reasons=(*passage.reasons, *begun.reasons))


def thaw_of(state: CourseState) -> Passage | None:
    """The last thaw that stands and was asked about: the first passage of the infusion's gate."""
    return _last(state, {THAW})


def _last(state: CourseState, moves: Collection[tuple[str, str, str]]) -> Passage | None:
    for change in reversed(state.standing_changes):
        if not change.transcribed and (change.machine, change.source, change.target) in moves:
            return Passage(
                change.known_on,
                change.actor.get_full_name(),
                tuple(change.overrides),
                change.told_after,
                change.subject_id,
            )
    return None


def told_afterwards(state: CourseState) -> tuple[ToldAfter, ...]:
    """The doses past the gate to lymphodepletion with what did not stand when they were given."""
    doses = (dose for row in state.of("lymphodepletion") for dose in row.doses if dose.answers)
    return tuple(
        ToldAfter(dose, tuple((Bilingual(**one["said"]), one["reason"]) for one in dose.answers))
        for dose in doses
    )


def question_of(code: str, gate: Gate, rules: PathwayRules) -> Bilingual | None:
    """The check that a reason was about; None where a guard asked that has no row there."""
    for kind in (CODE, charted.CODE, "since_"):
        if code.startswith(kind):
            check = rules.gates.check(gate, code.removeprefix(kind))
            return check.label if check is not None else None
    fact = _FACTS.get(code)
    labels = (one.label for one in rules.gates.by_gate[gate] if fact and one.fact == fact)
    return next(labels, None)


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
