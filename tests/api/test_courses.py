"""Courses in the API: list, filters, one course, who is responsible, referral."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import Centre, User
from audit.models import AuditEvent
from patients.models import Course
from tests.api.conftest import ClientOf
from tests.conftest import Refer, UserWith

URL = "/api/v1/courses/"
PATIENT = {
    "family_name": "Ferrari",
    "given_name": "Lucia",
    "birth_date": "1970-05-04",
    "sex": "female",
    "identifiers": [{"system": "Hospital", "value": "H99"}],
}
REFERRAL = {"protocol": "brexucel-adult-all", "referred_on": "2026-11-01"}


def codes(answer: Any) -> list[str]:
    """The codes of a list's rows."""
    return [row["code"] for row in answer.json()["results"]]


def test_the_list_has_a_row_with_everything_promised(api: APIClient, course: Course) -> None:
    answer = api.get(URL).json()
    assert {key: answer[key] for key in ("count", "next", "previous")} == {
        "count": 1,
        "next": None,
        "previous": None,
    }
    patient = course.patient
    assert answer["results"] == [
        {
            "id": course.pk,
            "code": course.code,
            "patient": {
                "id": patient.pk,
                "name": f"{patient.family_name}, Maria",
                "identifiers": [{"system": "Hospital", "value": "H00001"}],
                "birth_date": "1961-10-14",
            },
            "product": course.product,
            "stage": "referral",
            "days_in_stage": 72,
            "on_hold": False,
            "version": 1,
        }
    ]


def test_the_list_is_filtered(
    api: APIClient, coordinator: User, refer_patient: Refer, centre: Centre
) -> None:
    mine = refer_patient(coordinator, family_name="Àmato", coordinator_id=coordinator.pk)
    other = refer_patient(coordinator, family_name="Zanetti")
    assert codes(api.get(URL, {"mine": "true"})) == [mine.code]
    assert codes(api.get(URL, {"search": "amato"})) == [mine.code]
    assert codes(api.get(URL, {"search": "zanetti maria"})) == [other.code]
    assert codes(api.get(URL, {"search": other.code})) == [other.code]
    assert codes(api.get(URL, {"stage": "referral"})) == [mine.code, other.code]
    assert codes(api.get(URL, {"stage": "infusion"})) == []
    assert codes(api.get(URL, {"centre": centre.code})) == [mine.code, other.code]
    assert codes(api.get(URL, {"centre": "PAV"})) == []


def test_pages_are_as_long_as_asked_for_up_to_a_limit(
    api: APIClient, coordinator: User, refer_patient: Refer
) -> None:
    for _ in range(3):
        refer_patient(coordinator)
    first = api.get(URL, {"page_size": 2}).json()
    assert (first["count"], len(first["results"])) == (3, 2)
    assert len(api.get(first["next"]).json()["results"]) == 1
    assert api.get(URL, {"page": 9}).json()["code"] == "not_found"


def test_queries_stay_the_same_for_5_and_60_courses(
    api: APIClient, coordinator: User, refer_patient: Refer
) -> None:
    counted = []
    for more in (5, 55):
        for _ in range(more):
            refer_patient(coordinator)
        api.get(URL)  # the permissions of the client's person are read once
        with CaptureQueriesContext(connection) as queries:
            assert len(api.get(URL, {"page_size": 200}).json()["results"]) in (5, 60)
        counted.append(len(queries))
    assert counted == [3, 3]


@pytest.mark.parametrize("role", ["data_manager", "centre_admin"])
def test_who_may_not_see_identities_gets_codes_and_cannot_search_names(
    role: str, client_of: ClientOf, user_with: UserWith, course: Course
) -> None:
    client = client_of(user_with(role))
    hidden: dict[str, Any] = {
        "id": course.patient_id,
        "name": None,
        "identifiers": [],
        "birth_date": None,
    }
    assert client.get(URL).json()["results"][0]["patient"] == hidden
    assert client.get(f"{URL}{course.pk}/").json()["patient"] == hidden
    for probe in ("Rossi", "Maria", "1961-10-14", "H00001"):
        assert codes(client.get(URL, {"search": probe})) == []
    assert codes(client.get(URL, {"search": course.code})) == [course.code]


def test_one_course_has_its_etag_and_its_reading_is_kept(api: APIClient, course: Course) -> None:
    answer = api.get(f"{URL}{course.pk}/")
    assert answer["ETag"] == f'"{course.pk}.1"'
    assert (
        answer.json()
        | {
            "stage_since": "2026-09-01",
            "anchors": [],
            "holds": [],
            "stays": [],
            "companions": [],
            "deceased_on": None,
            "coordinator": None,
        }
        == answer.json()
    )
    assert AuditEvent.objects.filter(action="chart.read", course_id=course.pk).count() == 1


