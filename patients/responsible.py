"""Who is responsible for a course: its coordinator and its haematologist ("mine")."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from audit.recording import record
from patients import consequences
from patients.consequences import Event, Happening
from patients.courses import check_version, lock_course, raise_version
from patients.models import Course
from terms.refusals import Refusal, Refused
from terms.roles import Role
from terms.words import N_


def candidates(course: Course, role: Role) -> QuerySet[User]:
    """Active users who hold `role` at the course's centre, by name."""
    return User.objects.filter(
        is_active=True,
        memberships__centre_id=course.centre_id,
        memberships__role=role,
        memberships__ended_at=None,
    ).order_by("last_name", "first_name", "username")


@transaction.atomic
def set_responsible(
    *,
    course_id: int,
    coordinator_id: int | None,
    haematologist_id: int | None,
    actor: User,
    now: datetime,
    expected_version: int | None = None,
) -> Course:
    """Set or clear (None) who coordinates a course and which haematologist is responsible.

    Raises Refused (somebody without that role at the centre), NotAllowed, StaleVersion,
    Course.DoesNotExist.
    """
    course = lock_course(course_id, actor=actor)
    require(actor, Permission.EDIT_CHART)
    check_version(course, expected_version)
    refusals = [
        *_refuse_outsider(course, coordinator_id, Role.COORDINATOR, "coordinator"),
        *_refuse_outsider(course, haematologist_id, Role.HAEMATOLOGIST, "haematologist"),
    ]
    if refusals:
        raise Refused(refusals)
    before = {"coordinator": course.coordinator_id, "haematologist": course.haematologist_id}
    course.coordinator_id, course.haematologist_id = coordinator_id, haematologist_id
    course.save(update_fields=["coordinator", "haematologist"])
    raise_version(course)
    record(
        actor=actor,
        now=now,
        action="course.set_responsible",
        obj=course,
        course_id=course.pk,
        patient_id=course.patient_id,
        before=before,
        after={"coordinator": coordinator_id, "haematologist": haematologist_id},
    )
    consequences.run(Happening(Event.CHART_CHANGED, course, actor, now))
    return course


def _refuse_outsider(course: Course, user_id: int | None, role: Role, field: str) -> list[Refusal]:
    if user_id is None or candidates(course, role).filter(pk=user_id).exists():
        return []
    return [
        Refusal(
            code="not_in_role",
            message=N_("This person does not hold that role at this centre."),
            field=field,
        )
    ]
