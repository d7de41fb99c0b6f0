"""Reading a course's pathway for pages and the API."""

from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from accounts.models import User
from accounts.permissions import Permission
from accounts.refusing import told_to
from audit.prepared import Prepared
from pathway.domain.companions import COMPANIONS
from pathway.domain.machine import Option
from pathway.domain.spine import SPINE, Stage
from pathway.loading import CourseState, load_state
from pathway.loading_companions import CompanionRow
from pathway.models import Change, Precision
from patients.models import Course, Hold, Identifier
from patients.selectors import searched
from protocol.models import Protocol
from reminders.agenda import booked_steps


def course_state(user: User, course_id: int) -> CourseState:
    """The pathway of a course `user` may see. Raises Course.DoesNotExist otherwise."""
    return load_state(course_of(user, course_id))


def course_of(user: User, course_id: int) -> Course:
    """A course `user` may see, with all that names it. Raises Course.DoesNotExist otherwise."""
    if not user.may(Permission.READ_COURSES):
        raise Course.DoesNotExist
    return _COURSE.one(course_id, user.working_centre_id)


# What the protocol says is long and kept in memory: see settings_of.
_COURSE = Prepared(
    lambda course, centre: (
        Course.objects.of_centre(centre)
        .select_related("patient", "protocol", "centre", "coordinator", "haematologist")
        .defer("protocol__data")
        .annotate(booked_steps=booked_steps())
        .filter(pk=course)
    )
)


def listed_courses(
    user: User, *, search: str = "", stage: str = "", centre: str = "", mine: bool = False
) -> QuerySet[Course]:
    """The courses `user` may see, narrowed, with what a row of a list shows.

    Every word of `search` is in the code, or in a name or number for somebody who may see those.
    `on_hold` says whether a hold is open, `since_unknown` that it may be at its stage since a day
    that nobody knows.
    """
    found = Course.objects.visible_to(user)
    if stage:
        found = found.filter(journey__stage=stage)
    if centre:
        found = found.filter(centre__code=centre)
    if mine:
        found = found.filter(Q(coordinator=user) | Q(haematologist=user))
    found = searched(user, found, search)
    held = Hold.objects.filter(course=OuterRef("pk"), ended_on=None)
    undated = Change.objects.filter(
        course=OuterRef("pk"),
        machine=SPINE.name,
        target=OuterRef("journey__stage"),
        precision=Precision.UNKNOWN,
    )
    return (
        found.select_related("journey", "patient", "centre")
        .prefetch_related(Prefetch("patient__identifiers", Identifier.objects.order_by("pk")))
        .annotate(on_hold=Exists(held), since_unknown=Exists(undated))
        .order_by("pk")
    )


def stage_options(
    state: CourseState, user: User, on: date, at: datetime | None = None
) -> "tuple[Option[Stage], ...]":
    """Every move of the journey with what stands against it, as `user` may know it, on `on`."""
    found = SPINE.moves_from(Stage(state.journey.stage), state.facts(on=on, at=at), user.roles)
    return tuple(Option(option.move, told_to(user, option.refusals)) for option in found)


def companion_options(
    state: CourseState, row: CompanionRow, user: User, on: date, at: datetime | None = None
) -> "tuple[Option[Any], ...]":
    """Every move of one companion with what stands against it, as `user` may know it."""
    machine, facts = COMPANIONS[row.machine], state.facts(on=on, subject=row, at=at)
    found = machine.moves_from(machine.state(row.state), facts, user.roles)
    return tuple(Option(option.move, told_to(user, option.refusals)) for option in found)


def behind(user: User, version: Protocol) -> QuerySet[Course]:
    """The courses under way that `user` may see and that follow another version of it."""
    return (
        Course.objects.visible_to(user)
        .filter(protocol__code=version.code, journey__active=True)
        .exclude(protocol=version)
        .select_related("patient", "protocol", "centre")
        .order_by("code")
    )
