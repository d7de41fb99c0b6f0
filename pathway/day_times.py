"""The days that guards counted at a step, counted again at its corrected time, and as they stand.

An infusion too early or late after lymphodepletion, a product past its date, a washout that was
not over: a corrected time says so, as the step itself would have.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from pathway.domain import collection_guards as c
from pathway.domain import dose_guards as d
from pathway.domain import guards as g
from pathway.domain import product_guards as p
from pathway.domain.facts import CompanionFacts, CourseFacts
from pathway.domain.machine_types import Guard
from pathway.domain.refusing import asked, hard, soft
from pathway.loading import CourseState
from pathway.models import Change
from pathway.standing import answers
from patients.domain.delays import DelayReasons
from protocol.selectors import settings_of
from terms.refusals import Refusal
from terms.words import N_

INFUSION = ("journey", "lymphodepletion", "infusion")
COLLECTION = ("apheresis", "cleared", "in_progress")
_OVER = ("lymphodepletion", "in_progress", "complete")
# The guards of a step that count days, by the step.
_COUNTING: Mapping[tuple[str, str, str], tuple[Guard, ...]] = {
    COLLECTION: (c.washouts_kept,),
    ("journey", "bridging", "lymphodepletion"): (g.bridging_washed_out,),
    INFUSION: (g.depletion_interval, d.inside_hold_clock, p.standing_product_in_date),
    _OVER: (d.after_last_dose,),
}
# The steps that a hold stops, of those whose holds on their day are looked at.
_HELD: Mapping[tuple[str, str, str], tuple[str, ...]] = {
    COLLECTION: ("apheresis",),
    ("journey", "bridging", "lymphodepletion"): ("bridging", "lymphodepletion", "infusion"),
    ("lymphodepletion", "planned", "in_progress"): ("lymphodepletion", "infusion"),
    INFUSION: ("lymphodepletion", "infusion"),
}
CODES = frozenset(
    {
        "held_then", "washout", "washout_blocked", "bridging_washout", "depletion_interval",
        "depletion_end_unknown", "repeat_depletion", "product_expired",
    }
)  # fmt: skip
# What cannot have been: the other of the two times is put right first.
_IMPOSSIBLE = frozenset({"before_depletion_ended", "before_last_dose", "over_after_infusion"})


def against_days(state: CourseState, change: Change, moved: Change) -> tuple[Refusal, ...]:
    """What the corrected time of a step makes of the days around it, as it was not before."""
    now = {str(one) for one in _counted(state, change)} | answers(change)
    found = (*_counted(state, moved), *_over_late(state, moved))
    return tuple(_asked(one) for one in found if str(one) not in now)


def days_then(state: CourseState, moved: Change) -> frozenset[str]:
    """The codes of all that the days around a corrected time say against it."""
    return frozenset(one.code for one in _counted(state, moved))


def days_apart(state: CourseState) -> tuple[Refusal, ...]:
    """What is to be said of the day of the infusion as it stands, and was not answered at it."""
    steps = (one for one in state.standing_changes if _step(one) == INFUSION)
    return tuple(
        refusal
        for step in list(steps)[-1:]
        for refusal in _counted(state, step)
        if str(refusal) not in answers(step)
    )


def _counted(state: CourseState, change: Change) -> tuple[Refusal, ...]:
    """What the guards of a step say of its day; nothing where nobody asked them or knows it."""
    guards, on = _COUNTING.get(_step(change), ()), change.known_on
    if change.transcribed or on is None:
        return ()
    held = _held(state, _HELD.get(_step(change), ()), on)
    if not guards:
        return held
    row = next((row for row in state.of(change.machine) if row.pk == change.subject_id), None)
    facts = state.facts(on=on, subject=row)
    if _step(change) == COLLECTION:
        facts = _given_until(facts, on)
    found = (guard(facts) for guard in guards)
    return (*held, *(one for one in found if one is not None))


def _held(state: CourseState, steps: tuple[str, ...], on: date) -> tuple[Refusal, ...]:
    """The holds of `steps` that stood all day: what began on it may have come after the step."""
    reasons = settings_of(state.course.protocol).section("delay_reasons", DelayReasons)
    names = tuple(
        reasons.named(hold.reason_code)
        for hold in state.holds
        if hold.step in steps and hold.began_on < on and (hold.ended_on or date.max) > on
    )
    if not names:
        return ()
    message = N_("A hold is on record as open on %(on)s: %(reasons)s.")
    return (soft("held_then", message, on=on, reasons=names),)


def _given_until(facts: CourseFacts, on: date) -> CourseFacts:
    """Without what was given after the collection: it was washed out before another one."""
    return replace(
        facts,
        therapies=tuple(t for t in facts.therapies if t.last_on is None or t.last_on <= on),
        containments=tuple(_doses_until(one, on) for one in facts.containments),
        bridgings=tuple(_doses_until(one, on) for one in facts.bridgings),
    )


def _doses_until(one: CompanionFacts, on: date) -> CompanionFacts:
    doses = tuple(dose for dose in one.doses if dose.given_on is None or dose.given_on <= on)
    late = one.last_dose_on is not None and one.last_dose_on > on
    return replace(one, doses=doses, last_dose_on=None if late else one.last_dose_on)


def _over_late(state: CourseState, moved: Change) -> tuple[Refusal, ...]:
    """A lymphodepletion that would end after the infusion that it prepared."""
    if _step(moved) != _OVER:
        return ()
    since = (one for one in state.standing_changes if one.place > moved.place)
    begun = [one for one in since if _step(one) == INFUSION and one.known_on is not None]
    if not begun or moved.happened_at <= begun[-1].happened_at:
        return ()
    message = N_("Lymphodepletion would then be over after the infusion, %(at)s.")
    return (replace(hard("over_after_infusion", message, at=begun[-1].happened_at),
                    field="happened_at"),)  # fmt: skip


def _asked(found: Refusal) -> Refusal:
    return replace(found, field="happened_at") if found.code in _IMPOSSIBLE else asked(found)


def _step(change: Change) -> tuple[str, str, str]:
    return change.machine, change.source, change.target
