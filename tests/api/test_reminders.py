"""What people do with reminders, in the API."""

from datetime import date

import pytest
from django.db import transaction
from rest_framework.test import APIClient

from accounts.models import User
from patients.anchors import set_actual
from patients.courses import lock_course
from patients.models import Course
from protocol.models import Protocol
from reminders.models import Reminder
from tests.conftest import NOW, make_protocol
from tests.marrow_only import marrow_only

pytestmark = pytest.mark.django_db


@pytest.fixture
def protocol(db: None) -> Protocol:
    """One whose schedule has the marrow checks alone."""
    return make_protocol(marrow_only())


@pytest.fixture
def reminder(course: Course, coordinator: User) -> Reminder:
    """The first check of a course, overdue."""
    with transaction.atomic():
        locked = lock_course(course.pk, actor=coordinator)
        set_actual(locked, "infusion", date(2026, 10, 2), actor=coordinator, now=NOW)
    return Reminder.objects.filter(course=course).order_by("due_on")[0]


def test_done_reopened_put_off_and_skipped(api: APIClient, reminder: Reminder) -> None:
    def post(what: str, **body: object) -> tuple[int, dict[str, object]]:
        answer = api.post(f"/api/v1/reminders/{reminder.pk}/{what}/", body, format="json")
        return answer.status_code, answer.json()

    status, said = post("done", done_on="2026-11-10")
    assert (status, said["status"], said["done_on"]) == (201, "done", "2026-11-10")
    assert said["label"] == "Bone marrow: morphology and MRD"
    status, said = post("done", done_on="2026-11-10")
    assert (status, said["reasons"][0]["code"]) == (422, "not_waiting")  # type: ignore[index]
    status, said = post("reopen", reason="dry tap")
    assert (status, said["status"], said["done_on"]) == (201, "open", None)
    status, said = post("snooze", until="2026-11-20", reason="abroad")
    assert (status, said["status"], said["snoozed_until"]) == (201, "snoozed", "2026-11-20")
    status, said = post("snooze", until="2026-11-12", reason=" ")
    assert status in (400, 422)
    status, said = post("skip", reason="refuses")
    assert (status, said["status"], said["snoozed_until"]) == (201, "skipped", None)


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("done", {}),
        ("done", {"done_on": "yesterday"}),
        ("skip", {"reason": 7}),
        ("snooze", {"until": "2026-12-01"}),
        ("reopen", {"reason": "x", "by": "me"}),
    ],
)
def test_what_cannot_be_read_is_refused(
    api: APIClient, reminder: Reminder, what: str, body: dict[str, object]
) -> None:
    answer = api.post(f"/api/v1/reminders/{reminder.pk}/{what}/", body, format="json")
    assert answer.status_code == 400
    assert answer.json()["reasons"]
    reminder.refresh_from_db()
    assert reminder.status == "open"
