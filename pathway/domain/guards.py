"""The guards: each looks at the facts and says what stands against a move, or nothing.

Hard guards refuse. Soft guards yield to a reason recorded by a haematologist. Every number comes
from the course's protocol (`facts.rules`), never from here.
"""

from datetime import timedelta

from pathway.domain.facts import CompanionFacts, CourseFacts
from pathway.domain.machine_types import AUTOMATIC, NOT_THE_WAY_BACK, Guard
from pathway.domain.refusing import hard, soft
from terms.day_numbers import whole_years_between
from terms.refusals import Refusal
from terms.words import N_

_ON_SITE = frozenset({"stored", "thawing"})
_EARLIER = N_("The completed lymphodepletion belongs to an earlier round, of %(on)s.")
_UNDER_WAY = N_("Another course of this patient is under way.")
_MADE = frozenset({"released", "oos_accepted", "shipped_to_site", "received"})


# --- the patient


def patient_alive(facts: CourseFacts) -> Refusal | None:
    """Nothing moves after a recorded death; a mistaken death is withdrawn first."""
    if facts.deceased:
        return hard("patient_died", N_("The patient's death is recorded."))
    return None


def alive_then(facts: CourseFacts) -> Refusal | None:
    """What happened up to the day of a recorded death may be told after it; nothing later."""
    if facts.deceased and (facts.died_on is None or facts.on > facts.died_on):
        return hard("patient_died", N_("The patient's death is recorded."))
    return None


def consents_given(facts: CourseFacts) -> Refusal | None:
    """Consent to assessment and to data come before enrolment (programme rule)."""
    if facts.missing_consents:
        return hard(
            "consent_missing",
            N_("Consent is not recorded: %(consents)s."),
            consents=facts.missing_consents,
        )
    return None


def consents_kept(facts: CourseFacts) -> Refusal | None:
    """A patient already prepared may take a consent back; a haematologist says why it goes on.

    Soft, unlike `consents_given`: after lymphodepletion not to infuse is a danger of its own, and
    what was taken back may be the consent to the use of data only.
    """
    if not facts.missing_consents:
        return None
    return soft(
        "consent_not_standing",
        N_("Consent does not stand: %(consents)s. What does the patient want?"),
        consents=facts.missing_consents,
    )


def identity_verified(facts: CourseFacts) -> Refusal | None:
    """Two identifiers are verified with the patient before enrolment (programme rule)."""
    if facts.identity_verified:
        return None
    return hard(
        "identity_not_verified", N_("The patient's identity is not verified with two identifiers.")
    )


def age_on_label(facts: CourseFacts) -> Refusal | None:
    """The product's label has ages; trials enrolled outside them, so this one yields."""
    minimum, maximum = facts.rules.minimum_age.value, facts.rules.maximum_age
    age = whole_years_between(facts.birth_date, facts.on)
    # The age itself stays out: a reader who may not know birth dates could count it from here.
    if maximum is not None and age > maximum.value:
        return soft(
            "over_label_age",
            N_("The patient is older than the label's %(maximum)s years."),
            maximum=maximum.value,
        )
    if age >= minimum:
        return None
    return soft(
        "under_label_age",
        N_("The patient is younger than the label's %(minimum)s years."),
        minimum=minimum,
    )


# --- the spine


def review_accepted(facts: CourseFacts) -> Refusal | None:
    """The multidisciplinary meeting has accepted the latest review."""
    if facts.review is not None and facts.review.state == "accepted":
        return None
    return hard("review_not_accepted", N_("The eligibility review is not accepted."))


def product_on_site(facts: CourseFacts) -> Refusal | None:
    """The product is on site, exceptionally made and confirmed (EBMT/EHA recommendation)."""
    state = facts.product.state if facts.product else None
    if state in _ON_SITE:
        return None
    if state in _MADE:
        return soft(
            "product_not_on_site", N_("The product is released but not yet stored on site.")
        )
    return hard("product_not_ready", N_("No released product is recorded for this course."))


