"""Tests that begin in the same world find it as it was made, whatever another one did there."""

from datetime import date, timedelta

import pytest

from accounts.models import User
from audit.models import AuditEvent
from patients.models import Course
from tests.conftest import Refer
from tests.walking import Walk

pytestmark = pytest.mark.walked("to_apheresis")
_found: list[tuple[object, ...]] = []


@pytest.mark.parametrize("turn", [1, 2])
def test_what_one_test_did_no_other_finds(turn: int, walk: Walk) -> None:
    """Each turn spoils rows, objects in memory and the clock of the walk."""
    review = walk.latest("eligibility")
    _found.append(
        (
            walk.now,
            walk.course.version,
            walk.course.centre.name,
            walk.by("coordinator").first_name,
            review.state,
            AuditEvent.objects.count(),
            sorted(walk._opened),
        )
    )
    assert _found[-1] == _found[0]
    attempt = walk.open("apheresis", "coordinator", planned_on=walk.now.date())
    walk.until(-20).go("withdrawn", reason="asked to")
    attempt.planned_on = date(2020, 1, 1)
    walk.now += timedelta(days=1)
    walk.course.centre.name = walk.by("coordinator").first_name = "spoilt"
    walk.course.centre.save()


@pytest.mark.django_db
def test_who_asks_for_no_walk_begins_with_nothing() -> None:
    assert not Course.objects.exists()


@pytest.mark.parametrize("turn", [1, 2])
def test_who_asks_for_the_course_alone_finds_it_fresh_from_referral(
    turn: int, course: Course, refer_patient: Refer, coordinator: User
) -> None:
    """Each turn refers another one beside it, and spoils it."""
    assert (Course.objects.get(), course.journey.stage) == (course, "referral")
    refer_patient(coordinator)
    course.version += 1
    course.centre.name = coordinator.first_name = "spoilt"
    course.save()


@pytest.mark.walked
def test_a_walk_may_be_shared_at_its_beginning(walk: Walk) -> None:
    assert (walk.course.version, walk.now) == (Course.objects.get().version, walk.at(-41))
