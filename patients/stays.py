"""Admission, transfer between ward and intensive care, discharge."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from audit.recording import record
from patients import consequences
from patients.anchors import anchors_of, clear_actual, set_actual
from patients.consequences import Event, Happening
from patients.courses import lock_course
from patients.domain.dating import refuse_before, refuse_before_birth, refuse_future
from patients.models import Course, Stay
from patients.models.courses import AnchorKind, StayUnit
from patients.survival import death_cause, refuse_after_death, standing_death
from terms.day_numbers import local_date
from terms.refusals import Refusal, Refused
from terms.words import N_


@transaction.atomic
def admit(
    *,
    course_id: int,
    unit: str,
    place: str,
    on: date,
    actor: User,
    now: datetime,
    source: str = "",
) -> Stay:
    """Admit the patient on date `on`; a re-admission is a new admission.

    An admission recorded after the patient's death ends with it, as it would have if recorded
    first. Raises Refused (already in hospital, unknown unit, dates), NotAllowed,
    Course.DoesNotExist.
    """
    course = _locked(course_id, actor)
    refusals = [*_refuse_unit(unit), *_refuse_dates(course, on, now)]
    # A stay that the death ended would be open again were the death withdrawn.
    if course.stays.filter(Q(ended_on=None) | ~Q(ended_cause="")).exists():
        refusals.append(
            Refusal(
                code="already_admitted",
                message=N_("The patient is in hospital already: record a transfer instead."),
            )
        )
    last = course.stays.exclude(ended_on=None).order_by("-ended_on").first()
    refusals += refuse_before(
        on,
        last.ended_on if last is not None else None,
        code="before_last_stay_ended",
        message=N_("This is before the last stay ended, on %(limit)s."),
        field="on",
    )
    refusals += refuse_after_death(on, course.patient, "on")
    if refusals:
        raise Refused(refusals)
    death = standing_death(course.patient)
    stay = _begin(course, unit, place, on, actor, now, source)
    if death is not None:
        stay.ended_on, stay.ended_cause = death.died_on, death_cause(death)
        stay.save(update_fields=["ended_on", "ended_cause"])
    _note(course, stay, "stay.admit", actor, now, after=_facts(stay))
    return stay


@transaction.atomic
def transfer(
    *,
    course_id: int,
    unit: str,
    place: str,
    on: date,
    actor: User,
    now: datetime,
    source: str = "",
) -> Stay:
    """Move the patient to another unit or ward on date `on`; returns the stay that begins.

    Raises Refused (not in hospital, same place, dates), NotAllowed, Course.DoesNotExist.
    """
    course = _locked(course_id, actor)
    stay = _open_stay(course)
    refusals = [*_refuse_unit(unit), *_refuse_dates(course, on, now)]
    refusals += _refuse_end(stay, on)
    if stay is not None and (stay.unit, stay.place) == (unit, place.strip()):
        refusals.append(
            Refusal(
                code="same_place",
                message=N_("The patient is there already."),
                field="unit",
            )
        )
    if stay is None or refusals:
        raise Refused(refusals)
    stay.ended_on, stay.ended_by_transfer = on, True
    stay.save(update_fields=["ended_on", "ended_by_transfer"])
    new = _begin(course, unit, place, on, actor, now, source)
    _note(course, new, "stay.transfer", actor, now, before=_facts(stay), after=_facts(new))
    return new


@transaction.atomic
def discharge(*, course_id: int, on: date, actor: User, now: datetime, source: str = "") -> Stay:
    """End the open stay on date `on`.

    The first discharge on or after the infusion is the course's discharge anchor. Raises Refused
    (not in hospital, dates), NotAllowed, Course.DoesNotExist.
    """
    course = _locked(course_id, actor)
    stay = _open_stay(course)
    refusals = [*_refuse_dates(course, on, now), *_refuse_end(stay, on)]
    if stay is None or refusals:
        raise Refused(refusals)
    stay.ended_on = on
    stay.save(update_fields=["ended_on"])
    _note(course, stay, "stay.discharge", actor, now, after={"ended_on": on})
    settle_discharge(course, actor=actor, now=now, source=source)
    return stay


def settle_discharge(
    course: Course, *, actor: User, now: datetime, source: str = "", reason: str = ""
) -> None:
    """Bring the discharge anchor of a locked course in line with day 0 and the stays.

    It is the first discharge on or after day 0, whichever of the two was recorded first; without
    day 0 there is none. A transfer or a death is no discharge.
    """
    anchors = anchors_of(course)
    infusion, discharged = anchors.get(AnchorKind.INFUSION), anchors.get(AnchorKind.DISCHARGE)
    infused_on = infusion.actual_on if infusion is not None else None
    first = _first_discharge(course, infused_on) if infused_on is not None else None
    if first is None or first.ended_on is None:
        clear_actual(course, AnchorKind.DISCHARGE, actor=actor, now=now, reason=reason)
    elif discharged is None or discharged.actual_on != first.ended_on:
        set_actual(
            course,
            AnchorKind.DISCHARGE,
            first.ended_on,
            actor=actor,
            now=now,
            source=source or first.source,
        )


def _first_discharge(course: Course, since: date) -> Stay | None:
    """The stay that the first discharge on or after the date `since` ended."""
    ended = course.stays.filter(ended_on__gte=since, ended_by_transfer=False, ended_cause="")
    return ended.order_by("ended_on", "pk").first()


def close_at_death(course: Course, *, on: date, cause: str, actor: User, now: datetime) -> None:
    """End the open stay of a locked course at the death; `cause` keys the undo.

    What is hidden as entered in error ends too, lest it be open once it is brought back. Where it
    began after the death it ends the day it began, and is not brought back while the death stands.
    """
    for stay in Stay.all_rows.filter(course=course, ended_on=None).order_by("pk"):
        stay.ended_on, stay.ended_cause = max(on, stay.began_on), cause
        stay.save(update_fields=["ended_on", "ended_cause"])
        after = {"ended_on": stay.ended_on, "cause": cause}
        _record(course, stay, "stay.auto", actor, now, after=after)


def reopen_after_death(course: Course, *, cause: str, actor: User, now: datetime) -> None:
    """Open again what `close_at_death` ended for `cause`, and nothing else."""
    for stay in Stay.all_rows.filter(course=course, ended_cause=cause).order_by("pk"):
        before = {"ended_on": stay.ended_on, "cause": cause}
        stay.ended_on, stay.ended_cause = None, ""
        stay.save(update_fields=["ended_on", "ended_cause"])
        _record(course, stay, "stay.auto", actor, now, before=before, after={"ended_on": None})


def _locked(course_id: int, actor: User) -> Course:
    course = lock_course(course_id, actor=actor)
    require(actor, Permission.RECORD_STAY)
    return course


def _open_stay(course: Course) -> Stay | None:
    return course.stays.filter(ended_on=None).first()


def _begin(
    course: Course, unit: str, place: str, on: date, actor: User, now: datetime, source: str
) -> Stay:
    return Stay.objects.create(
        course=course,
        unit=unit,
        place=place.strip(),
        began_on=on,
        source=source,
        recorded_at=now,
        recorded_by=actor.get_username(),
    )


def _note(
    course: Course,
    stay: Stay,
    action: str,
    actor: User,
    now: datetime,
    *,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object],
) -> None:
    _record(course, stay, action, actor, now, before=before, after=after)
    consequences.run(Happening(Event.CHART_CHANGED, course, actor, now, f"stay:{stay.pk}"))


def _record(
    course: Course,
    stay: Stay,
    action: str,
    actor: User,
    now: datetime,
    *,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object],
) -> None:
    record(
        actor=actor,
        now=now,
        action=action,
        obj=stay,
        course_id=course.pk,
        patient_id=course.patient_id,
        before=before,
        after=after,
    )


def _facts(stay: Stay) -> dict[str, object]:
    return {
        "unit": stay.unit,
        "place": stay.place,
        "began_on": stay.began_on,
        "ended_on": stay.ended_on,
    }


def _refuse_unit(unit: str) -> list[Refusal]:
    if unit in StayUnit.values:
        return []
    return [
        Refusal(
            code="unknown_unit",
            message=N_("Choose the ward or intensive care."),
            field="unit",
        )
    ]


def _refuse_dates(course: Course, on: date, now: datetime) -> list[Refusal]:
    return [
        *refuse_future(on, local_date(now, course.centre.zone), "on"),
        *refuse_before_birth(on, course.patient.birth_date, "on"),
    ]


def _refuse_end(stay: Stay | None, on: date) -> list[Refusal]:
    if stay is None:
        return [
            Refusal(
                code="not_admitted",
                message=N_("The patient is not in hospital: record the admission first."),
            )
        ]
    return refuse_before(
        on,
        stay.began_on,
        code="before_stay_began",
        message=N_("This is before the stay began, on %(limit)s."),
        field="on",
    )
