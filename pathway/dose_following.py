"""The first dose takes its companion on: what is asked of that move, and making it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from accounts.models import User
from pathway.loading import CourseState
from pathway.loading_companions import CompanionRow
from pathway.loading_doses import facts_of
from pathway.models import Dose
from pathway.transitions import MoveOrder, move_companion, refusals_of
from patients.models import Course
from terms.day_numbers import local_date
from terms.refusals import Refusal

# The first dose takes its companion from one state to the next.
FOLLOWS = {
    ("containment", "planned"): "given",
    ("bridging", "planned"): "running",
    ("lymphodepletion", "planned"): "in_progress",
}


def order_following(
    row: CompanionRow,
    at: datetime,
    overrides: Mapping[str, str],
    *,
    source: str = "",
    told_after: bool = False,
) -> MoveOrder | None:
    """The move that a dose given `at` makes with its companion; None where it has begun."""
    target = FOLLOWS.get((row.machine, row.state))
    if target is None:
        return None
    return MoveOrder(target, at, overrides=overrides, source=source, told_after=told_after)


def against_following(
    state: CourseState,
    row: CompanionRow,
    dose: Dose,
    order: MoveOrder | None,
    actor: User,
    now: datetime,
) -> list[Refusal]:
    """What is against the move that the first dose makes, with the dose counted as given."""
    if order is None:
        return []
    on = local_date(order.happened_at, state.course.centre.zone)
    given = replace(facts_of(dose, None), given_on=on)
    return refusals_of(state, replace(row, doses=(given,)), order, actor, now)


def follow_dose(
    course: Course, row: CompanionRow, order: MoveOrder | None, actor: User, now: datetime
) -> None:
    """Let the companion follow its first dose, which is written already."""
    if order is None:
        return
    move_companion(
        course_id=course.pk, machine=row.machine, pk=row.pk, order=order, actor=actor, now=now
    )
    course.refresh_from_db(fields=["version"])
