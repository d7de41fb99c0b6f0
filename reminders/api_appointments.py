"""Appointments of a course in the API: booked, changed, cancelled, standing again."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_answers import reading, writing
from accounts.api_requests import (
    ApiView,
    DayField,
    StrictInput,
    TextField,
    VersionField,
    WordsField,
    actor_of,
    body_of,
    read,
)
from accounts.models import User
from patients.models import Course
from patients.reading import course_read
from patients.selectors import course_or_404
from reminders import appointing
from reminders.appointing import Booking
from reminders.appointment_models import Appointment, AppointmentStatus
from reminders.appointments_shown import AppointmentRow, appointment_rows
from reminders.domain.calendar import BOOKABLE
from terms.day_numbers import local_date


class AppointmentOut(serializers.Serializer[Any]):
    """An appointment as it stands; times are of the centre's clock."""

    id = serializers.IntegerField()
    course = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=[one.value for one in BOOKABLE])
    on = serializers.DateField()
    at = serializers.TimeField(allow_null=True, help_text="Null where only the day is known.")
    place = serializers.CharField()
    remark = serializers.CharField()
    status = serializers.ChoiceField(choices=AppointmentStatus.values)
    revision = serializers.IntegerField()
    contradicts = serializers.CharField(
        help_text="How it and the plan of the pathway differ, in words; empty where they agree."
    )


class BookingIn(StrictInput):
    """An appointment; `reason` is needed for a day that has passed."""

    kind = serializers.ChoiceField(choices=[one.value for one in BOOKABLE])
    on = DayField()
    at = serializers.TimeField(
        required=False, allow_null=True, default=None, input_formats=["%H:%M"]
    )
    place = TextField(80)
    remark = TextField(200)
    reason = TextField(500)


class AppointmentChangeIn(StrictInput):
    """What the appointment says instead, and why; its kind stays."""

    on = DayField()
    at = serializers.TimeField(
        required=False, allow_null=True, default=None, input_formats=["%H:%M"]
    )
    place = TextField(80)
    remark = TextField(200)
    reason = WordsField(max_length=500)
    expected_revision = VersionField(required=False)


class AppointmentReasonIn(StrictInput):
    """Why."""

    reason = WordsField(max_length=500)
    expected_revision = VersionField(required=False)


class AppointmentsView(ListAPIView[Appointment]):
    """Appointments of a course."""

    serializer_class = AppointmentOut
    queryset = Appointment.objects.none()

    @reading("List the appointments of a course")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List every appointment, the latest day first, also what was cancelled."""
        actor, now = actor_of(request), timezone.now()
        course = course_read(actor, kwargs["pk"], now=now)
        rows: Any = appointment_rows(actor, course, local_date(now, course.centre.zone))
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response([_json(course, row) for row in page])

    @writing("Book an appointment", BookingIn, AppointmentOut)
    def post(self, request: Request, pk: int) -> Response:
        """Book an appointment; the plan of the pathway does not move with it."""
        actor, now = actor_of(request), timezone.now()
        course = course_or_404(actor, pk)
        given = read(BookingIn, body_of(request), actor)
        reason = given.pop("reason")
        row = appointing.book(
            course_id=pk, booking=Booking(**given), reason=reason, actor=actor, now=now
        )
        return Response(_one(actor, course, row), status=201)


class ChangeView(ApiView):
    """The change of one appointment."""

    @writing("Change an appointment", AppointmentChangeIn, AppointmentOut, status=200)
    def post(self, request: Request, pk: int, appointment: int) -> Response:
        """Let it say something else; what it said before is kept."""
        course = course_or_404(self.actor, pk)
        row = Appointment.objects.visible_to(self.actor).get(pk=appointment, course=course)
        given = self.received(AppointmentChangeIn)
        reason, expected = given.pop("reason"), given.pop("expected_revision", None)
        changed = appointing.change(
            course_id=pk, appointment_id=appointment, booking=Booking(row.kind, **given),
            reason=reason, expected_revision=expected, actor=self.actor, now=timezone.now(),
        )  # fmt: skip
        return Response(_one(self.actor, course, changed))


class CancelView(ApiView):
    """The end of one appointment."""

    @writing("Cancel an appointment", AppointmentReasonIn, AppointmentOut, status=200)
    def post(self, request: Request, pk: int, appointment: int) -> Response:
        """Cancel it; it stays to be read."""
        return _with_reason(self, pk, appointment, appointing.cancel)


class ReinstateView(ApiView):
    """The return of an appointment."""

    @writing(
        "Let a cancelled appointment stand again", AppointmentReasonIn, AppointmentOut, status=200
    )
    def post(self, request: Request, pk: int, appointment: int) -> Response:
        """Take back a cancellation that was a mistake."""
        return _with_reason(self, pk, appointment, appointing.reinstate)


def _with_reason(
    view: ApiView, pk: int, appointment: int, act: Callable[..., Appointment]
) -> Response:
    course = course_or_404(view.actor, pk)
    given = view.received(AppointmentReasonIn)
    row = act(
        course_id=pk, appointment_id=appointment, actor=view.actor, now=timezone.now(), **given
    )
    return Response(_one(view.actor, course, row))


def _one(actor: User, course: Course, row: Appointment) -> dict[str, Any]:
    today = local_date(row.changed_at, course.centre.zone)
    rows = appointment_rows(actor, course, today)
    return _json(course, next(one for one in rows if one.pk == row.pk))


def _json(course: Course, row: AppointmentRow) -> dict[str, Any]:
    entry = row.view.entry
    status = AppointmentStatus.BOOKED if row.booked else AppointmentStatus.CANCELLED
    names = ("kind", "on", "at", "place", "remark")
    return {name: getattr(entry, name) for name in names} | {
        "id": row.pk,
        "course": course.pk,
        "status": status,
        "revision": entry.sequence + 1,
        "contradicts": row.view.contradicts,
    }
