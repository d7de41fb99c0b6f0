"""The computed checks of the gates: a function for each fact that a protocol may name.

To add one, add its name to FACT_NAMES in gate_rules.py and its function to COMPUTED here. A fact
behind which a guard stands refuses with the guard's own refusal, so that nothing is said twice.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from pathway.domain import collection_guards as c
from pathway.domain import dose_guards as d
from pathway.domain import guards as g
from pathway.domain import identity_guards as i
from pathway.domain import product_guards as p
from pathway.domain import thaw_guards as t
from pathway.domain.bridging_guards import bridging_weighed
from pathway.domain.eligibility_items import ItemState
from pathway.domain.facts import CourseFacts
from pathway.domain.gate_rules import Gate
from pathway.domain.identity_checks import CheckKind
from pathway.domain.machine_types import Guard
from pathway.domain.product_states import PRODUCT_LABELS, Product
from pathway.domain.refusing import hard
from pathway.domain.review_guards import standings_of
from terms.refusals import Refusal
from terms.words import N_
from toxicity.domain.scales import SCALE_NAMES


class Status(StrEnum):
    """How a check stands."""

    MET = "met"
    NOT_MET = "not_met"
    MISSING = "missing"
    STALE = "stale"
    WAIVED = "waived"
    NOT_APPLICABLE = "not_applicable"
    CAUTION = "caution"  # in range, but it asks for a reason
    CHART = "chart"  # what came into the chart since says otherwise


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
    Gate.DISCHARGE: ("infusion",),
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


def _product(*guards: Guard) -> Fact:
    def fact(facts: CourseFacts, gate: Gate) -> Finding:
        product = facts.product
        refusals = tuple(r for guard in guards if (r := guard(facts)) is not None)
        if product is None:
            return Finding(Status.MISSING, N_("No product is recorded."), refusals=refusals)
        return Finding(
            Status.NOT_MET if refusals else Status.MET,
            N_("Product: %(state)s"),
            {"state": PRODUCT_LABELS[Product(product.state)]},
            product.reached.get(product.state),
            refusals,
        )

    return fact


def _thawed(facts: CourseFacts, gate: Gate) -> Finding:
    """The bag at the bedside and how long it has been thawed; beyond its stability too old."""
    found = _product(
        g.product_at_bedside, t.thaw_known, t.thaw_stable, t.thaw_fresh, p.standing_product_in_date
    )(facts, gate)
    minutes = t.thaw_age(replace(facts, subject=None))
    if minutes is None:
        return found
    said = {**found.params, "minutes": minutes}
    stale = any(refusal.code == "thaw_expired" for refusal in found.refusals)
    return replace(
        found,
        status=Status.STALE if stale else found.status,
        message=N_("Product: %(state)s, for %(minutes)s minutes"),
        params=said,
    )


def _washouts(facts: CourseFacts, gate: Gate) -> Finding:
    """What was given on an unknown day is never taken for washed out."""
    near = c.washouts_met(facts)
    found = (near, c.washouts_known(facts), c.treatment_weighed(facts))
    refusals = tuple(refusal for refusal in found if refusal is not None)
    if not refusals:
        return Finding(Status.MET, N_("Every washout is over."))
    status = Status.NOT_MET if near is not None else Status.MISSING
    return Finding(status, refusals[0].message, refusals[0].params, None, refusals)


_OLD_WEIGHT = N_(
    "%(dose)s x 10⁶ cells in all, %(kg)s x 10⁶ per kg; weight %(weight)s kg of %(on)s, "
    "%(days)s days old."
)


def _dose(facts: CourseFacts, gate: Gate) -> Finding:
    """The dose on the certificate of the product that counts, against the protocol's range."""
    if facts.product is None:
        return Finding(Status.MISSING, N_("No product is recorded."))
    about = replace(facts, subject=facts.product)
    unknown = p.certificate_known(about)
    if unknown is not None:
        return Finding(Status.MISSING, unknown.message, unknown.params, None, (unknown,))
    papers = facts.product.papers
    found = _by_guards(
        p.dose_on_target,
        p.dose_for_weight,
        p.weight_recent,
        met=N_("%(dose)s x 10⁶ cells in all, %(kg)s x 10⁶ per kg; weight %(weight)s kg on %(on)s."),
    )(about, gate)
    # Without the zeros of the column; both are there, or certificate_known had refused.
    said: dict[str, object] = {"dose": _plain(papers.dose_total), "kg": _plain(papers.dose_per_kg)}
    if facts.weight is not None:
        said |= {"weight": _plain(facts.weight.value), "on": facts.weight.on}
    codes = {refusal.code for refusal in found.refusals}
    if codes == {"weight_unknown"}:
        found = replace(found, status=Status.MISSING)
    elif codes == {"weight_old"} and facts.weight is not None:
        said["days"] = (facts.on - facts.weight.on).days
        found = replace(found, status=Status.STALE, message=_OLD_WEIGHT)
    return replace(found, params={**said, **found.params})


