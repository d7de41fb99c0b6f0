"""The guards of the eligibility review: items settled, minutes signed, a vote that agrees."""

from pathway.domain.assessments import MeetingEntry, Vote
from pathway.domain.eligibility_items import ItemStanding, ItemState, standings
from pathway.domain.facts import CompanionFacts, CourseFacts
from pathway.domain.guards import age_on_label
from pathway.domain.machine_types import Guard
from pathway.domain.refusing import hard, soft
from terms.refusals import Refusal
from terms.words import N_


def standings_of(facts: CourseFacts) -> tuple[ItemStanding, ...]:
    """Every item of the latest review as it stands on the day of the facts."""
    review = facts.review
    rows = facts.assessments.items
    return standings(
        facts.rules.items,
        (row for row in rows if review is not None and row.review == review.pk),
        facts.on,
        on_label=age_on_label(facts) is None,
    )


def items_settled(facts: CourseFacts) -> tuple[Refusal, ...]:
    """Every mandatory item has a valid accepted result or a waiver; each missing one is named."""
    return tuple(
        unsettled(standing)
        for standing in standings_of(facts)
        if standing.item.mandatory.value and not standing.settled
    )


def items_stand(facts: CourseFacts) -> tuple[Refusal, ...]:
    """What was listed still stands when the meeting accepts it, and when the course goes on.

    A result that has only grown old since yields to a reason: the meeting is weekly and a count
    holds for a week, and collection has a gate of its own with fresh counts. So do items that
    nobody transcribed of a review accepted elsewhere.
    """
    review = facts.review
    if review is None or review.state not in ("mdt_review", "accepted"):
        return ()  # refused by itself
    open_items = [s for s in standings_of(facts) if s.item.mandatory.value and not s.settled]
    on_paper = "accepted" in review.transcribed
    settled = (ItemState.ACCEPTED, ItemState.WAIVED)
    old = [s for s in open_items if s.expired and s.state in settled]
    elsewhere = [s for s in open_items if on_paper and s.state is ItemState.NOT_REQUESTED]
    yielding = (
        _together("items_expired", N_("Older than their validity by now: %(items)s."), old),
        _together("items_not_checked", N_("Not checked here: %(items)s."), elsewhere),
    )
    firm = tuple(unsettled(s) for s in open_items if s not in (*old, *elsewhere))
    return (*firm, *(refusal for refusal in yielding if refusal is not None))


def _together(code: str, message: str, found: list[ItemStanding]) -> Refusal | None:
    """One warning that names every item, answered by one reason."""
    if not found:
        return None
    return soft(code, message, items=tuple(standing.item.label for standing in found))


def unsettled(standing: ItemStanding) -> Refusal:
    """What is missing of an item that is neither accepted nor waived, or no longer valid."""
    code, item = f"item_{standing.item.code}", standing.item.label
    if standing.expired:
        message = N_("%(item)s: the result is older than its validity; order it again.")
        return hard(code, message, item=item)
    if standing.state is ItemState.OUT_OF_RANGE:
        return hard(code, N_("%(item)s: out of range, and not waived."), item=item)
    if standing.state is ItemState.RESULTED:
        return hard(code, N_("%(item)s: the result cannot be read."), item=item)
    return hard(code, N_("%(item)s: no result."), item=item)


def of_this_listing(meeting: MeetingEntry, review: CompanionFacts) -> bool:
    """Whether a meeting was held and recorded since the review last came onto the list.

    A review opened again is voted on again, be it on the same day.
    """
    listed, entered = review.reached.get("mdt_review"), review.entered_at
    if listed is not None and meeting.on < listed:
        return False
    return entered is None or meeting.recorded_at >= entered


def vote_agrees(vote: Vote) -> Guard:
    """A guard that wants the signed minutes of a meeting that voted so."""

    def voted(facts: CourseFacts) -> Refusal | None:
        review = facts.review
        meeting = facts.assessments.meeting_of(review.pk) if review else None
        if review is None or meeting is None or not of_this_listing(meeting, review):
            return hard(
                "minutes_missing",
                N_("No meeting is recorded since the review came onto the meeting's list."),
            )
        if not meeting.signed_by:
            return hard(
                "minutes_not_signed", N_("The meeting's minutes are not signed by a haematologist.")
            )
        if meeting.on > facts.on:
            return hard(
                "before_the_meeting", N_("This lies before the meeting, on %(on)s."), on=meeting.on
            )
        if meeting.vote != vote:
            return hard(
                "vote_differs", N_("The meeting voted otherwise: %(vote)s."),
                vote=VOTE_LABELS[Vote(meeting.vote)],
            )  # fmt: skip
        return None

    return voted


VOTE_LABELS: dict[Vote, str] = {
    Vote.ACCEPTED: N_("Accepted"),
    Vote.DEFERRED: N_("Deferred"),
    Vote.NOT_ELIGIBLE: N_("Not eligible"),
}
