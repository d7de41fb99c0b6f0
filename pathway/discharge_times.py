"""The time of a discharge against its gate: asked again when it is corrected, told, and kept."""

from copy import copy
from dataclasses import replace
from datetime import datetime

from accounts.models import User
from pathway.check_times import TOLD, Used
from pathway.domain.facts import CourseFacts
from pathway.domain.gate_facts import Status
from pathway.domain.gate_rows import CODE
from pathway.domain.gate_rules import Gate
from pathway.domain.gates import checklist, gate_passed
from pathway.gating import MOVES, keep_waivers
from pathway.loading import CourseState
from pathway.models import Change
from reminders.notices import raise_notice, withdraw_notices
from terms.refusals import Kind, Refusal


def against_discharge(state: CourseState, moved: Change) -> tuple[Refusal, ...]:
    """What the gate says of the corrected time of a discharge: each yields to a reason.

    It happened, whatever the gate says. What was entered with its past went through no gate here.
    """
    if _gate(moved) is not Gate.DISCHARGE or moved.transcribed:
        return ()
    found = gate_passed(Gate.DISCHARGE)(_facts(state, moved))
    return tuple(replace(one, kind=Kind.SOFT) for one in found)


def still_waived(state: CourseState, moved: Change, used: Used) -> Used:
    """The reasons of a step that count at its time: of checks of a discharge, those that yield.

    What else was answered is about no time and stays.
    """
    if _gate(moved) is not Gate.DISCHARGE or moved.transcribed:
        return used
    yielding = {
        CODE + one.check.code
        for one in checklist(Gate.DISCHARGE, _facts(state, moved))
        if one.status is Status.WAIVED
    }
    return tuple(one for one in used if one["code"] in yielding or not one["code"].startswith(CODE))


def _facts(state: CourseState, moved: Change) -> CourseFacts:
    """Of the moment; the gate and its round are those of the stage that was left."""
    facts = state.facts(on=moved.happened_on, at=moved.happened_at)
    return replace(facts, stage=moved.source)


def tell_discharge(
    state: CourseState, change: Change, used: Used, actor: User, now: datetime
) -> None:
    """Keep the `used` reasons as waivers of their checks, and tell that the gate did not stand.

    What an earlier correction told is taken back first.
    """
    if _gate(change) is not Gate.DISCHARGE:
        return
    again = copy(change)
    again.overrides = list(used)
    keep_waivers(state, again, actor, now)
    cause = f"time:{change.place}"
    withdraw_notices(state.course, cause=cause, actor=actor, now=now)
    if used:
        raise_notice(
            course=state.course,
            code="gate_not_then",
            roles=TOLD,
            params={"on": change.happened_on},
            about=cause,
            cause=cause,
            actor=actor,
            now=now,
        )


def _gate(change: Change) -> Gate | None:
    return MOVES.get((change.machine, change.source, change.target))
