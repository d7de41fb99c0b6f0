"""When a step can have happened: not in the future, nor before what led to it."""

from datetime import datetime
from typing import Any

from pathway.domain.machine import Move
from pathway.loading import CourseState
from pathway.standing import way_back, way_to
from patients.domain.dating import refuse_before
from patients.models import Course
from terms.day_numbers import local_date
from terms.refusals import Refusal
from terms.words import N_


def refuse_time(course: Course, at: datetime, now: datetime) -> list[Refusal]:
    """What is against something of `course` having happened `at`: the future, the referral.

    Any time of the day of referral will do; `at` and `now` are aware.
    """
    refusals = []
    if at > now:
        refusals.append(
            Refusal(
                code="future_date", message=N_("The time lies in the future."), field="happened_at"
            )
        )
    refusals += refuse_before(
        local_date(at, course.centre.zone),
        course.referred_on,
        code="before_referral",
        message=N_("This is before the referral, on %(limit)s."),
        field="happened_at",
    )
    return refusals


def refuse_order(
    state: CourseState, machine: str, pk: int | None, move: "Move[Any]", at: datetime
) -> list[Refusal]:
    """One refusal when `move` lies before the step it follows.

    A step follows the entry into the state it leaves. A move back follows the entry into the state
    it leads to: what lies between may have been dated wrongly, which is why somebody goes back.
    """
    way = way_to(state.changes, machine, pk)
    if move.back:
        way = way_back(way, move.target.value)
    # People give minutes: two steps of one minute are in the order in which they are entered.
    if not way or at >= way[-1].happened_at.replace(second=0, microsecond=0):
        return []
    return [
        Refusal(
            code="before_previous",
            message=N_("The time lies before the previous step, %(previous)s."),
            params={"previous": way[-1].happened_at},
            field="happened_at",
        )
    ]
