"""The guards: each looks at the facts and says what stands against a move, or nothing.

Hard guards refuse. Soft guards yield to a reason recorded by a haematologist. Every number comes
from the course's protocol (`facts.rules`), never from here.
"""

from datetime import date

from pathway.domain.facts import CompanionFacts, CourseFacts
from pathway.domain.machine_types import AUTOMATIC, NOT_THE_WAY_BACK, Guard
from terms.day_numbers import whole_years_between
from terms.refusals import Kind, Refusal
from terms.roles import Role
from terms.words import N_

_WAIVERS = (Role.HAEMATOLOGIST.value,)
_ON_SITE = frozenset({"stored", "thawing", "infused"})
_MADE = frozenset({"released", "oos_accepted", "shipped_to_site", "received"})
_SHIPPED = frozenset(
    {"material_shipped", "at_manufacturer", "manufacturing", "qc", "oos"} | _MADE | _ON_SITE
)


def _hard(code: str, message: str, **params: object) -> Refusal:
    return Refusal(code=code, message=message, params=params)


def _soft(code: str, message: str, **params: object) -> Refusal:
    return Refusal(code=code, message=message, params=params, kind=Kind.SOFT, who_may=_WAIVERS)


# --- the patient


def patient_alive(facts: CourseFacts) -> Refusal | None:
    """Nothing moves after a recorded death; a mistaken death is withdrawn first."""
    if facts.deceased:
        return _hard("patient_died", N_("The patient's death is recorded."))
    return None


def consents_given(facts: CourseFacts) -> Refusal | None:
    """Consent to assessment and to data come before enrolment (programme rule)."""
    if facts.missing_consents:
        return _hard(
            "consent_missing",
            N_("Consent is not recorded: %(consents)s."),
            consents=facts.missing_consents,
        )
    return None


def identity_verified(facts: CourseFacts) -> Refusal | None:
    """Two identifiers are verified with the patient before enrolment (programme rule)."""
    if facts.identity_verified:
        return None
    return _hard(
        "identity_not_verified", N_("The patient's identity is not verified with two identifiers.")
    )


def age_on_label(facts: CourseFacts) -> Refusal | None:
    """The product's label starts at an age; ZUMA-3 enrolled younger, so this one yields."""
    minimum = facts.rules.minimum_age.value
    age = whole_years_between(facts.birth_date, facts.on)
    if age >= minimum:
        return None
    return _soft(
        "under_label_age",
        N_("The patient is %(age)s; the label starts at %(minimum)s years."),
        age=age,
        minimum=minimum,
    )


# --- the spine


def review_accepted(facts: CourseFacts) -> Refusal | None:
    """The multidisciplinary meeting has accepted the latest review."""
    if facts.review is not None and facts.review.state == "accepted":
        return None
    return _hard("review_not_accepted", N_("The eligibility review is not accepted."))


def collection_adequate(facts: CourseFacts) -> Refusal | None:
    """An adequate collection exists."""
    if any(attempt.state == "adequate" for attempt in facts.attempts):
        return None
    return _hard("no_adequate_collection", N_("No leukapheresis is recorded as adequate."))


def material_shipped(facts: CourseFacts) -> Refusal | None:
    """The material is on its way to the manufacturer; interim cryostorage is the exception."""
    if facts.product is None:
        return _hard("no_product", N_("No product is ordered for this course."))
    if facts.product.state in _SHIPPED:
        return None
    return _soft(
        "material_not_shipped",
        N_("The collected material is not recorded as shipped. Is it in interim cryostorage?"),
    )


def product_on_site(facts: CourseFacts) -> Refusal | None:
    """The product is on site, exceptionally made and confirmed (EBMT/EHA recommendation)."""
    state = facts.product.state if facts.product else None
    if state in _ON_SITE:
        return None
    if state in _MADE:
        return _soft(
            "product_not_on_site", N_("The product is released but not yet stored on site.")
        )
    return _hard("product_not_ready", N_("No released product is recorded for this course."))


def bridging_closed(facts: CourseFacts) -> Refusal | None:
    """Every bridging course is over before lymphodepletion."""
    if any(b.state in {"planned", "running", "on_hold"} for b in facts.bridgings):
        return _hard("bridging_open", N_("A bridging course is still open."))
    return None


def bridging_washed_out(facts: CourseFacts) -> Refusal | None:
    """The last bridging dose lies far enough back for its drug class."""
    near = [
        (bridging, needed)
        for bridging in facts.bridgings
        if (needed := facts.rules.bridging_washout_days(bridging.drug_class)) is not None
        and bridging.last_dose_on is not None
        and (facts.on - bridging.last_dose_on).days < needed
    ]
    if not near:
        return None
    bridging, needed = near[-1]
    return _soft(
        "bridging_washout",
        N_("The last bridging dose was on %(last)s; the protocol asks for %(days)s days."),
        last=bridging.last_dose_on,
        days=needed,
    )


def not_infused_before(facts: CourseFacts) -> Refusal | None:
    """One course has one infusion; another infusion is another course."""
    if facts.infused_on is None:
        return None
    return _hard(
        "already_infused",
        N_("This course was infused on %(on)s. A second infusion needs a new course."),
        on=facts.infused_on,
    )


