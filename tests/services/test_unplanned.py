"""Courses that cannot be planned: told once, listed for administrators, taken back when mended."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import Centre, User
from audit.models import AuditEvent
from patients import anchors
from patients.courses import lock_course
from patients.models import Course
from protocol.models import Protocol
from reminders import laying, sweeping
from reminders.models import Notice, Plan, PlanFailure, PlanPause
from reminders.queue import backlog
from reminders.unplanned import failures_of, take_back_mended
from tests.conftest import NOW, Refer, UserWith, make_protocol
from tests.marrow_only import marrow_only
from tests.services.test_sweep import JUST_OVER_A_DAY, infuse, sweep
from tests.walking import DAY_ZERO

pytestmark = pytest.mark.django_db
LATER = NOW + JUST_OVER_A_DAY
Breaks = Callable[[bool], None]


@pytest.fixture
def protocol(db: None) -> Protocol:
    """A schedule of one item."""
    return make_protocol(marrow_only())


@pytest.fixture
def sick(course: Course, coordinator: User) -> Course:
    """A course planned at NOW, that cannot be laid out again while `breaks` says so."""
    infuse(course, coordinator)
    return course


@pytest.fixture
def breaks(sick: Course, monkeypatch: pytest.MonkeyPatch) -> Breaks:
    """Whether laying out the sick course fails."""

    def lay_out(courses: Sequence[Course], **by: Any) -> int:
        if sick in courses:
            raise ZeroDivisionError("Rossi")
        return laying.lay_out(courses, **by)

    def set_to(broken: bool) -> None:
        monkeypatch.setattr(sweeping, "lay_out", lay_out if broken else laying.lay_out)

    set_to(True)
    return set_to


def standing(course: Course) -> list[Notice]:
    return list(Notice.objects.standing().filter(course=course, code="not_planned"))


def test_its_coordinators_hear_of_it_once_and_no_more_when_it_works_again(
    sick: Course, breaks: Breaks, coordinator: User, refer_patient: Refer
) -> None:
    infuse(refer_patient(coordinator), coordinator)
    assert sweep(LATER).failed == 1
    (failure,) = PlanFailure.objects.all()
    assert (failure.course, failure.since, failure.error_code) == (sick, LATER, "ZeroDivisionError")
    assert backlog(LATER).not_planned == 1
    (notice,) = standing(sick)
    assert (notice.roles, notice.count) == (["coordinator"], 1)
    event = AuditEvent.objects.filter(action="notice.raise").latest("pk")
    assert (event.actor_name, event.centre_id) == ("reminders.sweep", sick.centre_id)
    again = LATER + JUST_OVER_A_DAY
    for now in (LATER + timedelta(minutes=1), again):
        sweep(now)
        (notice,) = standing(sick)
        assert (notice.count, notice.last_at) == (1, LATER)
    failure.refresh_from_db()
    assert (failure.since, failure.tried_at) == (LATER, again)
    breaks(False)
    assert sweep(again + JUST_OVER_A_DAY).failed == 0
    assert not PlanFailure.objects.exists()
    assert standing(sick) == []


def test_a_change_of_a_date_that_plans_it_takes_the_notice_back_too(
    sick: Course, breaks: Breaks, coordinator: User
) -> None:
    sweep(LATER)
    with transaction.atomic():
        locked = lock_course(sick.pk, actor=coordinator)
        anchors.set_actual(
            locked, "infusion", DAY_ZERO - timedelta(days=1), actor=coordinator,
            now=LATER + timedelta(minutes=1),
        )  # fmt: skip
    sweep(LATER + timedelta(minutes=2))
    assert standing(sick) == []


def test_a_course_that_needs_no_plan_any_more_is_not_missed(sick: Course, breaks: Breaks) -> None:
    sweep(LATER)
    Plan.objects.filter(course=sick).delete()
    PlanPause.objects.create(course=sick, cause="exit:1", since=LATER)
    sweep(LATER + timedelta(minutes=1))
    assert standing(sick) == []
    assert not PlanFailure.objects.exists()


def test_nothing_to_take_back_is_no_error(db: None) -> None:
    assert take_back_mended(actor=sweeping.SWEEP, now=NOW) == 0


def test_administrators_of_the_centre_see_which_since_when_and_why_by_code(
    sick: Course, breaks: Breaks, coordinator: User, user_with: UserWith, other_centre: Centre
) -> None:
    admin = user_with("centre_admin")
    other = user_with("centre_admin", at=other_centre)
    sweep(LATER)
    assert [list(failures_of(user)) for user in (coordinator, other)] == [[], []]
    client, api = Client(), APIClient()
    client.force_login(admin)
    api.force_login(admin)
    page = client.get(reverse("queue")).content.decode()
    for words in ("Courses that cannot be planned", sick.code, "ZeroDivisionError"):
        assert words in page
    assert "Rossi" not in page
    (row,) = api.get(reverse("api_queue")).json()["not_planned"]
    assert (row["course"], row["error_code"]) == (sick.code, "ZeroDivisionError")
    assert row["since"] == row["tried_at"]
    client.force_login(other)
    assert sick.code not in client.get(reverse("queue")).content.decode()


def test_an_unreadable_protocol_is_named_as_such(
    sick: Course, coordinator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison = Protocol.objects.create(
        code="poison", version=1, title_en="x", title_it="x", product="x", data={}, sha256="f" * 64
    )
    Course.objects.filter(pk=sick.pk).update(protocol=poison)
    sweep(LATER)
    assert PlanFailure.objects.get(course=sick).error_code == "protocol_unreadable"
    client = Client()
    client.force_login(coordinator)
    page = client.get(reverse("notice_list")).content.decode()
    assert "cannot be planned since" in page
