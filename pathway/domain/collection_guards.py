"""The guards around collection: washouts, containment, what was collected and shipped."""

from dataclasses import replace
from datetime import date, timedelta

from pathway.domain.facts import CompanionFacts, CourseFacts
from pathway.domain.refusing import hard, soft
from terms.refusals import Refusal
from terms.roles import Role
from terms.words import N_

_SHIPPED = frozenset(
    {
        "material_shipped", "at_manufacturer", "manufacturing", "qc", "oos", "oos_accepted",
        "released", "shipped_to_site", "received", "stored", "thawing", "infused",
    }
)  # fmt: skip
_NOT_YET_MADE = frozenset(
    {"ordered", "material_shipped", "material_excursion", "at_manufacturer", "manufacturing"}
)
_NURSE = Role.APHERESIS_NURSE.value
_INSIDE_WASHOUT = N_(
    "Given inside the washout before collection: %(drugs)s (last on %(last)s). "
    "No collection before %(until)s."
)


def collection_adequate(facts: CourseFacts) -> Refusal | None:
    """An adequate collection exists."""
    if any(attempt.state == "adequate" for attempt in facts.attempts):
        return None
    return hard("no_adequate_collection", N_("No leukapheresis is recorded as adequate."))


def collection_of_this_round(facts: CourseFacts) -> Refusal | None:
    """Back at apheresis for another collection, the earlier one counts only with a reason.

    The exception is a second manufacture from retained material.
    """
    adequate = [attempt for attempt in facts.attempts if attempt.state == "adequate"]
    since = facts.stage_since
    if adequate and "adequate" in adequate[-1].undated:
        return soft(
            "collection_day_unknown",
            N_("The day of the adequate leukapheresis is not known. Is it of this round?"),
        )
    if not adequate or since is None or adequate[-1].reached.get("adequate", since) >= since:
        return None
    return soft(
        "earlier_collection",
        N_("The adequate leukapheresis is from an earlier round. Is its material used again?"),
    )


def material_shipped(facts: CourseFacts) -> Refusal | None:
    """The material is on its way to the manufacturer; interim cryostorage is the exception."""
    if facts.product is None:
        return hard("no_product", N_("No product is ordered for this course."))
    if facts.product.state in _SHIPPED:
        return None
    return soft(
        "material_not_shipped",
        N_("The collected material is not recorded as shipped. Is it in interim cryostorage?"),
    )


def containment_over(facts: CourseFacts) -> Refusal | None:
    """No planned containment dose may be waiting when collection starts, or outlive it."""
    if any(c.state == "planned" for c in facts.containments):
        return hard(
            "containment_planned", N_("A containment dose is still planned: give or cancel it.")
        )
    return None


def collection_not_begun(facts: CourseFacts) -> Refusal | None:
    """Containment ends where collection starts."""
    if any(a.state in {"in_progress", "completed", "adequate"} for a in facts.attempts):
        return hard("collection_begun", N_("Collection has begun: containment is over."))
    return None


def attempts_agreed(facts: CourseFacts) -> Refusal | None:
    """After the protocol's number of attempts another one is the meeting's decision."""
    tried = [a for a in facts.attempts if a.state in {"inadequate", "aborted", "adequate"}]
    most = facts.rules.apheresis.attempts_before_mdt.value
    if len(tried) < most:
        return None
    return soft(
        "attempts_exhausted",
        N_("%(tried)s collections were tried; another one needs the meeting's decision."),
        tried=len(tried),
    )


def slot_agrees(facts: CourseFacts) -> Refusal | None:
    """The manufacturer waits for the material of the day on which it is collected.

    Only the order that waits for material has a slot ahead; one that says no day agrees with none.
    """
    product, most = facts.product, facts.rules.apheresis.slot_within_days.value
    slot = product.papers.slot_on if product is not None and product.state == "ordered" else None
    subject = facts.subject
    # One that is cleared begins on the day of its step, whatever was planned.
    cleared = subject is not None and subject.state == "cleared"
    day = facts.on if cleared else _day_of_collection(facts)
    if slot is None or 0 <= (slot - day).days <= most:
        return None
    found = soft(
        "slot_disagrees",
        N_(
            "The manufacturer's slot is on %(slot)s, the collection on %(day)s: "
            "it should lie at most %(most)s days after it."
        ),
        slot=slot,
        day=day,
        most=most,
    )
    return _unless_cleared_with(facts, found)


def slot_known(facts: CourseFacts) -> Refusal | None:
    """The manufacturer has a slot for the material, or who clears the collection says why not."""
    product = facts.product
    if product is not None and (product.state != "ordered" or product.papers.slot_on):
        return None  # on record, or past the question
    found = soft("slot_unknown", N_("No slot at the manufacturer is on record."))
    return _unless_cleared_with(facts, replace(found, who_may=(*found.who_may, _NURSE)))


def _unless_cleared_with(facts: CourseFacts, found: Refusal) -> Refusal | None:
    """What was answered at the clearance, word for word, is not asked again at the start."""
    subject = facts.subject
    cleared = subject is not None and subject.state == "cleared" and str(found) in subject.answered
    return None if cleared else found


def washouts_met(facts: CourseFacts) -> Refusal | None:
    """Drugs given before collection lie far enough back (washout table of the protocol).

    Counted to the planned day of the attempt. A class listed as `block` refuses; the default warns
    and asks for a reason.
    """
    near = _too_near(facts, _day_of_collection(facts))
    if not near:
        return None
    if _blocked(facts, near):
        return hard("washout_blocked", _INSIDE_WASHOUT, **_named(facts, near))
    return soft("washout", _INSIDE_WASHOUT, **_named(facts, near))


