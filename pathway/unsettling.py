"""Telling that an item of a review no longer stands once the meeting has it or has accepted it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from accounts.models import User
from pathway.domain.assessments import ItemEntry, ItemStep
from pathway.domain.companions import Review
from pathway.domain.eligibility_items import ItemStanding, ItemState
from pathway.domain.facts import CourseFacts
from pathway.domain.review_guards import standings_of
from pathway.loading import CourseState
from pathway.models import EligibilityEntry
from reminders import notices
from terms.roles import Role

_RELIED_ON = frozenset({Review.MDT_REVIEW, Review.ACCEPTED})
_SETTLED = frozenset({ItemState.ACCEPTED, ItemState.WAIVED})
_AGAINST = frozenset({ItemState.OUT_OF_RANGE, ItemState.RESULTED})
# Whoever orders an item again knows that its result is still to come.
_ORDERED = frozenset({ItemStep.REQUESTED.value, ItemStep.SAMPLED.value})


def tell_unsettled(
    state: CourseState,
    before: CourseFacts,
    written: Sequence[EligibilityEntry],
    actor: User,
    now: datetime,
) -> None:
    """Tell of each mandatory item that `written` leaves without an accepted result or a waiver.

    `before` are the facts without these rows. What was told of a row that they replace is taken
    back.
    """
    for row in written:
        if row.replaces_id is not None:
            notices.withdraw_notices(
                state.course, cause=_cause(row.replaces_id), actor=actor, now=now
            )
    if before.review is None or before.review.state not in _RELIED_ON or before.infused_on:
        return
    stood = {one.item.code: one for one in standings_of(before)}
    stand = {one.item.code: one for one in standings_of(_with(before, written))}
    for row in written:
        if row.step not in _ORDERED and _unsettled(stood[row.item], stand[row.item]):
            notices.raise_notice(
                course=state.course,
                code="review_unsettled",
                roles=(Role.COORDINATOR, Role.HAEMATOLOGIST),
                params={"what": stand[row.item].item.label, "on": before.on},
                about=f"review:{row.review_id}:{row.item}",
                cause=_cause(row.pk),
                actor=actor,
                now=now,
            )


def _cause(row: int) -> str:
    return f"item:{row}"


def _unsettled(before: ItemStanding, after: ItemStanding) -> bool:
    if not after.item.mandatory.value or after.state in _SETTLED:
        return False
    return before.state in _SETTLED or after.state in _AGAINST


def _with(before: CourseFacts, written: Sequence[EligibilityEntry]) -> CourseFacts:
    """The facts with these rows, and without what they replace."""
    gone = {row.replaces_id for row in written}
    kept = tuple(item for item in before.assessments.items if item.pk not in gone)
    added = tuple(
        ItemEntry(
            row.pk, row.review_id, row.item, row.step, row.value, row.on,
            row.recorded_by.username, row.reason,
        )
        for row in written
    )  # fmt: skip
    return replace(before, assessments=replace(before.assessments, items=(*kept, *added)))
