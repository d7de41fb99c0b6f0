"""Booking appointments, changing, cancelling them, and letting a cancelled one stand again."""

from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from audit.prepared import insert
from audit.recording import record
from patients.courses import lock_course
from patients.domain.dating import refuse_before
from patients.models import Course
from patients.models.courses import AnchorKind
from patients.survival import refuse_when_over
from reminders.appointment_models import (
    Appointment,
    AppointmentChange,
    AppointmentStatus,
    ChangeKind,
)
from reminders.domain.calendar import BOOKABLE, KIND_NAMES, Kind
from reminders.lasting import is_completed
from terms.day_numbers import local_date
from terms.refusals import Refusal, Refused, StaleVersion
from terms.words import N_

BY_HAND = "hand"
_FURTHEST = timedelta(days=3 * 366)  # beyond it the year is mistyped
_SAID = ("kind", "on", "at", "place", "remark")


@dataclass(frozen=True)
class Booking:
    """What an appointment says. Without `at` it is of the whole day."""

    kind: str
    on: date
    at: time | None = None
    place: str = ""
    remark: str = ""


@transaction.atomic
def book(
    *,
    course_id: int,
    booking: Booking,
    reason: str = "",
    actor: User,
    now: datetime,
    source: str = "",
) -> Appointment:
    """Book an appointment on a course; for a day that has passed with a reason.

    The plan of the pathway does not move: where they differ, calendar and course say so. Raises
    Refused with everything against it, NotAllowed, Course.DoesNotExist.
    """  # fmt: skip
    course = _locked(course_id, actor)
    refusals = [*_refuse_over(course, booking), *_against(course, booking, reason, now)]
    if refusals:
        raise Refused(refusals)
    row = Appointment(
        course=course, made_at=now, made_by=actor.get_username(), source=source, **_clean(booking)
    )
    return write_revision(row, ChangeKind.BOOKED, actor=actor, now=now, reason=reason.strip())


@transaction.atomic
def change(
    *,
    course_id: int,
    appointment_id: int,
    booking: Booking,
    reason: str,
    actor: User,
    now: datetime,
    expected_revision: int | None = None,
) -> Appointment:
    """Let a booked appointment say something else, with a reason; its kind stays what it is.

    Raises Refused (not booked any more, nothing else said, no reason, and as `book` does),
    StaleVersion, NotAllowed, Appointment.DoesNotExist for one of another course.
    """  # fmt: skip
    course = _locked(course_id, actor)
    row = _found(course, appointment_id, expected_revision)
    said = {name: getattr(row, name) for name in _SAID}
    refusals = [
        *_refuse_over(course, booking),
        *_refuse_unless(row, AppointmentStatus.BOOKED),
        *_refuse_unreasoned(reason, N_("Say why the appointment changes.")),
        *_against(course, booking, reason or "-", now, but=row),
    ]
    if _clean(booking) == said:
        refusals.append(_refusal("nothing_changed", N_("This is what the appointment says."), ""))
    if booking.kind != row.kind:
        refusals.append(
            _refusal("kind_fixed", N_("Book another appointment for something else."), "kind")
        )
    if refusals:
        raise Refused(refusals)
    for name, value in _clean(booking).items():
        setattr(row, name, value)
    return write_revision(
        row, ChangeKind.CHANGED, actor=actor, now=now, reason=reason.strip(), before=said
    )


@transaction.atomic
def cancel(
    *,
    course_id: int,
    appointment_id: int,
    reason: str,
    actor: User,
    now: datetime,
    expected_revision: int | None = None,
) -> Appointment:
    """Cancel a booked appointment, with a reason. Raises as `change` does."""  # fmt: skip
    course = _locked(course_id, actor)
    row = _found(course, appointment_id, expected_revision)
    refusals = [
        *_refuse_unless(row, AppointmentStatus.BOOKED),
        *_refuse_unreasoned(reason, N_("Say why the appointment is cancelled.")),
    ]
    if refusals:
        raise Refused(refusals)
    row.status, row.reason, row.cancelled_cause = (
        AppointmentStatus.CANCELLED, reason.strip(), BY_HAND,
    )  # fmt: skip
    return write_revision(row, ChangeKind.CANCELLED, actor=actor, now=now, reason=row.reason)


@transaction.atomic
def reinstate(
    *,
    course_id: int,
    appointment_id: int,
    reason: str,
    actor: User,
    now: datetime,
    expected_revision: int | None = None,
) -> Appointment:
    """Let an appointment that was cancelled by mistake stand again, with a reason.

    What an exit or a death cancelled comes back with its undo. Raises as `change` does.
    """  # fmt: skip
    course = _locked(course_id, actor)
    row = _found(course, appointment_id, expected_revision)
    booking = Booking(**{name: getattr(row, name) for name in _SAID})
    refusals = [
        *_refuse_over(course, booking),
        *_refuse_unless(row, AppointmentStatus.CANCELLED),
        *_refuse_unreasoned(reason, N_("Say why the appointment stands after all.")),
        *_against(course, booking, reason or "-", now, but=row),
    ]
    if refusals:
        raise Refused(refusals)
    row.status, row.reason, row.cancelled_cause = AppointmentStatus.BOOKED, "", ""
    return write_revision(row, ChangeKind.REINSTATED, actor=actor, now=now, reason=reason.strip())


