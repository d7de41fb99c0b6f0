"""Correcting where and when a stay in hospital was; stays before and after a transfer follow."""

from collections.abc import Iterator
from datetime import date, datetime

from django.db import transaction

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from patients import consequences, stays
from patients.consequences import Event, Happening
from patients.correcting import causes, keep, refuse_unchanged, refuse_unreasoned
from patients.courses import check_version, lock_course
from patients.domain.dating import refuse_before_birth, refuse_future
from patients.domain.stay_order import Span, refuse_span
from patients.fact_values import STAY, stood
from patients.models import Course, Stay
from patients.models.courses import StayUnit
from patients.survival import refuse_after_death, refuse_for_the_dead
from terms.day_numbers import local_date
from terms.refusals import Refusal, Refused
from terms.words import N_


@transaction.atomic
def correct_stay(
    *,
    course_id: int,
    stay_id: int,
    unit: str,
    place: str,
    began_on: date,
    ended_on: date | None,
    reason: str,
    actor: User,
    now: datetime,
    expected_version: int | None = None,
) -> Stay:
    """Say where and when a stay really was; a transfer moves for both stays that it joins.

    `ended_on` is None while the patient is still there. Raises Refused with everything against it,
    NotAllowed, StaleVersion, Course.DoesNotExist, Stay.DoesNotExist.
    """
    course = lock_course(course_id, actor=actor)
    require(actor, Permission.CORRECT)
    check_version(course, expected_version)
    stay = course.stays.get(pk=stay_id)
    came_from, went_to = transferred_from(course, stay), _transferred_to(course, stay)
    joined = [one for one in (stay, came_from, went_to) if one is not None]
    before = {one.pk: stood(one) for one in joined}
    refusals = [*refuse_unreasoned(reason), *_refuse_end(course, stay, ended_on)]
    stay.unit, stay.place = unit, place.strip()
    stay.began_on, stay.ended_on = began_on, ended_on
    refusals += [*_refuse_values(course, stay, now), *refuse_unchanged(stay, before[stay.pk])]
    if came_from is not None:
        came_from.ended_on = began_on
    if went_to is not None:
        went_to.began_on = ended_on or went_to.began_on
    refusals += _refuse_order(course, joined)
    if refusals:
        raise Refused(refusals)
    for one in joined:
        if one is stay or not refuse_unchanged(one, before[one.pk]):
            one.save(update_fields=["unit", "place", "began_on", "ended_on"])
            keep(course, STAY, one, before[one.pk], reason, actor=actor, now=now)
    stays.settle_discharge(course, actor=actor, now=now, reason=reason.strip())
    causes(course, STAY, stay, actor, now)
    consequences.run(Happening(Event.CHART_CHANGED, course, actor, now))
    return stay


def transferred_from(course: Course, stay: Stay) -> Stay | None:
    """The stay that a transfer ended when this one began."""
    ended = course.stays.filter(ended_by_transfer=True, ended_on=stay.began_on, pk__lt=stay.pk)
    return ended.order_by("-pk").first()


def refuse_return(course: Course, stay: Stay) -> list[Refusal]:
    """What is against letting a stay stand again among those recorded meanwhile."""
    others = [_as_open(one) for one in course.stays.exclude(pk=stay.pk)]
    return refuse_span(_as_open(stay), others)


def _transferred_to(course: Course, stay: Stay) -> Stay | None:
    if not stay.ended_by_transfer or stay.ended_on is None:
        return None
    return course.stays.filter(began_on=stay.ended_on, pk__gt=stay.pk).order_by("pk").first()


def _span(stay: Stay) -> Span:
    return Span(stay.began_on, stay.ended_on)


def _as_open(stay: Stay) -> Span:
    """The span as it is again were the death withdrawn that ended the stay."""
    return Span(stay.began_on, None) if stay.ended_cause else _span(stay)


def _refuse_end(course: Course, stay: Stay, ended_on: date | None) -> Iterator[Refusal]:
    """The end of a stay that something else ended is that one's to say."""
    if stay.ended_cause and ended_on != stay.ended_on:
        yield Refusal(
            code="ended_by_death",
            message=N_("The death ended this stay: its day is corrected there."),
            field="ended_on",
        )
    elif stay.ended_by_transfer and ended_on is None:
        yield Refusal(
            code="transferred",
            message=N_("The patient was transferred from here: give the day."),
            field="ended_on",
        )
    elif ended_on is None:
        yield from refuse_for_the_dead(course.patient)


def _refuse_values(course: Course, stay: Stay, now: datetime) -> Iterator[Refusal]:
    if stay.unit not in StayUnit.values:
        yield Refusal(
            code="unknown_unit", message=N_("Choose the ward or intensive care."), field="unit"
        )
    for on, field in ((stay.began_on, "began_on"), (stay.ended_on, "ended_on")):
        if on is not None:
            yield from refuse_future(on, local_date(now, course.centre.zone), field)
            yield from refuse_before_birth(on, course.patient.birth_date, field)
            yield from refuse_after_death(on, course.patient, field)


def _refuse_order(course: Course, joined: list[Stay]) -> list[Refusal]:
    """One refusal where a stay would lie across another, or end before it began."""
    moved = {one.pk: _span(one) for one in joined}
    spans = {one.pk: moved.get(one.pk, _span(one)) for one in course.stays.all()}
    for pk, span in moved.items():
        refusals = refuse_span(span, [other for key, other in spans.items() if key != pk])
        if refusals:
            return refusals
    return []
