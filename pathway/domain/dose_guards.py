"""The guards about doses: given as ordered, verified, on their day, and the clock of a hold."""

from dataclasses import dataclass
from datetime import date, timedelta

from pathway.domain.doses import DoseState, needs_verifier
from pathway.domain.facts import CompanionFacts, CourseFacts
from pathway.domain.refusing import hard, soft
from terms.refusals import Refusal
from terms.words import N_


def dose_verified(facts: CourseFacts) -> Refusal | None:
    """A dose that a second person verifies is recorded as such, not by a bare step."""
    subject = facts.subject
    if subject is None or not needs_verifier(subject.title, subject.drug_class, ""):
        return None
    if any(dose.given_on == facts.on for dose in subject.doses):
        return None
    return hard(
        "dose_not_verified",
        N_("Record the dose itself, with the second person who verified it."),
    )


def no_dose_stands(facts: CourseFacts) -> Refusal | None:
    """What was given was given: only what was not begun is cancelled."""
    doses = facts.subject.doses if facts.subject else ()
    if all(dose.given_on is None for dose in doses):
        return None
    return hard(
        "dose_stands",
        N_("A dose stands as given: what has begun is not cancelled, it is stopped or closed."),
    )


def first_dose_on_its_day(facts: CourseFacts) -> Refusal | None:
    """The regimen is counted back from the planned day 0; another first day shifts all of it."""
    if facts.planned_infusion is None:
        return soft(
            "day_zero_not_planned",
            N_("Day 0 is not planned: nobody can say on which day of the regimen this dose is."),
        )
    first = facts.planned_infusion + timedelta(days=facts.rules.lymphodepletion.first_day)
    if facts.on == first:
        return None
    return soft(
        "first_dose_off_day",
        N_("The first dose is due on %(first)s, counted from the planned day 0, %(zero)s."),
        first=first,
        zero=facts.planned_infusion,
    )


def no_other_depletion(facts: CourseFacts) -> Refusal | None:
    """One that ended by a slip goes on only where no other is open and none was begun after it."""
    own = facts.subject.pk if facts.subject else 0
    for other in facts.depletions:
        under_way = other.state in {"planned", "in_progress"}
        if other.pk != own and (under_way or (other.pk > own and other.state != "cancelled")):
            return hard("other_depletion", N_("Another lymphodepletion was begun meanwhile."))
    return None


def depletion_doses_settled(facts: CourseFacts) -> Refusal | None:
    """Of every ordered dose it is said whether it was given; unknown doses are asked about."""
    doses = facts.subject.doses if facts.subject else ()
    if facts.subject is not None and facts.subject.doses_left_out:
        return soft(
            "doses_not_transcribed",
            N_("The doses of this lymphodepletion were not transcribed: nobody checked them here."),
        )
    if not doses:
        return soft("doses_unknown", N_("No doses of this lymphodepletion are recorded."))
    still_open = tuple(f"{dose.number}. {dose.drug}" for dose in doses if dose.is_open)
    if still_open:
        return hard(
            "doses_open",
            N_("Say of each dose whether it was given: %(doses)s."),
            doses=still_open,
        )
    if all(dose.state is DoseState.NOT_GIVEN for dose in doses):
        return hard("no_dose_given", N_("No dose was given: stop this lymphodepletion instead."))
    return None


def regimen_given(facts: CourseFacts) -> Refusal | None:
    """A regimen that was given in part is complete by its doses: whether it serves, somebody says.

    Also where a dose turned out after its end not to have been given.
    """
    depletion = facts.depletion
    if depletion is None or depletion.state != "complete" or depletion.nothing_given:
        return None
    left = tuple(
        f"{dose.number}. {dose.drug}"
        for dose in depletion.doses
        if dose.state is DoseState.NOT_GIVEN and dose.planned_day is not None
    )
    if not left:
        return None
    return soft(
        "regimen_in_part",
        N_("Not given of the regimen of lymphodepletion: %(doses)s. Does it serve all the same?"),
        doses=left,
    )


def depletion_doses_transcribed(facts: CourseFacts) -> Refusal | None:
    """What nobody transcribed was perhaps given in full, perhaps not: somebody says so."""
    depletion = facts.depletion
    if depletion is None or depletion.state != "complete" or not depletion.doses_left_out:
        return None
    return soft(
        "doses_not_transcribed",
        N_("The doses of this lymphodepletion were not transcribed: nobody checked them here."),
    )


