"""What stands against a move because of what is recorded together with it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from pathway.domain.collection_next import NEXT_STEPS, RESPONSES, WAIVER
from pathway.domain.dose_guards import before_depletion
from pathway.domain.facts import CourseFacts
from pathway.domain.identity_checks import CheckKind
from pathway.domain.refusing import soft
from pathway.domain.release_guards import donation_named, papers_at_hand, papers_never_asked
from terms.refusals import Refusal
from terms.words import N_

# The values of the companion as they will be, by field.
Values = Mapping[str, object]
DetailGuard = Callable[[Values, CourseFacts], Refusal | None]


def against_details(
    machine: str, source: str, target: str, values: Values, facts: CourseFacts
) -> tuple[Refusal, ...]:
    """Everything that `values` leave against the move of one companion."""
    guards = [*_GUARDS.get((machine, target), ()), *_ON_THE_WAY.get((machine, source, target), ())]
    return tuple(found for guard in guards if (found := guard(values, facts)) is not None)


def yield_sufficient(values: Values, facts: CourseFacts) -> Refusal | None:
    """An adequate collection reached the minimum; less needs the manufacturer's waiver."""
    cells, least = values["cd3_yield"], facts.rules.apheresis.cd3_minimum.value
    if not isinstance(cells, Decimal):
        return soft("yield_unknown", N_("The CD3+ count of the collection is not recorded."))
    if cells >= least:
        return None
    return soft(
        "yield_below_minimum",
        N_(
            "%(cells)s x 10⁹ CD3+ cells; the protocol asks for at least %(least)s. "
            "Does the manufacturer accept it?"
        ),
        cells=cells,
        least=least,
    )


def failure_coded(values: Values, facts: CourseFacts) -> Refusal | None:
    """A product is lost for a reason of the protocol's list."""
    code = values["failure_reason"]
    if code in facts.rules.failure_reasons.by_code:
        return None
    return Refusal(
        code="failure_reason_needed",
        message=N_("Choose a reason from the list of this course's protocol."),
        field="failure_reason",
    )


def deviation_numbered(values: Values, _facts: CourseFacts) -> Refusal | None:
    """Quality lets a product out of quarantine under the number of its deviation."""
    if values["deviation_number"]:
        return None
    return Refusal(
        code="deviation_needed",
        message=N_("Give the number of the deviation."),
        field="deviation_number",
    )


def stop_numbered(values: Values, facts: CourseFacts) -> Refusal | None:
    """A thawed bag comes back under the number of the mismatch that stopped it, or one said now."""
    product = facts.subject
    since = product.returned_at if product else None
    numbered = any(
        product is not None
        and (check.kind, check.product) == (CheckKind.BEDSIDE, product.pk)
        and bool(check.deviation)
        and (since is None or check.at >= since)
        for check in facts.checks
    )
    return None if numbered else deviation_numbered(values, facts)


def next_step_said(values: Values, _facts: CourseFacts) -> Refusal | None:
    """After a collection that did not serve somebody says what follows, if only that it is open."""
    if values["next_step"] in NEXT_STEPS:
        return None
    return Refusal(
        code="next_step_needed",
        message=N_("Say what follows, or that it is not decided yet."),
        field="next_step",
    )


def waiver_referenced(values: Values, _facts: CourseFacts) -> Refusal | None:
    """A waiver of the manufacturer has a reference."""
    if values["next_step"] != WAIVER or values["waiver_reference"]:
        return None
    return Refusal(
        code="waiver_needed",
        message=N_("Give the reference of the manufacturer's waiver."),
        field="waiver_reference",
    )


def last_dose_in_order(values: Values, facts: CourseFacts) -> Refusal | None:
    """A last dose of which only the day is kept lies where a dose may lie, and after every dose."""
    last, subject = values.get("last_dose_on"), facts.subject
    if not isinstance(last, date) or subject is None or last == subject.last_dose_on:
        return None  # nobody says another day now
    late = before_depletion(replace(facts, on=last))
    if late is not None:
        return replace(late, field="last_dose_on")
    given = max((dose.given_on for dose in subject.doses if dose.given_on), default=last)
    if last >= given:
        return None
    return Refusal(
        code="dose_after_last",
        message=N_("A dose is recorded as given on %(on)s, after this day."),
        params={"on": given},
        field="last_dose_on",
    )


def response_coded(values: Values, _facts: CourseFacts) -> Refusal | None:
    """Bridging ends with a response that somebody states, if only that nobody looked."""
    if values["response"] in RESPONSES:
        return None
    return Refusal(
        code="response_needed",
        message=N_("Choose the response, or that it was not assessed."),
        field="response",
    )


_GUARDS: Mapping[tuple[str, str], tuple[DetailGuard, ...]] = {
    ("apheresis", "adequate"): (yield_sufficient, donation_named),
    ("apheresis", "inadequate"): (next_step_said, waiver_referenced),
    ("apheresis", "aborted"): (next_step_said, waiver_referenced),
    ("bridging", "on_hold"): (last_dose_in_order,),
    ("bridging", "closed"): (response_coded, last_dose_in_order),
    ("bridging", "stopped_early"): (response_coded, last_dose_in_order),
    **{
        ("product", lost): (failure_coded,)
        for lost in ("failed", "rejected", "discarded", "wasted")
    },
}
_ON_THE_WAY: Mapping[tuple[str, str, str], tuple[DetailGuard, ...]] = {
    ("product", "qc", "released"): (papers_at_hand,),
    ("product", "shipped_to_site", "received"): (papers_at_hand,),
    ("product", "quarantined", "stored"): (deviation_numbered, papers_never_asked),
    ("product", "quarantined", "thawing"): (stop_numbered,),
}
