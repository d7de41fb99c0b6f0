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
from pathway.dose_told import begins_anew, first_asked
from pathway.loading import CourseState
from pathway.loading_companions import CompanionRow
from terms.day_numbers import local_date
from terms.refusals import Refusal
from terms.words import N_

# Begins the code of a question about a check that does not stand any more, answered dose by dose.
AGAINST = "dose_against_"
_SAID = {
    Since.NOT_MET: N_("%(check)s: recorded as not met."),
    Since.TAKEN_BACK: N_("%(check)s: what was recorded was taken back, and nothing else stands."),
}
_UNPASSED = N_("%(check)s: did not stand when an earlier dose was given, and does not now.")


def doubts(state: CourseState, row: CompanionRow, at: datetime) -> list[Refusal]:
    """Against a further dose while something says to stop.

    Soft, so that what was truly given can be recorded. The first dose asks the gate itself, and so
    does the next one where no dose stands any more.
    """
    if (row.machine, row.state) == ("bridging", "on_hold"):
        return [soft("bridging_on_hold", N_("This bridging course is on hold."))]
    if begins_anew(state, row) or is_cancelled(row):
        return [asked(one) for one in first_asked(state, row, at)]
    if row.machine != "lymphodepletion" or row.state != "in_progress":
        return []
    facts = state.facts(on=local_date(at, state.course.centre.zone), subject=row, at=at)
    found = [consents_kept(facts)]
    if no_hold_on("lymphodepletion", "infusion")(facts) is not None:
        found.append(soft("dose_while_held", N_("Lymphodepletion or infusion is on hold.")))
    if product_on_site(facts) is not None:
        message = N_("The product is not ready on site.")
        found.append(soft("dose_without_product", message))
    return [one for one in (*found, *_since_the_gate(facts)) if one is not None]


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
