"""What speaks against a further dose of a treatment under way: asked, since it may be given."""

from dataclasses import replace
from datetime import datetime

from pathway.domain.facts import CourseFacts
from pathway.domain.gate_rules import Gate
from pathway.domain.gate_since import Doubt, Since, gate_since
from pathway.domain.gate_told import still_open
from pathway.domain.gates import KEPT
from pathway.domain.guards import consents_kept, no_hold_on, product_on_site
from pathway.domain.product_guards import dose_for_weight, dose_on_target
from pathway.domain.refusing import asked, soft
from pathway.dose_of_cancelled import is_cancelled
from pathway.dose_rounds import facts_of_dose, is_asked
from pathway.dose_told import begins_anew, first_asked
from pathway.loading import CourseState
from pathway.loading_companions import CompanionRow
from pathway.models import Dose
from terms.day_numbers import local_date
from terms.refusals import Refusal
from terms.words import N_

# Begins the code of a question about a check that does not stand any more, answered dose by dose.
AGAINST = "dose_against_"
_SAID = {
    Since.NOT_MET: N_("%(check)s: recorded as not met."),
    Since.TAKEN_BACK: N_("%(check)s: what was recorded was taken back, and nothing else stands."),
}
_STEPS = ("lymphodepletion", "infusion")
_UNPASSED = N_("%(check)s: did not stand when an earlier dose was given, and does not now.")


def doubts(state: CourseState, row: CompanionRow, at: datetime) -> list[Refusal]:
    """Against a further dose while something says to stop, be it told once all are over.

    Soft, so that what was truly given can be recorded. The first dose asks the gate itself, and so
    does the next one where no dose stands any more.
    """
    if (row.machine, row.state) == ("bridging", "on_hold"):
        return [soft("bridging_on_hold", N_("This bridging course is on hold."))]
    if begins_anew(state, row, at) or is_cancelled(row):
        return [asked(one) for one in first_asked(state, row, at)]
    return _against_further(state, row, at)


def retimed_further(
    state: CourseState, row: CompanionRow, dose: Dose, at: datetime
) -> list[Refusal]:
    """What did not speak against a further dose, and does at the time that is told of it now."""
    before, on = dose.given_at, local_date(at, state.course.centre.zone)
    others = (one.given_on for one in row.doses if one.pk != dose.pk and one.given_on)
    if before is None or not any(day < on for day in others):
        return []  # the first dose asks the gate
    known = {one.code for one in _against_further(state, row, before, hindsight=False)}
    found = _against_further(state, row, at, hindsight=False)
    return [one for one in found if one.code not in known]


def _against_further(
    state: CourseState, row: CompanionRow, at: datetime, *, hindsight: bool = True
) -> list[Refusal]:
    """What speaks against it; without `hindsight` by the checks of that time alone."""
    if not is_asked(row):
        return []
    facts = facts_of_dose(state, row, at)
    if not hindsight:
        by_then = tuple(one for one in facts.assessments.gates if one.at <= at)
        facts = replace(facts, assessments=replace(facts.assessments, gates=by_then))
    found = [consents_kept(facts), *_held(state, row, facts)]
    used = facts.product is not None and facts.product.state == "infused"
    if not used and product_on_site(facts) is not None:
        message = N_("The product is not ready on site.")
        found.append(soft("dose_without_product", message))
    return [one for one in (*found, *_since_the_gate(facts)) if one is not None]


def _held(state: CourseState, row: CompanionRow, facts: CourseFacts) -> list[Refusal]:
    """A hold that is open; of what is over, one that was put by the day of the dose."""
    if no_hold_on(*_STEPS)(facts) is None:
        return []
    by_then = any(h.step in _STEPS and h.began_on <= facts.on for h in state.open_holds)
    if row.state != "in_progress" and not by_then:
        return []
    return [soft("dose_while_held", N_("Lymphodepletion or infusion is on hold."))]


def _questions(doubt: Doubt) -> list[Refusal]:
    """What is asked of a check that does not stand; how old it is says the check itself."""
    check, refusals = doubt.standing.check, doubt.standing.refusals
    if doubt.what is Since.ASKS:
        return [*refusals]
    if doubt.what is Since.OLD:
        return [soft(AGAINST + check.code, one.message, **one.params) for one in refusals]
    return [soft(AGAINST + check.code, _SAID[doubt.what], check=check.label)]


def _since_the_gate(facts: CourseFacts) -> list[Refusal]:
    """What came since the gate was passed: in the chart, at its checks, as another certificate."""
    found: list[Refusal] = []
    said = gate_since(Gate.LYMPHODEPLETION, facts)
    for doubt in said:
        found += _questions(doubt)
    known = {doubt.standing.check.code for doubt in said}
    found += [
        soft(AGAINST + check.code, _UNPASSED, check=check.label)
        for check in still_open(Gate.LYMPHODEPLETION, facts)
        if check.code not in known
    ]
    about = replace(facts, subject=facts.product)
    found += [one for guard in (dose_on_target, dose_for_weight) if (one := guard(about))]
    return [
        one
        for one in found
        if one.code != "weight_unknown"
        and (one.code.startswith(KEPT) or str(one) not in facts.answered)
    ]
