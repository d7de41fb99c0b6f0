"""The corrected time of a step that was asked something: what did not stand then is asked, told."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from accounts.models import User
from pathway.check_times import TOLD, Used, over_then, over_time
from pathway.day_times import CODES as DAYS
from pathway.day_times import COLLECTION, against_days, days_then
from pathway.domain import bag_times
from pathway.domain.companions import COMPANIONS
from pathway.domain.depletion import LYMPHODEPLETION, Depletion
from pathway.domain.facts import CourseFacts
from pathway.domain.gate_rules import Gate
from pathway.domain.gates import KEPT, checklist
from pathway.domain.refusing import asked
from pathway.domain.spine import SPINE
from pathway.dose_told import recorded_then
from pathway.gating import MOVES, THAW
from pathway.loading import CourseState
from pathway.models import Change
from pathway.standing import answers
from reminders.notices import raise_notice, withdraw_notices
from terms.day_numbers import local_date
from terms.refusals import Refusal

_BEGUN = frozenset({Depletion.IN_PROGRESS.value})
_OVER = frozenset({Depletion.COMPLETE.value, Depletion.STOPPED.value})
# A collection that begins is asked its gate once more.
_ASKING = {**MOVES, COLLECTION: Gate.COLLECTION}


def against_gate(state: CourseState, change: Change, moved: list[Change]) -> tuple[Refusal, ...]:
    """What a corrected time of `change` loses of its gate and of the days that were counted at it,
    or makes of an infusion that is over.

    It happened, so each yields to a reason. What was answered at the step itself, or stands
    against the time that stands already, is not asked again while it says the same.
    """
    now = {str(one) for one in (*_open(state, change), *over_time(state))} | answers(change)
    for one in state.standing_changes:
        if (one.machine, one.target) == ("product", "infused"):
            now |= answers(one)
    found = (*_open(state, moved[0]), *over_then(state, moved))
    gate = tuple(asked(one) for one in found if str(one) not in now)
    return (*gate, *against_days(state, change, moved[0]))


def still_answered(
    state: CourseState, moved: list[Change], kept: Used, again: Iterable[Refusal]
) -> Used:
    """The `kept` reasons that count at the corrected time, without those given for another one.

    What was answered at the step itself stays, so that an undo puts back what stood.
    """
    if _gate(moved[0]) is Gate.DISCHARGE:
        return kept
    found = {one.code for one in (*_open(state, moved[0]), *over_then(state, moved))}
    found |= days_then(state, moved[0])
    found -= {one.code for one in again}
    return tuple(
        one for one in kept if "said" in one or one["code"] in found or not _of_time(one["code"])
    )


def _of_time(code: str) -> bool:
    return code.startswith(KEPT) or code in bag_times.OVER or code in DAYS


def tell_gate(state: CourseState, change: Change, actor: User, now: datetime) -> None:
    """Tell that not all stood at a corrected time; what an earlier correction told goes first.

    A discharge and what makes an infusion last too long are told of in words of their own.
    """
    if _gate(change) is Gate.DISCHARGE:
        return
    cause = f"gate_time:{change.place}"
    withdraw_notices(state.course, cause=cause, actor=actor, now=now)
    codes = {one["code"] for one in change.overrides if "said" not in one} - {*bag_times.OVER}
    if not any(_of_time(code) for code in codes):
        return
    machine = SPINE if change.machine == SPINE.name else COMPANIONS[change.machine]
    raise_notice(
        course=state.course,
        code="step_not_then",
        roles=TOLD,
        params={
            "machine": machine.label,
            "step": machine.labels[machine.state(change.target)],
            "on": change.happened_on,
        },
        about=cause,
        cause=cause,
        actor=actor,
        now=now,
    )


def _open(state: CourseState, change: Change) -> tuple[Refusal, ...]:
    """What the checks that people record say against a step at its time; none of a discharge.

    See discharge_times.py for that. What is computed is known of the moment only.
    """
    gate, at = _gate(change), change.happened_at
    if gate is None or gate is Gate.DISCHARGE or change.transcribed:
        return ()
    if change.machine == LYMPHODEPLETION.name:
        row = next(row for row in state.of(change.machine) if row.pk == change.subject_id)
        return tuple(recorded_then(state, row, at))
    thaw = (change.machine, change.source, change.target) == THAW
    return tuple(
        refusal
        for one in checklist(gate, _facts(state, change, gate, at))
        if not one.check.fact and (one.check.before_thaw or not thaw)
        for refusal in one.refusals
    )


def _facts(state: CourseState, change: Change, gate: Gate, at: datetime) -> CourseFacts:
    """What stood at the time of a step, in the round of the gate in which it was made."""
    facts = state.facts(on=local_date(at, state.course.centre.zone), at=at)
    if gate is Gate.COLLECTION:
        own = tuple(one for one in facts.attempts if one.pk <= (change.subject_id or 0))
        return replace(facts, attempts=own)
    reached = _OVER if gate is Gate.LYMPHODEPLETION else _BEGUN
    before = {
        one.subject_id
        for one in state.changes
        if one.machine == LYMPHODEPLETION.name
        and one.target in reached
        and one.place < change.place
    }
    depletions = tuple(one for one in facts.depletions if one.pk in before)
    stage = change.source if change.machine == SPINE.name else facts.stage
    return replace(facts, stage=stage, depletions=depletions)


def _gate(change: Change) -> Gate | None:
    return _ASKING.get((change.machine, change.source, change.target))