def washouts_known(facts: CourseFacts) -> Refusal | None:
    """A drug of a washout class given on an unknown day: nobody can say whether it is over."""
    listed = facts.rules.washouts.by_class
    unknown = {t.drug_class for t in facts.therapies if t.last_on is None}
    unknown |= {c.drug_class for c in facts.containments if _given_undated(c)}
    drugs = tuple(listed[drug].label for drug in sorted(unknown & set(listed)))
    if not drugs:
        return None
    return soft("washout_unknown", N_("The last day of %(drugs)s is not known."), drugs=drugs)


def treatment_weighed(facts: CourseFacts) -> Refusal | None:
    """Nobody comes here untreated, and a drug of no washout class is weighed by nobody.

    What lies further back than the longest washout is over, whatever it was.
    """
    if all(one.transplant or one.elsewhere for one in facts.therapies):
        return soft("no_earlier_treatment", N_("No earlier line of treatment is recorded."))
    classes = facts.rules.washouts.by_class.values()
    longest = max((washout.min_days.value for washout in classes), default=0)
    since = _day_of_collection(facts) - timedelta(days=longest)
    count = sum(
        facts.rules.washout_days(one.drug_class) is None
        and (one.last_on is None or one.last_on > since)
        for one in facts.therapies
    )
    if not count:
        return None
    return soft(
        "treatment_not_weighed",
        N_("Earlier treatments without a drug class, not weighed for a washout: %(count)s."),
        count=count,
    )


def not_before(facts: CourseFacts) -> date | None:
    """The first day on which every washout before collection is over; None without any dose."""
    return max((_over_on(facts, drug, last) for drug, last in _listed_doses(facts)), default=None)


def washouts_kept(facts: CourseFacts) -> Refusal | None:
    """Nothing was given since clearance, nor does collection start earlier than cleared for."""
    subject = facts.subject
    cleared = subject.reached.get("cleared", facts.on) if subject else facts.on
    planned = subject.planned_on if subject else None
    weighed = _too_near(facts, max(planned or cleared, cleared))
    fresh = {
        (last, drug)
        for last, drug in _too_near(facts, facts.on)
        if last >= cleared or (last, drug) not in weighed
    }
    if not fresh:
        return None
    if _blocked(facts, fresh):
        return hard("washout_blocked", _INSIDE_WASHOUT, **_named(facts, fresh))
    return soft("washout", _INSIDE_WASHOUT, **_named(facts, fresh))


def _day_of_collection(facts: CourseFacts) -> date:
    planned = facts.subject.planned_on if facts.subject else None
    return max(planned or facts.on, facts.on)


def _too_near(facts: CourseFacts, day: date) -> set[tuple[date, str]]:
    return {(on, drug) for drug, on in _listed_doses(facts) if day < _over_on(facts, drug, on)}


def _listed_doses(facts: CourseFacts) -> list[tuple[str, date]]:
    """Every dose before collection whose class has a washout."""
    doses = _doses_before_collection(facts)
    return [(drug, on) for drug, on in doses if facts.rules.washout_days(drug) is not None]


def _over_on(facts: CourseFacts, drug: str, last: date) -> date:
    return last + timedelta(days=facts.rules.washout_days(drug) or 0)


def _blocked(facts: CourseFacts, near: set[tuple[date, str]]) -> bool:
    listed = facts.rules.washouts.by_class
    return any(listed[drug].severity.value == "block" for _, drug in near)


def _named(facts: CourseFacts, near: set[tuple[date, str]]) -> dict[str, object]:
    listed = facts.rules.washouts.by_class
    return {
        "drugs": tuple(listed[drug].label for drug in sorted({drug for _, drug in near})),
        "last": max(last for last, _ in near),
        "until": max(_over_on(facts, drug, last) for last, drug in near),
    }


def _doses_before_collection(facts: CourseFacts) -> list[tuple[str, date]]:
    """Every dose of earlier lines, of containment, and of bridging before another collection."""
    doses = [(t.drug_class, t.last_on) for t in facts.therapies if t.last_on is not None]
    for containment in facts.containments:
        doses += containment.doses_given or _as_the_state_says(containment)
    for bridging in facts.bridgings:
        doses += bridging.doses_given
    return doses


def _as_the_state_says(containment: CompanionFacts) -> list[tuple[str, date]]:
    """A containment on record as given without its doses counts on the day it came there."""
    given = containment.reached.get("given")
    return [] if given is None else [(containment.drug_class, given)]


def _given_undated(containment: CompanionFacts) -> bool:
    """Whether something was given that neither a dose nor a step has a day for."""
    if containment.doses_given or "given" in containment.reached:
        return False
    over = containment.state == "closed" and "not_needed" not in containment.reached
    return containment.state == "given" or over


def collection_before_bridging(facts: CourseFacts) -> Refusal | None:
    """Bridging starts after an adequate collection unless the meeting decides otherwise."""
    if any(attempt.state == "adequate" for attempt in facts.attempts):
        return None
    return soft("bridging_before_collection", N_("No leukapheresis is recorded as adequate yet."))


def bridging_has_time(facts: CourseFacts) -> Refusal | None:
    """Bridging starts while the product is in manufacture: later its washout delays the infusion.

    So the programme's interlock; a product that is lost leaves all the time there is.
    """
    if facts.product is None or facts.product.state in _NOT_YET_MADE:
        return None
    return soft(
        "product_past_manufacturing",
        N_("The product is past manufacturing already. Is there time for bridging?"),
    )
