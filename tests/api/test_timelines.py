"""Timelines, reminders and who one is, in the API."""

import csv
import io

import pytest
from rest_framework.test import APIClient

from accounts.models import Centre, User
from audit.models import AuditEvent
from exports.writers.csv import TIMELINE_HEADER
from patients.models import Course
from terms.roles import Role
from tests.api.conftest import ClientOf
from tests.conftest import Refer, UserWith
from tests.walking import Walk


def test_a_timeline_lists_the_columns_of_the_file(api: APIClient, course: Course) -> None:
    [row] = api.get(f"/api/v1/courses/{course.pk}/timeline/").json()["results"]
    assert set(row) == set(TIMELINE_HEADER)
    assert (row["event_code"], row["event_date"], row["seq"]) == ("REFERRAL", "2026-09-01", 1)


@pytest.mark.parametrize("accept", ["text/csv", "*/*", "application/json"])
def test_the_file_comes_whatever_is_accepted(accept: str, api: APIClient, course: Course) -> None:
    answer = api.get(f"/api/v1/courses/{course.pk}/timeline.csv", headers={"accept": accept})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    name = f"percorso-timeline-{course.code}-2026-11-12.csv"
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    lines = list(csv.reader(io.StringIO(answer.getvalue().decode(), newline="")))
    assert lines[0] == list(TIMELINE_HEADER)
    assert [line[0] for line in lines[1:]] == [course.code]
    assert AuditEvent.objects.filter(action="export.timeline", course_id=course.pk).count() == 1


def test_every_timeline_of_the_centre_comes_in_one_file(
    api: APIClient, coordinator: User, refer_patient: Refer, user_with: UserWith,
    other_centre: Centre,
) -> None:  # fmt: skip
    codes = [refer_patient(coordinator).code for _ in range(2)]
    refer_patient(user_with("coordinator", at=other_centre))
    answer = api.get("/api/v1/timelines.csv")
    lines = list(csv.reader(io.StringIO(answer.getvalue().decode(), newline="")))
    assert [line[0] for line in lines[1:]] == codes
    assert AuditEvent.objects.get(action="export.timeline").after["courses"] == 2


@pytest.mark.parametrize(
    ("role", "status"),
    [("ward_nurse", 403), ("pharmacist", 403), ("data_manager", 200), ("quality", 200)],
)
def test_only_who_may_export_gets_the_file(
    role: str, status: int, client_of: ClientOf, user_with: UserWith, course: Course
) -> None:
    client = client_of(user_with(role))
    for url in (f"/api/v1/courses/{course.pk}/timeline.csv", "/api/v1/timelines.csv"):
        answer = client.get(url)
        assert answer.status_code == status
        if status == 200:
            assert answer.getvalue()
        else:
            assert answer["Content-Type"] == "application/problem+json"
            assert "coordinator" in answer.json()["reasons"][0]["who_may"]


def test_a_file_of_another_centre_is_not_there(
    client_of: ClientOf, user_with: UserWith, other_centre: Centre, course: Course
) -> None:
    client = client_of(user_with("coordinator", at=other_centre))
    answer = client.get(f"/api/v1/courses/{course.pk}/timeline.csv")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_reminders_are_listed_and_filtered(
    client_of: ClientOf,
    user_with: UserWith,
    other_centre: Centre,
    refer_patient: Refer,
) -> None:
    everyone = user_with(*(role.value for role in Role))
    walk = Walk(refer_patient(everyone), everyone)
    walk.to_infusion()
    client, url = client_of(everyone), "/api/v1/reminders/"
    rows = client.get(url, {"status": "open", "page_size": "200"}).json()["results"]
    assert rows
    assert set(rows[0]) == {
        "id", "course", "item", "ordinal", "label", "due_on", "window_start", "window_end",
        "status", "unsure", "role", "closed_cause", "done_on", "snoozed_until",
        "by_hand", "series", "performed_on", "awaits_result",
    }  # fmt: skip
    assert [row["due_on"] for row in rows] == sorted(row["due_on"] for row in rows)
    soon = client.get(url, {"due_before": rows[1]["due_on"]}).json()["results"]
    assert {row["due_on"] for row in soon} <= {rows[0]["due_on"]}
    assert client.get(url, {"course": walk.course.pk + 1}).json()["count"] == 0
    elsewhere = client_of(user_with("coordinator", at=other_centre))
    assert elsewhere.get(url).json()["count"] == 0


def test_who_one_is(api: APIClient, coordinator: User) -> None:
    me = api.get("/api/v1/me/").json()
    assert (me["username"], me["roles"]) == (coordinator.username, ["coordinator"])
    assert me["centre"]["code"] == "NIG"
    assert "export_coded" in me["permissions"]
