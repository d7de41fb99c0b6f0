"""Appointments as they stand, and those that were cancelled, in the uniform columns."""

from django.db.models import F, Q, QuerySet, TextField, Value
from django.db.models.functions import Concat

from patients.models import Course
from patients.timeline_columns import Rows, choice, day, local_day, row_of, trim
from reminders.appointment_models import AppointmentStatus
from reminders.domain.calendar import BOOKABLE, KIND_NAMES

BOOKED, CANCELLED = "APPOINTMENT", "APPOINTMENT_CANCELLED"
CODES = frozenset({BOOKED, CANCELLED})
_STANDS = Q(appointments__status=AppointmentStatus.BOOKED)
_GONE = Q(appointments__status=AppointmentStatus.CANCELLED)


def rows(courses: QuerySet[Course]) -> list[Rows]:
    """Each by its day; a cancelled one by the day it was cancelled on, with the day it was for.

    That one took place is told by what was done there. Place and remark are free text.
    """
    kind = choice("appointments__kind", {one.value: KIND_NAMES[one] for one in BOOKABLE})
    words = Concat(
        F("appointments__place"), Value(" "), F("appointments__remark"), output_field=TextField()
    )
    return [
        row_of(
            courses, "appointments", on=day("appointments__on"), code=BOOKED, label=kind,
            value=trim(words), identifying=True, by="made_by", at="made_at", where=_STANDS,
        ),
        row_of(
            courses, "appointments", on=local_day("appointments__changed_at"), code=CANCELLED,
            label=kind, value=day("appointments__on"), by="changed_by", at="changed_at",
            where=_GONE,
        ),
    ]  # fmt: skip