def _plain(number: Decimal | None) -> Decimal:
    return Decimal(f"{(number or Decimal(0)).normalize():f}")


def _bedside(facts: CourseFacts, gate: Gate) -> Finding:
    """What two people found at the bedside; the product that counts is the one they checked."""
    about = replace(facts, subject=None)
    checks = [c for c in facts.checks if facts.product and c.product == facts.product.pk]
    seen = [check for check in checks if check.kind == CheckKind.BEDSIDE]
    if not seen:
        refusal = i.bedside_check_stands(about)
        return Finding(
            Status.MISSING,
            N_("Two people have not checked the product's identity at the bedside."),
            refusals=(refusal,) if refusal else (),
        )
    found = _by_guards(i.bedside_checked, met=N_("Checked by two people, everything agreed."))(
        about, gate
    )
    stale = any(refusal.code == "bedside_check_too_old" for refusal in found.refusals)
    return replace(found, status=Status.STALE if stale else found.status, on=seen[-1].on)


def _bridging_closed(facts: CourseFacts, gate: Gate) -> Finding:
    given = [bridging for bridging in facts.bridgings if "running" in bridging.reached]
    if not facts.bridgings:
        return Finding(Status.NOT_APPLICABLE, N_("No bridging is recorded."))
    found = _by_guards(g.bridging_closed, met=N_("Every bridging course is over."))(facts, gate)
    last = max((on for b in given for _, on in b.doses_given), default=None)
    return Finding(found.status, found.message, found.params, last, found.refusals)


def _bridging_washed_out(facts: CourseFacts, gate: Gate) -> Finding:
    if not facts.bridgings:
        return Finding(Status.NOT_APPLICABLE, N_("No bridging is recorded."))
    unknown = g.bridging_doses_known(facts)
    if unknown is not None:
        return Finding(Status.MISSING, unknown.message, unknown.params, None, (unknown,))
    found = _by_guards(
        g.bridging_washed_out, bridging_weighed, met=N_("The washout after bridging is over.")
    )(facts, gate)
    only = {refusal.code for refusal in found.refusals} == {"bridging_not_weighed"}
    return replace(found, status=Status.MISSING) if only else found


def _virology(facts: CourseFacts, gate: Gate) -> Finding:
    """Virology is resulted and not older than its validity."""
    standing = next((s for s in standings_of(facts) if s.item.code == _VIROLOGY), None)
    if standing is None or standing.state in (ItemState.NOT_REQUESTED, ItemState.REQUESTED):
        return Finding(Status.MISSING, N_("Virology is not resulted."))
    if standing.state is ItemState.WAIVED and standing.settled:
        return Finding(
            Status.WAIVED, N_("Virology is waived in the eligibility review."), on=standing.on
        )
    if standing.settled:
        return Finding(Status.MET, N_("Virology is resulted and valid."), on=standing.on)
    if standing.expired:
        return Finding(Status.STALE, N_("Virology is older than its validity."), on=standing.on)
    if standing.state is ItemState.OUT_OF_RANGE:
        # Waived in the review, where the result is seen: one given here before it came is blind.
        refusal = hard("gate_virology", N_("Virology is out of range and not waived."))
        return Finding(Status.NOT_MET, refusal.message, on=standing.on, refusals=(refusal,))
    return Finding(Status.MISSING, N_("Virology is not resulted."), on=standing.on)


