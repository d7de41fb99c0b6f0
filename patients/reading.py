"""Keeping in the audit who read a chart or a patient, whatever the page or the address."""

from datetime import datetime

from accounts.models import User
from audit.recording import record
from patients.models import Course, Patient
from patients.selectors import course_or_404


def course_read(user: User, course_id: int, *, now: datetime) -> Course:
    """A course `user` may see, or Http404; the audit keeps that it was read."""
    course = course_or_404(user, course_id)
    note_chart_read(course, actor=user, now=now)
    return course


def note_chart_read(course: Course, *, actor: User, now: datetime) -> None:
    """Record that `actor` read something of a course."""
    record(
        actor=actor,
        now=now,
        action="chart.read",
        obj=course,
        course_id=course.pk,
        patient_id=course.patient_id,
    )


def note_patient_read(patient: Patient, *, actor: User, now: datetime) -> None:
    """Record that `actor` read who somebody is."""
    record(actor=actor, now=now, action="patient.read", obj=patient, patient_id=patient.pk)