def beyond_its_days(facts: CourseFacts) -> bool:
    """Whether a dose comes later after the first one than the regimen lasts by its plan.

    Of a course that was begun without a dose it is counted from that step.
    """
    subject = facts.subject
    doses = subject.doses if subject else ()
    planned = [dose.planned_day for dose in doses if dose.planned_day is not None]
    given = [dose.given_on for dose in doses if dose.given_on is not None]
    step = subject.reached.get("in_progress") if subject else None
    begun = min(given, default=step)
    if not planned or begun is None:
        return False
    return (facts.on - begun).days > max(planned) - min(planned)


def after_last_dose(facts: CourseFacts) -> Refusal | None:
    """Nothing is complete before its last dose."""
    last = max((on for _, on in facts.subject.doses_given), default=None) if facts.subject else None
    if last is None or facts.on >= last:
        return None
    return hard("before_last_dose", N_("This lies before the last dose, on %(on)s."), on=last)


@dataclass(frozen=True)
class HoldClock:
    """How long the infusion waits after lymphodepletion: days since its end, and the most."""

    ended_on: date
    days: int
    most: int

    @property
    def run_out(self) -> bool:
        """Whether a repeat of lymphodepletion is considered."""
        return self.days > self.most


def hold_clock(facts: CourseFacts) -> HoldClock | None:
    """The clock of an infusion on hold after the end of lymphodepletion, whenever put; or None."""
    depletion, held = facts.depletion, facts.infusion_held_since
    ended = depletion.ended_on if depletion and depletion.state == "complete" else None
    if ended is None or held is None:
        return None
    if facts.infusion_held_until is not None and facts.infusion_held_until <= ended:
        return None  # over before it could let anything wait
    return HoldClock(
        ended, (facts.on - ended).days, facts.rules.intervals.infusion_hold_clock_days.value
    )


def inside_hold_clock(facts: CourseFacts) -> Refusal | None:
    """After a long hold the effect of lymphodepletion is gone; a haematologist says why not."""
    clock = hold_clock(facts)
    if clock is None or not clock.run_out:
        return None
    return soft(
        "repeat_depletion",
        N_(
            "The infusion was on hold: %(days)s days since the end of lymphodepletion, the "
            "protocol allows %(most)s. A repeat lymphodepletion is considered."
        ),
        days=clock.days,
        most=clock.most,
    )


def repeat_allowed(facts: CourseFacts) -> Refusal | None:
    """A second lymphodepletion is opened when the first no longer serves."""
    depletion = facts.depletion
    if depletion is None or depletion.state != "complete" or _of_earlier_round(facts, depletion):
        return None
    ended, most = depletion.ended_on, facts.rules.intervals.infusion_hold_clock_days.value
    if ended is None or (facts.on - ended).days > most:
        return None
    return hard(
        "depletion_still_serves",
        N_("Lymphodepletion ended on %(on)s: a repeat is considered after %(most)s days."),
        on=ended,
        most=most,
    )


def _of_earlier_round(facts: CourseFacts, depletion: CompanionFacts) -> bool:
    begun, since = depletion.reached.get("in_progress"), facts.prepared_since
    return begun is not None and since is not None and begun < since


def product_lasts(facts: CourseFacts) -> Refusal | None:
    """Nobody is depleted for a product that expires before the day it is planned to be given."""
    expires = facts.product.expires_on if facts.product else None
    planned = facts.planned_infusion
    day = max(planned, facts.on) if planned else facts.on
    if expires is None or day <= expires:
        return None
    if facts.on > expires:
        return hard("product_expired", N_("The product expired on %(on)s."), on=expires)
    return hard(
        "product_expires_first",
        N_("The product expires on %(on)s, before the planned day 0, %(zero)s."),
        on=expires,
        zero=day,
    )


def before_depletion(facts: CourseFacts) -> Refusal | None:
    """No bridging dose once lymphodepletion has begun."""
    if facts.stage not in {"lymphodepletion", "infusion", "follow_up"} or facts.depletion is None:
        return None
    begun = facts.depletion.reached.get("in_progress")
    if begun is None or facts.on < begun:
        return None
    return hard(
        "depletion_begun", N_("Lymphodepletion began on %(on)s: bridging is over."), on=begun
    )