def _depletion_complete(facts: CourseFacts, gate: Gate) -> Finding:
    found = _by_guards(
        g.depletion_complete, d.regimen_given, met=N_("Lymphodepletion is complete.")
    )(facts, gate)
    ended = facts.depletion.reached.get("complete") if facts.depletion else None
    return Finding(found.status, found.message, found.params, ended, found.refusals)


def _depletion_interval(facts: CourseFacts, gate: Gate) -> Finding:
    ended = facts.depletion.ended_on if facts.depletion else None
    if ended is None:
        return Finding(Status.MISSING, N_("The end of lymphodepletion is not recorded."))
    found = _by_guards(
        g.depletion_interval,
        d.inside_hold_clock,
        met=N_("%(days)s days from the end of lymphodepletion."),
    )(facts, gate)
    return replace(found, params={"days": (facts.on - ended).days, **found.params}, on=ended)


def _toxicity_low(facts: CourseFacts, gate: Gate) -> Finding:
    """No CRS or ICANS above the protocol's grade, by a check of each that is fresh.

    A check that nobody made, or could not grade, is not one without signs.
    """
    known = facts.toxicity
    latest = {scale: known.grades.get(scale) for scale in known.scales}
    graded = {scale: one for scale, one in latest.items() if one and one.grade is not None}
    grades = {scale: one.grade or 0 for scale, one in graded.items()}
    high = [scale for scale, grade in grades.items() if grade > known.highest]
    if high:
        worst = max(high, key=lambda scale: grades[scale])
        params = {"scale": SCALE_NAMES[worst], "grade": grades[worst]}
        return Finding(Status.NOT_MET, N_("%(scale)s is grade %(grade)s."), params)
    if len(graded) < max(1, len(known.scales)):
        return Finding(Status.MISSING, N_("CRS and ICANS were not both assessed."))
    if any(one.at_least for one in graded.values()):
        return Finding(
            Status.MISSING, N_("What is not known of the latest check could make its grade higher.")
        )
    oldest = min(graded.values(), key=lambda one: one.at)
    told = ", ".join(f"{SCALE_NAMES[scale]} {grade}" for scale, grade in grades.items())
    return Finding(
        Status.MET if known.is_fresh(oldest, facts.on, facts.at) else Status.STALE,
        N_("%(grades)s, last checked %(at)s."),
        {"grades": told, "at": oldest.at},
        oldest.on,
    )


COMPUTED: Mapping[str, Fact] = {
    "identity_verified": _by_guards(g.identity_verified, met=N_("Verified with two identifiers.")),
    "consents_given": _by_guards(g.consents_given, met=N_("Every required consent stands.")),
    "consents_kept": _by_guards(g.consents_kept, met=N_("Every required consent stands.")),
    "washouts_met": _washouts,
    "containment_over": _by_guards(c.containment_over, met=N_("No containment dose is waiting.")),
    "virology_resulted": _virology,
    "product_on_site": _product(g.product_on_site, d.product_lasts),
    "product_thawed": _thawed,
    "bedside_checked": _bedside,
    "dose_on_target": _dose,
    "bridging_closed": _bridging_closed,
    "bridging_washed_out": _bridging_washed_out,
    "no_hold": _no_hold,
    "depletion_complete": _depletion_complete,
    "depletion_interval": _depletion_interval,
    "toxicity_low": _toxicity_low,
}
