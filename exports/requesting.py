"""Asking for a file: permission, audit, then its rows. What is asked for is written down first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from audit.recording import record
from exports.copying import Told, begun_lines
from exports.course_keys import keys_of
from exports.timeline import names_by_protocol
from exports.writers.csv import intended_lines
from pathway.domain.exits import UNKNOWN, scope_of
from pathway.intention import as_intended, intended
from pathway.withholding import WITHHELD
from patients.models import Course
from patients.models.courses import CourseQuerySet
from protocol.models import Protocol
from terms.day_numbers import local_date
from terms.refusals import Refusal, Refused
from terms.words import N_


@dataclass(frozen=True)
class StreamedFile:
    """A file on its way out: its name and its text in pieces."""

    name: str
    pieces: Iterator[str]


def leaving(*, course_id: int, actor: User, now: datetime, action: str, form: str) -> Course:
    """A course of which a file of the form `form` is made now; the request is written down.

    Raises Course.DoesNotExist for an unknown id or another centre's, NotAllowed without
    EXPORT_CODED, Refused when the patient has withdrawn the use of the data, or nobody knows.
    """
    seen = Course.objects.visible_to(actor).select_related("centre", "journey")
    course = seen.get(pk=course_id)
    with transaction.atomic():
        require(actor, Permission.EXPORT_CODED)
        refuse_withheld(course)
        record(
            actor=actor,
            now=now,
            action=action,
            obj=course,
            course_id=course.pk,
            patient_id=course.patient_id,
            after={"scope": course.code, "format": form},
        )
    return course


def request_course_timeline(*, course_id: int, actor: User, now: datetime) -> StreamedFile:
    """The timeline of one course as CSV. Raises as `leaving`."""
    course = leaving(
        course_id=course_id, actor=actor, now=now, action="export.timeline", form="csv"
    )
    courses = Course.objects.visible_to(actor).filter(pk=course.pk)
    on = local_date(now, course.centre.zone)
    name = f"percorso-timeline-{course.code}-{on.isoformat()}.csv"
    return StreamedFile(name, _coded_timelines(actor, courses))


def request_intended(*, actor: User, now: datetime) -> StreamedFile:
    """Every enrolled course with what became of it, by intention to treat, as CSV.

    Raises NotAllowed without EXPORT_CODED.
    """
    journeys = intended(actor)
    with transaction.atomic():
        require(actor, Permission.EXPORT_CODED)
        record(
            actor=actor,
            now=now,
            action="export.intention_to_treat",
            after={"courses": journeys.count(), "format": "csv"},
        )
    centre = actor.working_centre
    code, on = (centre.code, local_date(now, centre.zone)) if centre else ("", now.date())
    rows = [as_intended(journey) for journey in journeys]
    return StreamedFile(f"percorso-intention-{code}-{on.isoformat()}.csv", intended_lines(rows))


def refuse_withheld(course: Course) -> None:
    """Nothing of a course leaves in a file once its patient has taken back the use of the data.

    Where nobody recorded how far a withdrawal goes, nothing leaves either.
    """
    journey = course.journey
    if not Course.objects.filter(WITHHELD, pk=course.pk).exists():
        return
    message = N_("The patient withdrew the use of the data: no file is made of it.")
    if scope_of(journey.stage, journey.exit_scope) == UNKNOWN:
        message = N_(
            "It is not known whether the patient withdrew the use of the data: no file is made "
            "of it until that is said."
        )
    raise Refused([Refusal(code="data_withdrawn", message=message)])


def request_timelines(*, actor: User, now: datetime) -> StreamedFile:
    """The timelines of every course that `actor` may see as one CSV.

    Raises NotAllowed without EXPORT_CODED.
    """
    courses = Course.objects.visible_to(actor).exclude(WITHHELD)
    with transaction.atomic():
        require(actor, Permission.EXPORT_CODED)
        record(
            actor=actor,
            now=now,
            action="export.timeline",
            after={"scope": "all courses", "courses": courses.count(), "format": "csv"},
        )
    centre = actor.working_centre
    code, on = (centre.code, local_date(now, centre.zone)) if centre else ("", now.date())
    name = f"percorso-timelines-{code}-{on.isoformat()}.csv"
    return StreamedFile(name, _coded_timelines(actor, courses))


def _coded_timelines(actor: User, courses: CourseQuerySet) -> Iterator[str]:
    """The lines of those `courses` that may leave; who entered a row only for who sees names.

    The first courses are read before the answer begins: a fault becomes an error, not half a file.
    """
    seen = courses.visible_to(actor).exclude(WITHHELD)
    keys = sorted(keys_of(seen).values(), key=lambda key: key.course_id)
    protocols = Protocol.objects.filter(pk__in={key.protocol_id for key in keys})
    told = Told(free_text=False, staff=actor.may(Permission.SEE_IDENTITY))
    return begun_lines(keys, names_by_protocol(protocols), told)
