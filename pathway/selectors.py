"""Reading a course's pathway for pages and the API."""

from datetime import date
from typing import Any

from accounts.models import User
from pathway.domain.companions import COMPANIONS
from pathway.domain.machine import Option
from pathway.domain.spine import SPINE, Stage
from pathway.loading import CompanionRow, CourseState, load_state
from patients.models import Course


def course_state(user: User, course_id: int) -> CourseState:
    """The pathway of a course `user` may see. Raises Course.DoesNotExist otherwise."""
    course = (
        Course.objects.visible_to(user)
        .select_related("patient", "protocol", "centre", "coordinator", "haematologist")
        .get(pk=course_id)
    )
    return load_state(course)


def stage_options(state: CourseState, user: User, on: date) -> "tuple[Option[Stage], ...]":
    """Every move of the journey with everything against it, for `user` on `on`."""
    return SPINE.moves_from(Stage(state.journey.stage), state.facts(on=on), user.roles)


def companion_options(
    state: CourseState, row: CompanionRow, user: User, on: date
) -> "tuple[Option[Any], ...]":
    """Every move of one companion with everything against it."""
    machine = COMPANIONS[row.machine]
    return machine.moves_from(machine.state(row.state), state.facts(on=on, subject=row), user.roles)