def depletion_complete(facts: CourseFacts) -> Refusal | None:
    """The latest lymphodepletion is complete."""
    if facts.depletion is not None and facts.depletion.state == "complete":
        return None
    return _hard("depletion_not_complete", N_("Lymphodepletion is not recorded as complete."))


def depletion_interval(facts: CourseFacts) -> Refusal | None:
    """Days from the end of lymphodepletion to day 0 lie inside the label's window."""
    ended = facts.depletion.reached.get("complete") if facts.depletion else None
    if ended is None:
        return None  # depletion_complete already refuses
    days, window = (facts.on - ended).days, facts.rules.depletion_to_infusion_days
    if window[0] <= days <= window[1]:
        return None
    return _soft(
        "depletion_interval",
        N_(
            "%(days)s days from the end of lymphodepletion; "
            "the protocol asks for %(least)s to %(most)s."
        ),
        days=days,
        least=window[0],
        most=window[1],
    )


def product_at_bedside(facts: CourseFacts) -> Refusal | None:
    """The product is thawed for this patient, or its infusion is recorded."""
    if facts.product is not None and facts.product.state in {"thawing", "infused"}:
        return None
    return _hard("product_not_thawed", N_("The product is not recorded as thawed."))


def discharged(facts: CourseFacts) -> Refusal | None:
    """Follow-up starts when the patient has left the hospital."""
    if facts.in_hospital:
        return _hard("still_in_hospital", N_("The patient's stay in hospital is still open."))
    return None


def stay_known(facts: CourseFacts) -> Refusal | None:
    """An ambulatory infusion has no stay; everywhere else its absence is an omission."""
    if facts.ever_admitted:
        return None
    return _soft("no_stay", N_("No stay in hospital is recorded. Was the infusion ambulatory?"))


def follow_up_over(facts: CourseFacts) -> Refusal | None:
    """Follow-up lasts the protocol's years (15, EBMT post-authorisation)."""
    years = facts.rules.follow_up_years.value
    if facts.infused_on is not None and whole_years_between(facts.infused_on, facts.on) >= years:
        return None
    return _hard(
        "follow_up_not_over", N_("Follow-up lasts %(years)s years from the infusion."), years=years
    )


def no_hold_on(*steps: str) -> Guard:
    """A guard that refuses while a hold on one of `steps` is open."""

    def no_hold(facts: CourseFacts) -> Refusal | None:
        reasons = tuple(hold.reason for hold in facts.holds if hold.step in steps)
        if not reasons:
            return None
        return _hard("on_hold", N_("An open hold stands against it: %(reasons)s."), reasons=reasons)

    return no_hold


def way_back_to(stage: str) -> Guard:
    """A guard that leaves only the stage an exit was made from."""

    def way_back(facts: CourseFacts) -> Refusal | None:
        if facts.left_stage == stage:
            return None
        return _hard(NOT_THE_WAY_BACK, N_("The exit was not made from this stage."))

    return way_back


# --- the companions


def by_the_course_only(facts: CourseFacts) -> Refusal | None:
    """Nobody makes this move: it follows from a move of the course."""
    return _hard(AUTOMATIC, N_("This follows by itself from a move of the course."))


def stage_is(*stages: str) -> Guard:
    """A guard that wants the journey at one of `stages`."""

    def right_stage(facts: CourseFacts) -> Refusal | None:
        if facts.stage in stages:
            return None
        return _hard("wrong_stage", N_("The journey is not at the stage for this."))

    return right_stage


def containment_over(facts: CourseFacts) -> Refusal | None:
    """No planned containment dose may be waiting when collection starts."""
    if any(c.state == "planned" for c in facts.containments):
        return _hard(
            "containment_planned", N_("A containment dose is still planned: give or cancel it.")
        )
    return None


def washouts_met(facts: CourseFacts) -> Refusal | None:
    """Drugs given before collection lie far enough back (washout table of the protocol)."""
    day = collection_day(facts)
    near = sorted(
        (last, drug)
        for drug, last in _last_doses(facts)
        if (needed := facts.rules.washout_days(drug)) is not None and (day - last).days < needed
    )
    if not near:
        return None
    names = facts.rules.washouts.by_class
    return _soft(
        "washout",
        N_("Given inside the washout before collection: %(drugs)s (last on %(last)s)."),
        drugs=tuple(names[drug].label for drug in dict.fromkeys(drug for _, drug in near)),
        last=near[-1][0],
    )


def collection_day(facts: CourseFacts) -> date:
    """The planned day of the attempt that is moving, else the day of the move."""
    planned = facts.subject.planned_on if facts.subject else None
    return max(planned, facts.on) if planned else facts.on


def _last_doses(facts: CourseFacts) -> list[tuple[str, date]]:
    doses = [(therapy.drug_class, therapy.last_on) for therapy in facts.therapies]
    doses += [(c.drug_class, last) for c in facts.containments if (last := _last_given(c))]
    return doses


def _last_given(containment: CompanionFacts) -> date | None:
    return containment.last_dose_on or containment.reached.get("given")


def collection_before_bridging(facts: CourseFacts) -> Refusal | None:
    """Bridging starts after an adequate collection unless the meeting decides otherwise."""
    if any(attempt.state == "adequate" for attempt in facts.attempts):
        return None
    return _soft("bridging_before_collection", N_("No leukapheresis is recorded as adequate yet."))
