"""The guards around a product: its certificate, acceptance out of specification, time, slips."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from pathway.domain.facts import LOST_PRODUCT, CompanionFacts, CourseFacts
from pathway.domain.machine_types import NOT_THE_WAY_BACK, Guard
from pathway.domain.paper_facts import CAPACITIES
from pathway.domain.refusing import hard, soft
from terms.refusals import Refusal
from terms.words import N_

_TENTH = Decimal("0.1")
_NOBODY = CompanionFacts(pk=0, state="")
_EXPIRED = N_("The product expired on %(on)s.")
LATER_STEPS = "later_steps"


def oos_record_complete(facts: CourseFacts) -> Refusal | None:
    """A product out of specification is accepted on its whole four-part record only."""
    papers = _subject(facts).papers
    missing = papers.oos_missing
    if not missing:
        return None
    return hard(
        "oos_record_incomplete",
        N_("The out-of-specification record lacks: %(missing)s."),
        missing=missing,
    )


def oos_signed_by_two(facts: CourseFacts) -> Refusal | None:
    """The haematologist and quality have both signed the record as it now stands."""
    signed = _subject(facts).papers.oos_signed
    missing = tuple(name for capacity, name in CAPACITIES.items() if capacity not in signed)
    if not missing:
        return None
    return hard(
        "oos_not_signed",
        N_("The out-of-specification record is not signed by: %(missing)s."),
        missing=missing,
    )


def certificate_known(facts: CourseFacts) -> Refusal | None:
    """Nobody infuses a dose that nobody has seen on paper."""
    papers = _subject(facts).papers
    if papers.certified and papers.dose_per_kg is not None and papers.dose_total is not None:
        return None
    return soft("dose_unknown", N_("The dose of the product is not recorded from its certificate."))


def dose_on_target(facts: CourseFacts) -> Refusal | None:
    """The dose lies where the protocol wants it for the weight that the certificate counts with."""
    papers = _subject(facts).papers
    if papers.dose_per_kg is None or papers.dose_total is None:
        return None  # certificate_known asks about what is not known
    if papers.dose_per_kg <= 0:
        return soft("dose_off_target", N_("The certificate says that no cells come to each kg."))
    weight = papers.dose_total / papers.dose_per_kg
    least, most = facts.rules.cell_dose.expected(weight)
    if least <= papers.dose_total <= most:
        return None
    return soft(
        "dose_off_target",
        N_("The dose is %(dose)s x 10⁶ cells in all; the protocol asks for %(least)s to %(most)s."),
        dose=papers.dose_total,
        least=least.quantize(Decimal("0.01")),
        most=most.quantize(Decimal("0.01")),
    )


def dose_for_weight(facts: CourseFacts) -> Refusal | None:
    """The dose lies where the protocol wants it for the weight that the chart says, too."""
    dose, weight = _subject(facts).papers.dose_total, facts.weight
    if dose is None:
        return None  # certificate_known asks about what is not known
    if weight is None:
        return soft(
            "weight_unknown",
            N_("No weight is in the chart: the dose is not compared with the patient."),
        )
    least, most = facts.rules.cell_dose.expected(weight.value)
    if least <= dose <= most:
        return None
    return soft(
        "dose_off_weight",
        N_(
            "The dose is %(dose)s x 10⁶ cells in all; for the weight of %(on)s, %(weight)s kg, "
            "the protocol asks for %(least)s to %(most)s."
        ),
        dose=dose,
        on=weight.on,
        weight=weight.value.quantize(_TENTH),
        least=least.quantize(Decimal("0.01")),
        most=most.quantize(Decimal("0.01")),
    )


def weight_recent(facts: CourseFacts) -> Refusal | None:
    """A dose for each kg counts on the weight that the patient has now."""
    weight, most = facts.weight, facts.rules.body.weight_days.value
    if weight is None or _subject(facts).papers.dose_total is None:
        return None  # dose_for_weight and certificate_known ask about what is not known
    if (facts.on - weight.on).days <= most:
        return None
    return soft(
        "weight_old",
        N_("%(weight)s kg is the weight of %(on)s, more than %(most)s days ago: weigh again."),
        weight=weight.value.quantize(_TENTH),
        on=weight.on,
        most=most,
    )


def expiry_known(facts: CourseFacts) -> Refusal | None:
    """A product without a date of expiry may be past it."""
    if _subject(facts).expires_on is not None:
        return None
    return soft("expiry_unknown", N_("The product's date of expiry is not recorded."))


def not_expired(facts: CourseFacts) -> Refusal | None:
    """A product past its date of expiry is neither stored for use nor thawed."""
    if _in_date(facts.subject, facts.on):
        return None
    return hard("product_expired", _EXPIRED, on=_subject(facts).expires_on)


def standing_product_in_date(facts: CourseFacts) -> Refusal | None:
    """The patient is not prepared for a product that is past its date."""
    product = facts.product
    if product is None or _in_date(product, facts.on):
        return None
    return hard("product_expired", _EXPIRED, on=product.expires_on)


def _in_date(product: CompanionFacts | None, on: date) -> bool:
    expires = product.expires_on if product else None
    return expires is None or on <= expires


def infused_in_time(facts: CourseFacts) -> Refusal | None:
    """The infusion began soon enough after the thaw; times not recorded are not judged."""
    minutes = _subject(facts).papers.thaw_ended_minutes
    most = facts.rules.product.thaw_to_infusion_minutes.value
    if minutes is None or minutes <= most:
        return None
    return soft(
        "thaw_too_long",
        N_("The infusion began %(minutes)s minutes after the thaw; at most %(most)s are allowed."),
        minutes=minutes,
        most=most,
    )


def administration_known(facts: CourseFacts) -> Refusal | None:
    """What was given is on record with its times and its volume, or somebody says why not."""
    if _subject(facts).papers.administered:
        return None
    return soft(
        "administration_missing",
        N_("The start, the end and the volume of the infusion are not recorded."),
    )


def slip_from(state: str) -> Guard:
    """A guard that leaves only the state an end was reached from, for who corrects a slip."""

    def came_from(facts: CourseFacts) -> Refusal | None:
        if _subject(facts).came_from == state:
            return None
        return hard(NOT_THE_WAY_BACK, N_("The end was not reached from this state."))

    return came_from


def nothing_followed(facts: CourseFacts) -> Refusal | None:
    """A slip is corrected while nothing relies on it; later, what followed goes back first."""
    if not _subject(facts).followed:
        return None
    return hard(LATER_STEPS, N_("The course has gone on since: take the later steps back first."))


def no_other_product(facts: CourseFacts) -> Refusal | None:
    """Only one product of a course can stand."""
    own = _subject(facts).pk
    if all(p.pk == own or p.state in LOST_PRODUCT for p in facts.products):
        return None
    return hard("other_product", N_("Another product of this course stands already."))


def former_lost(facts: CourseFacts) -> Refusal | None:
    """Once the patient is being prepared, another bag is ordered only for one that was lost."""
    prepared = facts.stage == "lymphodepletion"
    if not prepared or any(product.state in LOST_PRODUCT for product in facts.products):
        return None
    return hard("no_lost_product", N_("No product of this course was lost."))


SLIP: tuple[Callable[[CourseFacts], Refusal | None], ...] = (nothing_followed, no_other_product)


def _subject(facts: CourseFacts) -> CompanionFacts:
    """The companion that moves; asked without one, nothing is known of it."""
    return facts.subject or _NOBODY
