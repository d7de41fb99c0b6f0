"""Appointments on the timeline: by their day, by the day they were cancelled on, in files coded."""

from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.utils import translation

from accounts.models import User
from exports.course_keys import keys_of
from exports.domain.swimlanes import Lane, lane_of
from exports.event_labels import EVENT_LABELS
from exports.timeline import TimelineRow, course_timeline
from patients.models import Course
from reminders import timeline_appointments
from reminders.appointing import Booking, book, cancel
from reminders.domain.calendar import Kind
from tests.conftest import NOW, UserWith
from tests.services.test_copying import told_of

pytestmark = pytest.mark.django_db
SOON = NOW.date() + timedelta(days=8)


def told(user: User, course: Course) -> list[TimelineRow]:
    """What the timeline tells of appointments."""
    rows = course_timeline(user, course)
    return [row for row in rows if row.event_code in timeline_appointments.CODES]


def test_what_is_booked_and_what_was_cancelled_is_told(
    course: Course, coordinator: User, user_with: UserWith
) -> None:
    about: dict[str, Any] = {"course_id": course.pk, "actor": coordinator, "now": NOW}
    visit = Booking(kind=Kind.VISIT, on=SOON, at=time(9), place="Room 2", remark="Signora Rossi")
    book(**about, booking=visit)
    gone = book(**about, booking=replace(visit, kind=Kind.LUMBAR_PUNCTURE))
    cancel(**about, appointment_id=gone.pk, reason="no bed")
    cancelled, booked = told(coordinator, course)
    assert (booked.event_code, booked.label, booked.event_date, booked.value) == (
        "APPOINTMENT", "Appointment: Visit", SOON.isoformat(), "Room 2 Signora Rossi",
    )  # fmt: skip
    assert (cancelled.event_code, cancelled.event_date, cancelled.value) == (
        "APPOINTMENT_CANCELLED", NOW.date().isoformat(), SOON.isoformat(),
    )  # fmt: skip
    assert cancelled.label == "Appointment cancelled, was for: Lumbar puncture"
    assert cancelled.shown_value == "20-Nov-2026"
    with translation.override("it"):
        assert told(coordinator, course)[1].label == "Appuntamento: Visita"
    assert [row.value for row in told(user_with("data_manager"), course)] == [SOON.isoformat(), ""]
    [key] = keys_of(Course.objects.filter(pk=course.pk)).values()
    for shift in (0, -98):
        rows = told_of([replace(key, shift_days=shift)])
        moved = timedelta(days=shift)
        assert [
            (row["label"], date.fromisoformat(row["event_date"]) - moved, row["value"])
            for row in rows
            if row["event_code"] in timeline_appointments.CODES
        ] == [
            (cancelled.label, NOW.date(), (SOON + moved).isoformat()),
            (booked.label, SOON, ""),
        ]


def test_every_code_has_a_label_and_lies_among_the_reminders() -> None:
    assert timeline_appointments.CODES - EVENT_LABELS.keys() == set()
    assert {lane_of(code) for code in timeline_appointments.CODES} == {Lane.REMINDERS}