def _refuse_over(course: Course, booking: Booking) -> list[Refusal]:
    """What stands against any appointment ahead; of what is completed visits for life go on."""
    if booking.kind == Kind.VISIT and is_completed(course):
        return []
    return refuse_when_over(course)


def write_revision(
    row: Appointment,
    what: ChangeKind,
    *,
    actor: User,
    now: datetime,
    reason: str = "",
    before: dict[str, Any] | None = None,
) -> Appointment:
    """Write an appointment of a locked course as it says now, with its history and its audit."""
    row.changed_at, row.changed_by = now, actor.get_username()
    if row._state.adding:
        insert(row)
    else:
        row.revision += 1
        row.save(
            update_fields=[
                *_SAID, "status", "reason", "cancelled_cause", "revision", "changed_at",
                "changed_by",
            ]
        )  # fmt: skip
    said = {name: getattr(row, name) for name in _SAID}
    insert(
        AppointmentChange(
            appointment=row, revision=row.revision, what=what, reason=reason,
            cause=row.cancelled_cause, changed_at=now, changed_by=row.changed_by, **said,
        )
    )  # fmt: skip
    record(
        actor=actor,
        now=now,
        action=f"appointment.{what.value}",
        obj=row,
        course_id=row.course_id,
        patient_id=row.course.patient_id,
        reason=reason,
        before=before or {},
        after={**said, "status": row.status, "cause": row.cancelled_cause},
    )
    return row


def _locked(course_id: int, actor: User) -> Course:
    course = lock_course(course_id, actor=actor)
    require(actor, Permission.PLAN_DATES)
    return course


def _found(course: Course, appointment_id: int, expected: int | None) -> Appointment:
    row = Appointment.objects.get(pk=appointment_id, course=course)
    row.course = course
    if expected is not None and expected != row.revision:
        raise StaleVersion(
            [
                Refusal(
                    code="stale_version",
                    message=N_("Someone changed this appointment since you opened the page."),
                    params={"expected": expected, "current": row.revision},
                )
            ]
        )
    return row


def _clean(booking: Booking) -> dict[str, Any]:
    said = asdict(booking)
    return said | {"place": booking.place.strip(), "remark": booking.remark.strip()}


def _against(
    course: Course, booking: Booking, reason: str, now: datetime, but: Appointment | None = None
) -> list[Refusal]:
    """Everything against what an appointment says; `but` is the one that is changed."""
    today = local_date(now, course.centre.zone)
    found = [
        *refuse_before(
            booking.on, course.referred_on, code="before_referral", field="on",
            message=N_("This is before the referral, on %(limit)s."),
        ),
        *_refuse_infused(course, booking),
        *_refuse_double(course, booking, but),
    ]  # fmt: skip
    if booking.kind not in BOOKABLE:
        found.append(_refusal("unknown_kind", N_("There is no such kind."), "kind"))
    if booking.on > today + _FURTHEST:
        found.append(
            _refusal("too_far_ahead", N_("An appointment lies at most three years ahead."))
        )
    if booking.on < today and not reason.strip():
        text = N_("Say why an appointment is booked for a day that has passed.")
        found.append(_refusal("reason_needed", text, "reason"))
    return found


def _refuse_infused(course: Course, booking: Booking) -> list[Refusal]:
    if booking.kind != Kind.INFUSION:
        return []
    infusion = course.anchors.filter(kind=AnchorKind.INFUSION, actual_on__isnull=False).first()
    if infusion is None or infusion.actual_on == booking.on:
        return []
    message = N_("This has already happened on %(on)s.")
    return [_refusal("already_happened", message, "kind", on=infusion.actual_on)]


def _refuse_double(course: Course, booking: Booking, but: Appointment | None) -> list[Refusal]:
    same = Appointment.objects.booked().filter(
        course=course, kind=booking.kind, on=booking.on, at=booking.at
    )
    if but is not None:
        same = same.exclude(pk=but.pk)
    if not same.exists():
        return []
    message = N_("This is booked already: %(what)s, %(on)s.")
    what = KIND_NAMES[Kind(booking.kind)]
    return [_refusal("already_booked", message, what=what, on=booking.on)]


def _refuse_unless(row: Appointment, status: AppointmentStatus) -> list[Refusal]:
    """One refusal for an appointment that does not stand as the act wants it."""
    if row.status == status:
        by_hand = status == AppointmentStatus.BOOKED or row.cancelled_cause == BY_HAND
        message = N_("It was cancelled with the course: it comes back when that is undone.")
        return [] if by_hand else [_refusal("cancelled_with_course", message, "")]
    message = (
        N_("This appointment is cancelled.")
        if status == AppointmentStatus.BOOKED
        else N_("This appointment stands.")
    )
    return [_refusal("not_as_seen", message, "")]


def _refuse_unreasoned(reason: str, message: str) -> list[Refusal]:
    return [] if reason.strip() else [_refusal("reason_needed", message, "reason")]


def _refusal(code: str, message: str, field: str = "on", **params: object) -> Refusal:
    return Refusal(code=code, message=message, params=params, field=field)
