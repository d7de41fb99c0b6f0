"""Steps of a walk that book appointments and cancel them."""

from datetime import date, time
from typing import Self

from config.demo_data.assessed import SYNTHETIC
from config.demo_data.righting import RightingSteps
from reminders.appointing import Booking, book, cancel


class AppointmentSteps(RightingSteps):
    """Steps of a walk at the coordinator's desk, putting right what was mistyped included."""

    def appointed(self, kind: str, on: date, hour: int | None = None, place: str = "") -> Self:
        """Book an appointment; without an hour it is of the whole day."""
        self._happened()
        at = None if hour is None else time(hour)
        self._appointment = book(
            course_id=self.course.pk,
            booking=Booking(kind, on, at, place),
            actor=self._actor("coordinator"),
            now=self._now,
            source=SYNTHETIC,
        )
        return self

    def called_off(self, reason: str) -> Self:
        """Cancel the appointment booked last."""
        self._happened()
        cancel(
            course_id=self.course.pk,
            appointment_id=self._appointment.pk,
            reason=reason,
            actor=self._actor("coordinator"),
            now=self._now,
        )
        return self
