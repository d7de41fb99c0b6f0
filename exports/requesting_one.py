"""Asking for a file of one course: who may, whether its data may leave, and the audit of it."""

from datetime import datetime

from accounts.models import User
from exports.course_records import read_records
from exports.requesting import leaving
from exports.timeline import timeline
from exports.writers.fhir import bundle as fhir
from exports.writers.pdf import Printing, timeline_pdf
from patients.models import Course
from terms.day_numbers import local_date


def name_of(course: Course, now: datetime, ending: str) -> str:
    """The name of a file of a course: codes and dates only."""
    on = local_date(now, course.centre.zone)
    return f"percorso-{course.code}-{on.isoformat()}.{ending}"


def request_timeline_pdf(*, course_id: int, actor: User, now: datetime) -> tuple[str, bytes]:
    """The timeline of one course as PDF, coded, with the name of its file. Raises as `leaving`."""
    course = leaving(
        course_id=course_id, actor=actor, now=now, action="export.timeline", form="pdf"
    )
    rows = timeline(actor, Course.objects.visible_to(actor).filter(pk=course.pk), coded=True)
    printing = Printing(
        identity=course.code,
        printed_by=actor.get_username(),
        printed_at=now.astimezone(course.centre.zone),
    )
    return name_of(course, now, "timeline.pdf"), timeline_pdf(rows, printing)


def request_bundle(*, course_id: int, actor: User, now: datetime) -> tuple[str, dict[str, object]]:
    """One course as a FHIR bundle, with the name of its file. Raises as `leaving` does."""
    course = leaving(course_id=course_id, actor=actor, now=now, action="export.fhir", form="fhir")
    seen = Course.objects.visible_to(actor).filter(pk=course.pk)
    [found] = read_records(seen, fhir.MODELS, grades=True)
    return name_of(course, now, "fhir.json"), fhir.bundle(found, code=course.code, now=now)
