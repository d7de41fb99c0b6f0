"""Patients and courses entered in error: marking one, and undoing a mistaken mark exactly."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from audit.recording import record
from patients import consequences, holds, stays
from patients.consequences import Event, Happening
from patients.courses import lock_course, lock_courses_of
from patients.models import Course, ErrorMark, Identifier, Patient
from patients.objections import Asked, Question, against
from patients.people import lock_patient
from patients.survival import death_cause, standing_death
from terms.refusals import Refusal, Refused
from terms.words import N_


def marks_of(user: User) -> QuerySet[ErrorMark]:
    """The marks at the centre `user` works at, the latest first; for who may undo them."""
    marks = ErrorMark.objects.visible_to(user)
    return marks.select_related("patient__centre", "course__centre").order_by("-pk")


@transaction.atomic
def mark_course(
    *, course_id: int, confirmation: str, reason: str, actor: User, now: datetime
) -> ErrorMark:
    """Say that a course should never have been entered; its patient stays.

    `confirmation` is the patient's family name, typed. Raises Refused (name, reason), NotAllowed,
    Course.DoesNotExist.
    """
    course = lock_course(course_id, actor=actor)
    require(actor, Permission.MARK_ERROR)
    _check(course.patient, confirmation, reason)
    mark = _mark(course.patient, course, reason, actor, now)
    _hide([course], mark, actor, now)
    return mark


@transaction.atomic
def mark_patient(
    *, patient_id: int, confirmation: str, reason: str, actor: User, now: datetime
) -> ErrorMark:
    """Say that a patient should never have been entered, with every course; frees the numbers.

    Raises as `mark_course`, Patient.DoesNotExist.
    """
    patient = lock_patient(patient_id, actor=actor)
    require(actor, Permission.MARK_ERROR)
    _check(patient, confirmation, reason)
    courses = lock_courses_of(patient, actor=actor)
    mark = _mark(patient, None, reason, actor, now)
    patient.error_cause = mark.cause
    patient.save(update_fields=["error_cause"])
    patient.identifiers.update(released=True)
    _hide(courses, mark, actor, now)
    return mark


@transaction.atomic
def undo_mark(*, mark_id: int, reason: str, actor: User, now: datetime) -> ErrorMark:
    """Bring back exactly what a mistaken mark hid.

    Raises Refused (undone before, no reason, a number taken, a death recorded or another course
    begun meanwhile, the patient still marked), NotAllowed, ErrorMark.DoesNotExist.
    """
    require(actor, Permission.UNDO_ERROR)
    found = marks_of(actor).get(pk=mark_id)
    patient = Patient.objects.select_for_update(no_key=True).get(pk=found.patient_id)
    mark = ErrorMark.objects.select_for_update().get(pk=mark_id)
    courses = list(
        Course.objects.filter(error_cause=mark.cause, patient=patient)
        .select_related("protocol", "centre")
        .select_for_update(no_key=True, of=("self",))
        .order_by("pk")
    )
    refusals = [*_refuse_undo(mark, patient), *_refuse_unreasoned(reason)]
    for course in courses:
        course.patient = patient
        refusals += against(Asked(Question.COURSE_RESUMES, course, actor, now))
    if refusals:
        raise Refused(refusals)
    mark.undone_at, mark.undone_by, mark.undone_reason = now, actor.get_username(), reason.strip()
    mark.save(update_fields=["undone_at", "undone_by", "undone_reason"])
    if mark.course_id is None:
        patient.error_cause = ""
        patient.save(update_fields=["error_cause"])
        patient.identifiers.update(released=False)
    _record(mark, "error.undo", reason, actor, now)
    for course in courses:
        _show(course, mark, actor, now)
    return mark


def _check(patient: Patient, confirmation: str, reason: str) -> None:
    refusals = _refuse_unreasoned(reason)
    if confirmation.strip().casefold() != patient.family_name.casefold():
        refusals.append(
            Refusal(
                code="not_confirmed",
                message=N_("Type the patient's family name as it is written above."),
                field="confirmation",
            )
        )
    if refusals:
        raise Refused(refusals)


def _refuse_unreasoned(reason: str) -> list[Refusal]:
    if reason.strip():
        return []
    return [Refusal(code="reason_needed", message=N_("Say why."), field="reason")]


def _refuse_undo(mark: ErrorMark, patient: Patient) -> list[Refusal]:
    if mark.undone_at is not None:
        return [Refusal(code="already_undone", message=N_("This was undone before."))]
    refusals = []
    if mark.course_id is not None and patient.error_cause:
        refusals.append(
            Refusal(
                code="patient_in_error",
                message=N_("The patient is marked as entered in error: undo that first."),
            )
        )
    if mark.course_id is None and _taken(patient):
        refusals.append(
            Refusal(
                code="identifier_taken",
                message=N_("Another patient has one of the numbers by now."),
            )
        )
    death = standing_death(patient)
    if death is not None and death.recorded_at > mark.marked_at:
        refusals.append(
            Refusal(
                code="death_meanwhile",
                message=N_(
                    "A death was recorded meanwhile: withdraw it, undo this, and record it again."
                ),
            )
        )
    return refusals


def _taken(patient: Patient) -> bool:
    others = Identifier.objects.filter(centre_id=patient.centre_id, released=False)
    mine = patient.identifiers.values_list("system", "value")
    return any(others.filter(system=system, value=value).exists() for system, value in mine)


def _mark(
    patient: Patient, course: Course | None, reason: str, actor: User, now: datetime
) -> ErrorMark:
    mark = ErrorMark.objects.create(
        centre_id=patient.centre_id,
        patient=patient,
        course=course,
        reason=reason.strip(),
        marked_at=now,
        marked_by=actor.get_username(),
    )
    _record(mark, "error.mark", reason, actor, now)
    return mark


def _hide(courses: Iterable[Course], mark: ErrorMark, actor: User, now: datetime) -> None:
    for course in courses:
        consequences.run(Happening(Event.ENTERED_IN_ERROR, course, actor, now, mark.cause))
        course.error_cause = mark.cause
        course.version += 1
        course.save(update_fields=["error_cause", "version"])


def _show(course: Course, mark: ErrorMark, actor: User, now: datetime) -> None:
    course.error_cause = ""
    course.version += 1
    course.save(update_fields=["error_cause", "version"])
    consequences.run(Happening(Event.ERROR_UNDONE, course, actor, now, mark.cause))
    # A death withdrawn while the course was hidden opens here what it had closed.
    withdrawn = course.patient.deaths.filter(
        recorded_at__lte=mark.marked_at, withdrawn_at__gt=mark.marked_at
    )
    for death in withdrawn:
        key = death_cause(death)
        holds.reopen_all(course, cause=key, actor=actor, now=now)
        stays.reopen_after_death(course, cause=key, actor=actor, now=now)
        consequences.run(Happening(Event.DEATH_WITHDRAWN, course, actor, now, key))


def _record(mark: ErrorMark, action: str, reason: str, actor: User, now: datetime) -> None:
    record(
        actor=actor,
        now=now,
        action=action,
        obj=mark,
        course_id=mark.course_id,
        patient_id=mark.patient_id,
        reason=reason.strip(),
        after={"cause": mark.cause},
    )
