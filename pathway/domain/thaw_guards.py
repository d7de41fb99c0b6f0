"""The clock of a thawed bag: no refreezing, so what lay too long is not given."""

from datetime import datetime, timedelta

from pathway.domain import bag_times
from pathway.domain.bag_times import minutes_between
from pathway.domain.facts import CompanionFacts, CourseFacts
from pathway.domain.refusing import hard, soft
from terms.refusals import Refusal
from terms.words import N_

THAWED = "thawing"
_OVER = N_(
    "The bag was thawed %(minutes)s minutes before; it is stable for at most %(most)s minutes."
)
_MINUTE, _DAY = timedelta(minutes=1), 24 * 60


def thawed_at(product: CompanionFacts | None) -> datetime | None:
    """When a product was thawed: as its paper says, else when the step is said to have been."""
    if product is None or product.state != THAWED:
        return None
    return product.papers.thaw_ended_at or product.since_at


def thaw_age(facts: CourseFacts) -> int | None:
    """Minutes from the thaw of the product that moves, or counts, to the move; None unknown."""
    thawed = thawed_at(facts.subject or facts.product)
    if thawed is None or facts.at is None:
        return None
    return max(0, (facts.at - thawed) // _MINUTE)


def _least_age(facts: CourseFacts) -> int | None:
    """The age, or how many minutes it is at least where only the days are known."""
    minutes, product = thaw_age(facts), facts.subject or facts.product
    day = product.reached.get(THAWED) if product else None
    if minutes is not None or product is None or product.state != THAWED or day is None:
        return minutes
    return max(0, (facts.on - day).days - 1) * _DAY


def thaw_known(facts: CourseFacts) -> Refusal | None:
    """Of a bag thawed at a time that nobody knows, nobody can say that it is still stable."""
    product = facts.product
    if product is None or product.state != THAWED or thaw_age(facts) is not None:
        return None
    return soft("thaw_unknown", N_("The time of the thaw is not known. Is the bag still stable?"))


def thaw_stable(facts: CourseFacts) -> Refusal | None:
    """A bag that has lain thawed for longer than the label allows is not given."""
    minutes, most = _least_age(facts), facts.rules.product.thaw_stability_minutes.value
    if minutes is None or minutes <= most:
        return None
    return hard("thaw_expired", _OVER, minutes=minutes, most=most)


def thaw_fresh(facts: CourseFacts) -> Refusal | None:
    """The infusion begins soon after the thaw; later within its stability, somebody says why."""
    minutes, most = thaw_age(facts), facts.rules.product.thaw_to_infusion_minutes.value
    if minutes is None or minutes <= most or thaw_stable(facts) is not None:
        return None
    return soft(
        "thaw_too_long",
        N_("The infusion begins %(minutes)s minutes after the thaw; the protocol allows %(most)s."),
        minutes=minutes,
        most=most,
    )


def infused_while_stable(facts: CourseFacts) -> Refusal | None:
    """What lay too long was not given: the start of the infusion counts, not its recording.

    The start is that of the paper, else of the journey's step; where neither says it, the move.
    """
    minutes, most = _age_when_begun(facts), facts.rules.product.thaw_stability_minutes.value
    if minutes is None:
        minutes = _least_age(facts)
    if minutes is None or minutes <= most:
        return None
    return hard("thaw_expired", _OVER, minutes=minutes, most=most)


def given_while_stable(facts: CourseFacts) -> Refusal | None:
    """Begun in time but given hours later: that is rather the time of the recording."""
    product, most = facts.subject, facts.rules.product.thaw_stability_minutes.value
    on_paper = product is not None and product.papers.thaw_ended_minutes is not None
    minutes = _least_age(facts)
    if on_paper or minutes is None or minutes <= most or infused_while_stable(facts) is not None:
        return None
    return soft(
        "given_late",
        N_(
            "The product is said to have been given %(minutes)s minutes after the thaw, but it is "
            "stable for at most %(most)s. Is the time right?"
        ),
        minutes=minutes,
        most=most,
    )


def infused_quickly(facts: CourseFacts) -> Refusal | None:
    """The infusion took no longer than the label says; longer, somebody says why."""
    found = bag_times.took_too_long(_begun_at(facts), _ended_at(facts), facts.rules.product)
    return found and soft("infusion_too_long", found.message, **found.params)


def stable_to_the_end(facts: CourseFacts) -> Refusal | None:
    """The last of the bag ran in before it was past its stability, or somebody says what follows.

    Soft: begun in time, the cells are in the patient, and that is told as it was.
    """
    thawed, ended = thawed_at(facts.subject), _ended_at(facts)
    found = bag_times.unstable_at_end(thawed, ended, facts.rules.product)
    return found and soft("unstable_at_end", found.message, **found.params)


def still_stable(facts: CourseFacts) -> Refusal | None:
    """Back from quarantine before its infusion comes only a bag that may still be given.

    The clock ran on meanwhile. Of a thaw at an unknown time `thaw_known` asks at the infusion.
    """
    product, most = facts.subject, facts.rules.product.thaw_stability_minutes.value
    if product is None or facts.stage == "infusion":
        return None  # running in: the moves of the infusion count its own times
    minutes = minutes_between(product.papers.thaw_ended_at or product.before_at, facts.at)
    if minutes is None or minutes <= most:
        return None
    return hard("thaw_expired", _OVER, minutes=minutes, most=most)


def _ended_at(facts: CourseFacts) -> datetime | None:
    return facts.subject.papers.infusion_ended_at if facts.subject else None


def _begun_at(facts: CourseFacts) -> datetime | None:
    """The start of the infusion: of the paper, else of the journey's step."""
    on_paper = facts.subject.papers.infusion_started_at if facts.subject else None
    return on_paper or facts.infusion_begun_at


def _age_when_begun(facts: CourseFacts) -> int | None:
    """The age of the bag at the start of its infusion; None where nobody says when that was."""
    product = facts.subject
    if product is not None and product.papers.thaw_ended_minutes is not None:
        return product.papers.thaw_ended_minutes
    return minutes_between(thawed_at(product), facts.infusion_begun_at)
