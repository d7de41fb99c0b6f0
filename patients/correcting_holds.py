"""Correcting why, since when and until when a step was on hold."""

from collections.abc import Iterator
from datetime import date, datetime

from django.db import transaction

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from patients import consequences
from patients.consequences import Event, Happening
from patients.correcting import causes, keep, refuse_unchanged, refuse_unreasoned
from patients.courses import check_version, lock_course
from patients.domain.dating import refuse_before, refuse_future
from patients.fact_values import HOLD, stood
from patients.holds import refuse_reason_code, refuse_twin
from patients.models import Course, Hold
from terms.day_numbers import local_date
from terms.refusals import Refusal, Refused
from terms.words import N_


@transaction.atomic
def correct_hold(
    *,
    course_id: int,
    hold_id: int,
    began_on: date,
    planned_on: date | None,
    ended_on: date | None,
    reason: str,
    actor: User,
    now: datetime,
    reason_code: str | None = None,
    expected_version: int | None = None,
) -> Hold:
    """Say why and since when a step was on hold, what date it gave up, and when it was over.

    Without a `reason_code` the coded reason stays. A hold is opened and ended elsewhere: an open
    one has no end to correct. Raises Refused with everything against it, NotAllowed, StaleVersion,
    Course.DoesNotExist, Hold.DoesNotExist.
    """
    course = lock_course(course_id, actor=actor)
    require(actor, Permission.CORRECT)
    check_version(course, expected_version)
    hold = course.holds.get(pk=hold_id)
    before = stood(hold)
    refusals = [*refuse_unreasoned(reason), *_refuse_end(hold, ended_on)]
    if reason_code is not None and reason_code != hold.reason_code:
        refusals += _refuse_reason(course, hold, reason_code)
        hold.reason_code = reason_code
    hold.began_on, hold.planned_on, hold.ended_on = began_on, planned_on, ended_on
    refusals += [*_refuse_dates(course, hold, now), *refuse_unchanged(hold, before)]
    if refusals:
        raise Refused(refusals)
    hold.save(update_fields=["reason_code", "began_on", "planned_on", "ended_on"])
    keep(course, HOLD, hold, before, reason, actor=actor, now=now)
    causes(course, HOLD, hold, actor, now)
    if hold.ended_on is None:
        # Whoever was told of it is told since when it really is.
        told = Happening(Event.HOLD_OPENED, course, actor, now, f"hold:{hold.pk}")
        consequences.run(told)
    consequences.run(Happening(Event.CHART_CHANGED, course, actor, now))
    return hold


def _refuse_reason(course: Course, hold: Hold, reason_code: str) -> list[Refusal]:
    """What is against another coded reason; an open hold may not double another."""
    twins = refuse_twin(course, hold.step, reason_code) if hold.ended_on is None else []
    return twins + refuse_reason_code(course, reason_code)


def _refuse_end(hold: Hold, ended_on: date | None) -> Iterator[Refusal]:
    if (hold.ended_on is None) != (ended_on is None):
        yield Refusal(
            code="not_its_end",
            message=N_("A correction neither ends a hold nor opens it again."),
            field="ended_on",
        )
    elif hold.ended_cause and ended_on != hold.ended_on:
        yield Refusal(
            code="ended_by_course",
            message=N_("The end of the course ended this hold: its day is corrected there."),
            field="ended_on",
        )


def _refuse_dates(course: Course, hold: Hold, now: datetime) -> Iterator[Refusal]:
    today = local_date(now, course.centre.zone)
    yield from refuse_future(hold.began_on, today, "began_on")
    yield from refuse_before(
        hold.began_on,
        course.referred_on,
        code="before_referral",
        message=N_("This is before the referral, on %(limit)s."),
        field="began_on",
    )
    if hold.ended_on is not None:
        yield from refuse_future(hold.ended_on, today, "ended_on")
        yield from refuse_before(
            hold.ended_on,
            hold.began_on,
            code="before_hold_began",
            message=N_("This is before the hold began, on %(limit)s."),
            field="ended_on",
        )
