"""Courses that cannot be planned: kept and told when it begins, taken back when it works again."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet

from accounts.models import User
from accounts.permissions import Permission
from audit.recording import Actor
from patients.models import Course
from reminders.models import PlanFailure
from reminders.notices import raise_notice, withdraw_notices
from terms.day_numbers import local_date
from terms.roles import Role

NOTICE = "not_planned"


def keep_failures(faults: Mapping[Course, str], *, actor: Actor, now: datetime) -> None:
    """Keep that locked courses could not be planned, and why; coordinators hear of it once."""
    known = set(PlanFailure.objects.filter(course__in=faults).values_list("course_id", flat=True))
    PlanFailure.objects.bulk_create(
        [
            PlanFailure(course=course, since=now, tried_at=now, error_code=code[:60])
            for course, code in faults.items()
        ],
        update_conflicts=True,
        update_fields=["tried_at", "error_code"],
        unique_fields=["course"],
    )
    for course in faults:
        if course.pk not in known:
            raise_notice(
                course=course,
                code=NOTICE,
                roles=(Role.COORDINATOR,),
                params={"on": local_date(now, course.centre.zone)},
                cause=NOTICE,
                actor=actor,
                now=now,
            )


@transaction.atomic(durable=True)
def take_back_mended(*, actor: Actor, now: datetime) -> int:
    """Take back what was told of courses that were planned since, or need no plan any more.

    Somebody at work on one of them leaves it for the next time.
    """
    mended = PlanFailure.objects.filter(
        Q(course__reminder_plan=None) | Q(course__reminder_plan__planned_at__gt=F("tried_at"))
    )
    courses = list(
        Course.objects.filter(pk__in=mended.values("course"))
        .select_related("centre")
        .order_by("pk")
        .select_for_update(no_key=True, skip_locked=True, of=("self",))
    )
    for course in courses:
        withdraw_notices(course, cause=NOTICE, actor=actor, now=now)
    PlanFailure.objects.filter(course__in=courses).delete()
    return len(courses)


def failures_of(user: User) -> QuerySet[PlanFailure]:
    """Those of the centre `user` works at, the oldest first; none without the permission."""
    if not user.may(Permission.WATCH_SENDING):
        return PlanFailure.objects.none()
    seen = PlanFailure.objects.filter(course__in=Course.objects.visible_to(user))
    return seen.select_related("course").order_by("since", "pk")
