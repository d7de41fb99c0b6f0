"""Correcting facts of the chart in the API: merged values, versions, marks, coded readers."""

from datetime import date
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from patients.charting import add_entry
from patients.holds import open_hold
from patients.models import Course
from patients.stays import admit
from tests.api.conftest import ClientOf
from tests.conftest import NOW, UserWith

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor(client_of: ClientOf, haematologist: User) -> APIClient:
    return client_of(haematologist)


def url(course: Course, path: str) -> str:
    return f"/api/v1/courses/{course.pk}/{path}"


def version(course: Course) -> int:
    return Course.objects.get(pk=course.pk).version


def test_what_is_left_out_stays_and_null_clears(
    doctor: APIClient, course: Course, haematologist: User, client_of: ClientOf, user_with: UserWith
) -> None:
    values = {"on": "2026-11-10", "blasts_percent": "3", "remission": "cr", "mrd": "negative"}
    entry = add_entry(
        course_id=course.pk, kind="marrow", values=values, actor=haematologist, now=NOW
    )
    path = url(course, f"chart/marrow/{entry.pk}/correct/")
    body: dict[str, Any] = {"values": {"blasts_percent": None, "on": "2026-11-09"}, "reason": "x"}
    assert doctor.post(path, body, "json").status_code == 428
    seen = {"expected_version": version(course)}
    answer = doctor.post(path, body | seen, "json")
    assert answer.status_code == 201, answer.json()
    told = answer.json()
    assert (told["on"], told["values"]["blasts_percent"]) == ("2026-11-09", None)
    assert told["values"]["remission"] == "cr"
    assert doctor.post(path, body | seen, "json").status_code == 409
    body |= {"expected_version": version(course)}
    wrong = doctor.post(path, body | {"values": {"mrd": "", "blasts_percent": "200"}}, "json")
    assert wrong.status_code == 422
    assert {reason["field"] for reason in wrong.json()["reasons"]} == {
        "values.mrd",
        "values.blasts_percent",
    }
    unknown = doctor.post(path, body | {"values": {"colour": "red"}}, "json")
    assert unknown.status_code == 400
    (before,) = doctor.get(url(course, "corrections/")).json()["results"]
    assert (before["fact"], before["fact_id"], before["reason"]) == ("marrow", entry.pk, "x")
    assert before["before"]["on"] == "2026-11-10"
    assert before["before"]["blasts_percent"] == "3.00"
    coded = client_of(user_with("data_manager")).get(url(course, "corrections/")).json()["results"]
    assert (coded[0]["reason"], coded[0]["corrected_by"]) == ("", "")
    assert coded[0]["before"]["recorded_by"] is None


def test_stays_and_holds_are_corrected(
    doctor: APIClient, course: Course, haematologist: User
) -> None:
    by: dict[str, Any] = {"actor": haematologist, "now": NOW}
    stay = admit(course_id=course.pk, unit="ward", place="A", on=date(2026, 11, 2), **by)
    hold = open_hold(
        course_id=course.pk, step="infusion", reason_code="PERSONAL",
        began_on=date(2026, 11, 3), **by,
    )  # fmt: skip
    body = {"reason": "x", "began_on": "2026-11-01", "ended_on": None}
    moved = doctor.post(
        url(course, f"stays/{stay.pk}/correct/"),
        body | {"unit": "icu", "place": "B", "expected_version": version(course)},
        "json",
    )
    assert moved.status_code == 201, moved.json()
    assert (moved.json()["unit"], moved.json()["began_on"]) == ("icu", "2026-11-01")
    held = doctor.post(
        url(course, f"holds/{hold.pk}/correct/"),
        body | {"planned_on": None, "expected_version": version(course)},
        "json",
    )
    assert held.status_code == 201, held.json()
    assert held.json()["began_on"] == "2026-11-01"


def test_a_fact_in_error_is_gone_listed_and_brought_back(
    doctor: APIClient,
    course: Course,
    haematologist: User,
    client_of: ClientOf,
    user_with: UserWith,
) -> None:
    by: dict[str, Any] = {"actor": haematologist, "now": NOW}
    entry = add_entry(course_id=course.pk, kind="line", values={"treatment": "dasatinib"}, **by)
    values = {"values": {"treatment": "ponatinib"}, "reason": "x"}
    path = url(course, f"chart/line/{entry.pk}/correct/")
    doctor.post(path, values | {"expected_version": version(course)}, "json")
    body = {"reason": "another patient's", "expected_version": version(course)}
    mark = doctor.post(url(course, f"facts/line/{entry.pk}/error/"), body, "json")
    assert mark.status_code == 201, mark.json()
    assert doctor.get(url(course, "chart/"), {"kind": "line"}).json()["count"] == 0
    # Nor does what it once said come out by another door.
    assert doctor.get(url(course, "corrections/")).json()["count"] == 0
    assert doctor.post(path, values | {"expected_version": 1}, "json").status_code == 404
    assert doctor.get("/api/v1/errors/facts/").status_code == 403
    quality = client_of(user_with("quality"))
    (listed,) = quality.get("/api/v1/errors/facts/").json()["results"]
    assert (listed["id"], listed["before"]["treatment"]) == (mark.json()["id"], "ponatinib")
    back = quality.post(f"/api/v1/errors/facts/{listed['id']}/undo/", {"reason": "right"}, "json")
    assert back.status_code == 201, back.json()
    assert doctor.get(url(course, "chart/"), {"kind": "line"}).json()["count"] == 1
    assert doctor.get(url(course, "corrections/")).json()["count"] == 1
    assert quality.get("/api/v1/errors/facts/").json()["count"] == 0
