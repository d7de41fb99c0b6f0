"""The lock of a course and its version: the first line of every service that writes to one."""

from collections.abc import Collection
from datetime import date

from accounts.models import User
from accounts.permissions import Permission
from audit.prepared import Prepared, update
from patients.models import Course, Patient
from patients.models.courses import CourseQuerySet
from terms.refusals import Refusal, StaleVersion
from terms.words import N_


def lock_course(course_id: int, *, actor: User) -> Course:
    """Lock and return a course `actor` may see; load facts only after this.

    FOR NO KEY UPDATE: rows that refer to the course can still be inserted elsewhere meanwhile.
    Raises Course.DoesNotExist for an unknown id or another centre's, TransactionManagementError
    outside a transaction.
    """
    if not actor.may(Permission.READ_COURSES):
        raise Course.DoesNotExist
    centre = actor.working_centre_id
    course = _COURSE_TO_LOCK.one(course_id, centre)
    # A row joined to the one that is locked would be as old as the beginning of the wait.
    course.patient = _ITS_PATIENT.one(course.patient_id, centre)
    return course


def lock_courses(ids: Collection[int], *, actor: User) -> list[Course]:
    """Lock and return those of some courses that `actor` may see, in the order of ids.

    Always in that order, so that two who lock several never wait for each other.
    """
    visible = Course.objects.visible_to(actor)
    courses = list(_to_lock(visible).filter(pk__in=ids).order_by("pk"))
    patients = Patient.objects.visible_to(actor).in_bulk([one.patient_id for one in courses])
    for course in courses:
        course.patient = patients[course.patient_id]
    return courses


def lock_courses_of(patient: Patient, *, actor: User) -> list[Course]:
    """Lock and return every course of a patient that the caller has locked, in the order of ids.

    Taken by whoever writes a fact of the patient that the courses' guards look at.
    """
    visible = Course.objects.visible_to(actor)
    courses = list(_to_lock(visible).filter(patient=patient).order_by("pk"))
    for course in courses:
        course.patient = patient
    return courses


def _to_lock(courses: CourseQuerySet) -> CourseQuerySet:
    # What the protocol says is long and kept in memory: see settings_of.
    return (
        courses.select_related("protocol", "centre")
        .defer("protocol__data")
        .select_for_update(no_key=True, of=("self",))
    )


_COURSE_TO_LOCK = Prepared(
    lambda course, centre: _to_lock(Course.objects.of_centre(centre)).filter(pk=course)
)
_ITS_PATIENT = Prepared(
    lambda patient, centre: Patient.objects.of_centre(centre).filter(pk=patient)
)


def close(course: Course, *, on: date) -> None:
    """Keep that the locked `course` ended on the date `on`, by an exit or its completion."""
    course.closed_on = on
    course.save(update_fields=["closed_on"])


def reopen(course: Course) -> None:
    """Keep that the locked `course` goes on after all."""
    course.closed_on = None
    course.save(update_fields=["closed_on"])


_STALE_COURSE = N_(
    "Someone changed this course since you opened the page. Look at what changed, then try again."
)
_STALE_PATIENT = N_(
    "Someone changed these details since you opened the page. Look at what changed, then try again."
)


def check_version(locked: Course | Patient, expected: int | None) -> None:
    """Raise StaleVersion when the writer saw an older version than the `locked` row has."""
    if expected is not None and expected != locked.version:
        raise StaleVersion(
            [
                Refusal(
                    code="stale_version",
                    message=_STALE_COURSE if isinstance(locked, Course) else _STALE_PATIENT,
                    params={"expected": expected, "current": locked.version},
                )
            ]
        )


def raise_version(course: Course) -> None:
    """Count one more change of moves, anchors or corrections on the locked `course`.

    Once for everything that is written under one lock: who saw the course before saw none of it.
    """
    if course.version_raised:
        return
    course.version_raised = True
    course.version += 1
    update(course, "version")
