"""The computed checks of the gates: a function for each fact that a protocol may name.

To add one, add its name to FACT_NAMES in gate_rules.py and its function to COMPUTED here. A fact
behind which a guard stands refuses with the guard's own refusal, so that nothing is said twice.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from pathway.domain import collection_guards as c
from pathway.domain import guards as g
from pathway.domain.eligibility_items import ItemState
from pathway.domain.facts import CourseFacts
from pathway.domain.gate_rules import Gate
from pathway.domain.machine_types import Guard
from pathway.domain.product import PRODUCT
from pathway.domain.review_guards import standings_of
from terms.refusals import Refusal
from terms.words import N_


class Status(StrEnum):
    """How a check stands."""

    MET = "met"
    NOT_MET = "not_met"
    MISSING = "missing"
    STALE = "stale"
    WAIVED = "waived"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True)
class Finding:
    """What a computed fact says: a status, and in words what was found."""

    status: Status
    message: str = ""  # an English msgid filled from `params`
    params: Mapping[str, object] = field(default_factory=dict)
    on: date | None = None
    refusals: tuple[Refusal, ...] = ()  # the guards' own


Fact = Callable[[CourseFacts, Gate], Finding]
_VIROLOGY = "VIRO"
_HOLD_STEPS = {
    Gate.COLLECTION: ("apheresis",),
    Gate.LYMPHODEPLETION: ("bridging", "lymphodepletion", "infusion"),
    Gate.INFUSION: ("lymphodepletion", "infusion"),
}


def _by_guards(*guards: Guard, met: str) -> Fact:
    """A fact that says what the guards of the move itself say."""

    def fact(facts: CourseFacts, gate: Gate) -> Finding:
        refusals = tuple(r for guard in guards if (r := guard(facts)) is not None)
        if not refusals:
            return Finding(Status.MET, met)
        return Finding(Status.NOT_MET, refusals[0].message, refusals[0].params, None, refusals)

    return fact


def _no_hold(facts: CourseFacts, gate: Gate) -> Finding:
    return _by_guards(g.no_hold_on(*_HOLD_STEPS[gate]), met=N_("No hold is open."))(facts, gate)


def _product(guard: Guard) -> Fact:
    def fact(facts: CourseFacts, gate: Gate) -> Finding:
        refusal, product = guard(facts), facts.product
        refusals = () if refusal is None else (refusal,)
        if product is None:
            return Finding(Status.MISSING, N_("No product is recorded."), refusals=refusals)
        return Finding(
            Status.MET if refusal is None else Status.NOT_MET,
            N_("Product: %(state)s"),
            {"state": PRODUCT.labels[PRODUCT.state(product.state)]},
            product.reached.get(product.state),
            refusals,
        )

    return fact


def _bridging_closed(facts: CourseFacts, gate: Gate) -> Finding:
    given = [bridging for bridging in facts.bridgings if "running" in bridging.reached]
    if not facts.bridgings:
        return Finding(Status.NOT_APPLICABLE, N_("No bridging is recorded."))
    found = _by_guards(g.bridging_closed, met=N_("Every bridging course is over."))(facts, gate)
    last = max((b.last_dose_on for b in given if b.last_dose_on), default=None)
    return Finding(found.status, found.message, found.params, last, found.refusals)


def _bridging_washed_out(facts: CourseFacts, gate: Gate) -> Finding:
    if not facts.bridgings:
        return Finding(Status.NOT_APPLICABLE, N_("No bridging is recorded."))
    unknown = g.bridging_doses_known(facts)
    if unknown is not None:
        return Finding(Status.MISSING, unknown.message, unknown.params, None, (unknown,))
    return _by_guards(g.bridging_washed_out, met=N_("The washout after bridging is over."))(
        facts, gate
    )


def _virology(facts: CourseFacts, gate: Gate) -> Finding:
    """Virology is resulted and not older than its validity."""
    standing = next((s for s in standings_of(facts) if s.item.code == _VIROLOGY), None)
    if standing is None or standing.state in (ItemState.NOT_REQUESTED, ItemState.REQUESTED):
        return Finding(Status.MISSING, N_("Virology is not resulted."))
    if standing.settled:
        return Finding(Status.MET, N_("Virology is resulted and valid."), on=standing.on)
    if standing.expired:
        return Finding(Status.STALE, N_("Virology is older than its validity."), on=standing.on)
    if standing.state is ItemState.OUT_OF_RANGE:
        return Finding(
            Status.NOT_MET, N_("Virology is out of range and not waived."), on=standing.on
        )
    return Finding(Status.MISSING, N_("Virology is not resulted."), on=standing.on)


def _depletion_complete(facts: CourseFacts, gate: Gate) -> Finding:
    found = _by_guards(g.depletion_complete, met=N_("Lymphodepletion is complete."))(facts, gate)
    ended = facts.depletion.reached.get("complete") if facts.depletion else None
    return Finding(found.status, found.message, found.params, ended, found.refusals)


def _depletion_interval(facts: CourseFacts, gate: Gate) -> Finding:
    ended = facts.depletion.reached.get("complete") if facts.depletion else None
    if ended is None:
        return Finding(Status.MISSING, N_("The end of lymphodepletion is not recorded."))
    refusal = g.depletion_interval(facts)
    if refusal is not None:
        return Finding(Status.NOT_MET, refusal.message, refusal.params, ended, (refusal,))
    days = {"days": (facts.on - ended).days}
    return Finding(Status.MET, N_("%(days)s days from the end of lymphodepletion."), days, on=ended)


COMPUTED: Mapping[str, Fact] = {
    "identity_verified": _by_guards(g.identity_verified, met=N_("Verified with two identifiers.")),
    "consents_given": _by_guards(g.consents_given, met=N_("Every required consent stands.")),
    "washouts_met": _by_guards(c.washouts_met, met=N_("Every washout is over.")),
    "containment_over": _by_guards(c.containment_over, met=N_("No containment dose is waiting.")),
    "virology_resulted": _virology,
    "product_on_site": _product(g.product_on_site),
    "product_thawed": _product(g.product_at_bedside),
    "bridging_closed": _bridging_closed,
    "bridging_washed_out": _bridging_washed_out,
    "no_hold": _no_hold,
    "depletion_complete": _depletion_complete,
    "depletion_interval": _depletion_interval,
}
