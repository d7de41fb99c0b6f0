"""What the end of a course does to its appointments, and what the undo brings back exactly.

Consequences, wired in config/wiring.py; each runs after the planning of reminders, in the writer's
transaction and under its course lock.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from patients.consequences import Happening
from reminders.appointing import write_revision
from reminders.appointment_models import Appointment, AppointmentStatus, ChangeKind
from reminders.models import PlanPause
from terms.day_numbers import local_date


def cancel_ahead(happening: Happening) -> None:
    """An exit, the completion or the patient's death cancels what lies ahead of it."""
    course = happening.course
    today = local_date(happening.now, course.centre.zone)
    day = happening.on or course.closed_on or today
    for row in Appointment.objects.booked().filter(course=course, on__gte=day).order_by("pk"):
        if _ahead(row, day, happening.now, course.centre.zone):
            row.course = course
            row.status = AppointmentStatus.CANCELLED
            row.cancelled_cause = happening.cause
            write_revision(row, ChangeKind.CANCELLED, actor=happening.actor, now=happening.now)


def restore(happening: Happening) -> None:
    """The way back: exactly what that cause cancelled stands again.

    While something else still ends the course, such as a death after the exit, it passes to that.
    """
    course = happening.course
    pause = PlanPause.objects.ending().filter(course=course).order_by("since", "pk").first()
    rows = Appointment.objects.filter(
        course=course, status=AppointmentStatus.CANCELLED, cancelled_cause=happening.cause
    )
    for row in rows.order_by("pk"):
        row.course = course
        what = ChangeKind.CANCELLED
        if pause is None:
            row.status, row.cancelled_cause, what = (
                AppointmentStatus.BOOKED, "", ChangeKind.REINSTATED,
            )  # fmt: skip
        else:
            row.cancelled_cause = pause.cause
        write_revision(row, what, actor=happening.actor, now=happening.now)


def _ahead(row: Appointment, day: date, now: datetime, zone: ZoneInfo) -> bool:
    """Whether it is after the end: on a later day, or later on the very day it is recorded."""
    local = now.astimezone(zone)
    if row.on > day:
        return True
    return row.on == local.date() and (row.at is None or row.at > local.time())