def bridging_closed(facts: CourseFacts) -> Refusal | None:
    """Every bridging course is over before lymphodepletion."""
    if any(b.state in {"planned", "running", "on_hold"} for b in facts.bridgings):
        return hard("bridging_open", N_("A bridging course is still open."))
    return None


def no_open_depletion(facts: CourseFacts) -> Refusal | None:
    """Lymphodepletion under way is completed or stopped before the course goes back."""
    if any(d.state in {"planned", "in_progress"} for d in facts.depletions):
        return hard("depletion_open", N_("Lymphodepletion is still open: complete or stop it."))
    return None


def bridging_doses_known(facts: CourseFacts) -> Refusal | None:
    """Without the day of the last dose nobody can say whether it is washed out."""
    unknown = [bridging for bridging in facts.bridgings if _dose_day_unknown(bridging, facts)]
    if not unknown:
        return None
    return soft("last_dose_unknown", N_("The day of the last bridging dose is not recorded."))


def _dose_day_unknown(bridging: CompanionFacts, facts: CourseFacts) -> bool:
    """Whether something was given that counts, on a day that nobody recorded."""
    if bridging.state == "none":
        counts = facts.rules.bridging_washout_days(bridging.drug_class) is not None
        return counts and not bridging.doses_given
    over = bridging.state in {"closed", "stopped_early"} and bridging.came_to("running")
    return over and (not bridging.doses_given or any(dose.is_open for dose in bridging.doses))


def bridging_washed_out(facts: CourseFacts) -> Refusal | None:
    """The last bridging dose lies far enough back for its drug class."""
    near = [
        (last, needed)
        for bridging in facts.bridgings
        for drug_class, last in bridging.doses_given
        if (needed := facts.rules.bridging_washout_days(drug_class)) is not None
        and (facts.on - last).days < needed
    ]
    if not near:
        return None
    last, needed = max(near, key=lambda dose: (dose[0] + timedelta(days=dose[1]), dose))
    return soft(
        "bridging_washout",
        N_("The last bridging dose was on %(last)s; the protocol asks for %(days)s days."),
        last=last,
        days=needed,
    )


def not_infused_before(facts: CourseFacts) -> Refusal | None:
    """One course has one infusion; another infusion is another course."""
    if facts.infused_on is None:
        return None
    return hard(
        "already_infused",
        N_("This course was infused on %(on)s. A second infusion needs a new course."),
        on=facts.infused_on,
    )


def depletion_complete(facts: CourseFacts) -> Refusal | None:
    """The latest lymphodepletion is complete, and was given in this time at the stage."""
    depletion = facts.depletion
    if depletion is None or depletion.state != "complete":
        return hard("depletion_not_complete", N_("Lymphodepletion is not recorded as complete."))
    if depletion.nothing_given:
        return hard(
            "no_dose_stands", N_("No dose of the completed lymphodepletion stands as given.")
        )
    begun, since = depletion.reached.get("in_progress"), facts.prepared_since
    if since is not None and "in_progress" in depletion.undated:
        return soft(
            "depletion_start_unknown",
            N_("The day lymphodepletion began is not known. Does it belong to this round?"),
        )
    if begun is not None and since is not None and begun < since:
        if _in_window(depletion, facts):  # another bag may still follow it
            return soft("earlier_depletion", _EARLIER, on=begun)
        return hard("earlier_depletion", _EARLIER, on=begun)
    return None


def _in_window(depletion: CompanionFacts, facts: CourseFacts) -> bool:
    """Whether the interval from the end of a lymphodepletion lies inside the label's window."""
    least, most = facts.rules.depletion_to_infusion_days
    ended = depletion.ended_on
    return ended is not None and least <= (facts.on - ended).days <= most