def test_another_centres_course_is_not_there(
    client_of: ClientOf, user_with: UserWith, other_centre: Centre, course: Course
) -> None:
    client = client_of(user_with("coordinator", at=other_centre))
    assert codes(client.get(URL)) == []
    for path in ("", "moves/", "timeline/", "holds/", "stays/", "anchors/", "chart/", "product/"):
        answer = client.get(f"{URL}{course.pk}/{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path
        assert course.code not in answer.content.decode()


def test_responsible_people_are_set_one_by_one(
    api: APIClient, course: Course, coordinator: User, haematologist: User
) -> None:
    url, tag = f"{URL}{course.pk}/", f'"{course.pk}.1"'
    answer = api.patch(url, {"coordinator_id": coordinator.pk}, "json", HTTP_IF_MATCH=tag)
    assert (answer.status_code, answer["ETag"]) == (200, f'"{course.pk}.2"')
    answer = api.patch(
        url, {"haematologist_id": haematologist.pk}, "json", HTTP_IF_MATCH=answer["ETag"]
    )
    assert answer.json()["coordinator"]["id"] == coordinator.pk
    assert answer.json()["haematologist"]["id"] == haematologist.pk
    answer = api.patch(url, {"coordinator_id": None}, "json", HTTP_IF_MATCH=answer["ETag"])
    assert answer.json()["coordinator"] is None


@pytest.mark.parametrize(
    ("tag", "status", "code"),
    [
        (None, 428, "precondition_required"),
        ('"{pk}.7"', 412, "stale_version"),
        ('"{pk}.x"', 412, "stale_version"),
        ('"1{pk}.1"', 412, "stale_version"),
        ("*", 412, "stale_version"),
        ('W/"{pk}.1"', 412, "stale_version"),
    ],
)
def test_a_patch_needs_the_version_that_stands(
    tag: str | None, status: int, code: str, api: APIClient, course: Course
) -> None:
    headers: dict[str, Any] = {"HTTP_IF_MATCH": tag.format(pk=course.pk)} if tag else {}
    answer = api.patch(f"{URL}{course.pk}/", {"coordinator_id": None}, "json", **headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert Course.objects.get(pk=course.pk).version == 1


def test_a_new_patient_and_course_are_referred_together(api: APIClient, protocol: Any) -> None:
    answer = api.post(URL, REFERRAL | {"patient": PATIENT}, "json")
    assert answer.status_code == 201, answer.json()
    made = answer.json()
    assert (made["stage"], made["patient"]["name"]) == ("referral", "Ferrari, Lucia")
    assert answer["ETag"] == f'"{made["id"]}.{made["version"]}"'


def test_every_reason_against_patient_and_course_comes_at_once(
    api: APIClient, course: Course
) -> None:
    taken = PATIENT | {"identifiers": [{"system": "Hospital", "value": "H00001"}]}
    asked = {"protocol": "unknown", "referred_on": "2027-01-01", "patient": taken}
    answer = api.post(URL, asked | {"coordinator_id": 999}, "json")
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert {reason["code"] for reason in answer.json()["reasons"]} == {
        "identifier_taken",
        "future_date",
        "no_protocol",
        "not_a_member",
    }
    assert Course.objects.count() == 1


def test_a_look_alike_yields_to_a_reason(api: APIClient, course: Course) -> None:
    patient = course.patient
    twin = PATIENT | {
        "family_name": patient.family_name,
        "given_name": patient.given_name,
        "birth_date": patient.birth_date.isoformat(),
    }
    answer = api.post(URL, REFERRAL | {"patient": twin}, "json")
    [reason] = answer.json()["reasons"]
    assert (answer.status_code, reason["code"], reason["kind"]) == (422, "look_alike", "soft")
    assert "coordinator" in reason["who_may"]
    answer = api.post(URL, REFERRAL | {"patient": twin, "distinct_reason": "twins"}, "json")
    assert answer.status_code == 201


def test_another_course_of_a_known_patient_waits_for_the_first(
    api: APIClient, course: Course
) -> None:
    answer = api.post(URL, REFERRAL | {"patient_id": course.patient_id}, "json")
    assert [reason["code"] for reason in answer.json()["reasons"]] == ["course_under_way"]
    answer = api.post(URL, REFERRAL | {"patient_id": 999999}, "json")
    assert answer.status_code == 404


@pytest.mark.parametrize("both", [{}, {"patient_id": 1, "patient": PATIENT}])
def test_a_course_is_of_one_patient(both: dict[str, Any], api: APIClient) -> None:
    answer = api.post(URL, REFERRAL | both, "json")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert answer.json()["reasons"][0]["field"] == "patient"


def test_a_role_that_may_not_refer_is_told_who_may(
    client_of: ClientOf, user_with: UserWith, protocol: Any
) -> None:
    client = client_of(user_with("ward_nurse"))
    answer = client.post(URL, REFERRAL | {"patient": PATIENT}, "json")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert answer.json()["reasons"][0]["who_may"] == ["coordinator", "haematologist"]
    assert AuditEvent.objects.filter(action="refused").count() == 1
