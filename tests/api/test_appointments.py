"""Appointments and the calendar in the API: every write, refusals, ranges, what differs."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from patients.anchors import plan_date, set_actual
from patients.models import Course
from reminders.appointing import Booking, book
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
SOON = NOW.date() + timedelta(days=8)


@pytest.fixture
def client(coordinator: User) -> Any:
    """A coordinator's program at the moment that tests call now."""
    with time_machine.travel(NOW, tick=False):
        client = Client()
        client.force_login(coordinator)
        yield client


def post(client: Client, path: str, **body: Any) -> tuple[int, dict[str, Any]]:
    answer = client.post(path, body, content_type="application/json")
    return answer.status_code, answer.json()


def test_an_appointment_is_booked_changed_cancelled_and_stands_again(
    client: Client, course: Course
) -> None:
    path = reverse("api_appointments", args=[course.pk])
    status, row = post(client, path, kind="apheresis", on=str(SOON), at="09:30", place="Room 3")
    assert status == 201
    assert row == {
        "id": row["id"], "course": course.pk, "kind": "apheresis", "on": "2026-11-20",
        "at": "09:30:00", "place": "Room 3", "remark": "", "status": "booked", "revision": 1,
        "contradicts": "No day is planned for this step of the pathway.",
    }  # fmt: skip
    of = f"{path}{row['id']}"
    status, row = post(
        client, f"{of}/change/", on="2026-11-21", reason="no room", expected_revision=1
    )
    assert (status, row["on"], row["at"], row["revision"]) == (200, "2026-11-21", None, 2)
    status, said = post(client, f"{of}/change/", on="2026-11-22", reason="x", expected_revision=1)
    assert (status, said["code"]) == (409, "stale_version")
    assert post(client, f"{of}/cancel/", reason="wrong patient")[1]["status"] == "cancelled"
    status, said = post(client, f"{of}/cancel/", reason="again")
    assert (status, said["reasons"][0]["code"]) == (422, "not_as_seen")
    assert post(client, f"{of}/reinstate/", reason="right one")[1]["status"] == "booked"
    listed = client.get(path).json()
    assert (listed["count"], listed["results"][0]["revision"]) == (1, 4)
    status, said = post(client, path, kind="visit", on="2026-11-20", at="25:00")
    assert (status, said["reasons"][0]["field"]) == (400, "at")
    assert post(client, f"{path}999/cancel/", reason="x")[0] == 404


def test_the_calendar_lists_a_range_and_says_what_differs(
    client: Client, course: Course, coordinator: User
) -> None:
    at: dict[str, Any] = {"course_id": course.pk, "actor": coordinator, "now": NOW}
    plan_date(**at, kind="infusion", planned_on=SOON, reason="")
    book(**at, booking=Booking("infusion", SOON + timedelta(days=1)))
    [plan, booked] = client.get("/api/v1/calendar/").json()["results"]
    assert plan["contradiction"] == {"against": "other_day", "on": "2026-11-21"}
    assert booked["contradiction"] == {"against": "other_day", "on": "2026-11-20"}
    assert (plan["day"], booked["day"], plan["day_zero_planned"]) == (0, 1, True)
    assert client.get("/api/v1/calendar/?kind=visit").json()["count"] == 0
    assert client.get("/api/v1/calendar/?mine=true").json()["count"] == 0
    assert client.get("/api/v1/calendar/?first=2026-11-21&last=2026-11-21").json()["count"] == 1
    for wrong in ("first=2026-11-21", "first=2026-11-21&last=2026-11-20", "kind=x",
                  "first=2026-11-21&last=2028-11-20"):  # fmt: skip
        assert client.get(f"/api/v1/calendar/?{wrong}").status_code == 400, wrong


def test_the_course_page_says_of_each_step_what_is_booked_otherwise(
    client: Client, course: Course, coordinator: User
) -> None:
    at: dict[str, Any] = {"course_id": course.pk, "actor": coordinator, "now": NOW}
    page = reverse("course", args=[course.pk])
    book(**at, booking=Booking("lymphodepletion", SOON))
    assert "booked for 20-Nov-2026, but not planned" in client.get(page).content.decode()
    set_actual(course, "lymphodepletion", date(2026, 11, 2), actor=coordinator, now=NOW)
    assert "booked for 20-Nov-2026, but not planned" in client.get(page).content.decode()
    listed = client.get(reverse("appointment_list", args=[course.pk])).content.decode()
    assert "This step happened already, on 02-Nov-2026." in listed
    plan_date(**at, kind="lymphodepletion", planned_on=SOON, reason="")
    said = client.get(page).content.decode()
    assert "but not planned" not in said
    assert "planned 20-Nov-2026" in said
