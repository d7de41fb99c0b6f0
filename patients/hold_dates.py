"""What is against the dates of a hold: when it is opened, and when it is ended."""

from datetime import date

from patients.domain.dating import refuse_before, refuse_future
from patients.models import Course, Hold
from terms.refusals import Refusal
from terms.words import N_


def refuse_opening_dates(
    course: Course, began_on: date, review_on: date | None, today: date
) -> list[Refusal]:
    """Everything against holding a step since `began_on`, to be looked at again on `review_on`."""
    refusals = [
        *refuse_future(began_on, today, "began_on"),
        *_refuse_before_referral(course, began_on),
    ]
    if review_on is not None:
        refusals += _refuse_past_review(review_on, today)
    return refusals


def refuse_end(hold: Hold, ended_on: date, today: date) -> list[Refusal]:
    """Everything against a hold ending on `ended_on`."""
    return [
        *_refuse_ended(hold),
        *refuse_future(ended_on, today, "ended_on"),
        *refuse_before(
            ended_on,
            hold.began_on,
            code="before_hold_began",
            message=N_("This is before the hold began, on %(limit)s."),
            field="ended_on",
        ),
    ]


def _refuse_before_referral(course: Course, began_on: date) -> list[Refusal]:
    return refuse_before(
        began_on,
        course.referred_on,
        code="before_referral",
        message=N_("This is before the referral, on %(limit)s."),
        field="began_on",
    )


def _refuse_past_review(review_on: date, today: date) -> list[Refusal]:
    return refuse_before(
        review_on,
        today,
        code="review_in_past",
        message=N_("The next review cannot lie in the past."),
        field="review_on",
    )


def _refuse_ended(hold: Hold) -> list[Refusal]:
    if hold.ended_on is None:
        return []
    return [
        Refusal(
            code="already_ended",
            message=N_("This hold ended on %(on)s."),
            params={"on": hold.ended_on},
        )
    ]