def depletion_interval(facts: CourseFacts) -> Refusal | None:
    """Days from the end of lymphodepletion to day 0 lie inside the label's window."""
    depletion = facts.depletion
    ended = depletion.ended_on if depletion else None
    if depletion is not None and ended is None and "complete" in depletion.undated:
        return soft(
            "depletion_end_unknown",
            N_("The day lymphodepletion ended is not known: the interval cannot be counted."),
        )
    if ended is None:
        return None  # depletion_complete already refuses
    days, window = (facts.on - ended).days, facts.rules.depletion_to_infusion_days
    if days < 0:
        return hard(
            "before_depletion_ended",
            N_("This lies before the end of lymphodepletion, %(on)s."),
            on=ended,
        )
    if window[0] <= days <= window[1]:
        return None
    return soft(
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
    """The product is thawed for this patient; one already infused is used up."""
    if facts.product is not None and facts.product.state == "thawing":
        return None
    return hard("product_not_thawed", N_("The product is not recorded as thawed."))


def product_infused(facts: CourseFacts) -> Refusal | None:
    """Follow-up starts when the cells are recorded as given."""
    if facts.product is not None and facts.product.state == "infused":
        return None
    return hard("product_not_infused", N_("The product is not recorded as infused."))


def product_not_infused(facts: CourseFacts) -> Refusal | None:
    """Cells that were given cannot be taken back by moving the course back."""
    if not any(product.state == "infused" for product in facts.products):
        return None
    return hard("product_infused", N_("The product is recorded as infused."))


def discharged(facts: CourseFacts) -> Refusal | None:
    """Follow-up starts when the patient has left the hospital."""
    if facts.in_hospital:
        return hard("still_in_hospital", N_("The patient's stay in hospital is still open."))
    return None


def stay_known(facts: CourseFacts) -> Refusal | None:
    """An ambulatory infusion has no stay; everywhere else its absence is an omission."""
    if facts.ever_admitted:
        return None
    return soft("no_stay", N_("No stay in hospital is recorded. Was the infusion ambulatory?"))


def follow_up_over(facts: CourseFacts) -> Refusal | None:
    """Follow-up lasts the protocol's years (15, EBMT post-authorisation)."""
    years = facts.rules.follow_up_years.value
    if facts.infused_on is not None and whole_years_between(facts.infused_on, facts.on) >= years:
        return None
    return hard(
        "follow_up_not_over", N_("Follow-up lasts %(years)s years from the infusion."), years=years
    )


def no_hold_on(*steps: str) -> Guard:
    """A guard that refuses while a hold on one of `steps` is open."""

    def no_hold(facts: CourseFacts) -> Refusal | None:
        reasons = tuple(hold.reason for hold in facts.holds if hold.step in steps)
        if not reasons:
            return None
        return hard("on_hold", N_("An open hold stands against it: %(reasons)s."), reasons=reasons)

    return no_hold


def way_back_to(stage: str) -> Guard:
    """A guard that leaves only the stage an exit was made from."""

    def way_back(facts: CourseFacts) -> Refusal | None:
        if facts.left_stage == stage:
            return None
        return hard(NOT_THE_WAY_BACK, N_("The exit was not made from this stage."))

    return way_back


def another_under_way() -> Refusal:
    """The refusal of a second course of a patient beside one under way."""
    return hard("course_under_way", _UNDER_WAY)


def no_other_course(facts: CourseFacts) -> Refusal | None:
    """One patient goes along one pathway at a time: a course left comes back beside no other."""
    if facts.other_under_way:
        return hard("course_under_way", _UNDER_WAY)
    return None


# --- the companions


def by_the_course_only(facts: CourseFacts) -> Refusal | None:
    """Nobody makes this move: it follows from a move of the course."""
    return hard(AUTOMATIC, N_("This follows by itself from a move of the course."))


def stage_is(*stages: str) -> Guard:
    """A guard that wants the journey at one of `stages`."""

    def right_stage(facts: CourseFacts) -> Refusal | None:
        if facts.stage in stages:
            return None
        return hard("wrong_stage", N_("The journey is not at the stage for this."))

    return right_stage
