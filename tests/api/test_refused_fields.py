"""A refusal names the input at fault by the name it has in the request."""

from typing import Any

from rest_framework.test import APIClient

from accounts.models import User
from patients.models import Course
from protocol.models import Protocol


def fields(answer: Any) -> dict[str, str]:
    """The codes of every reason by the field they name."""
    assert answer.status_code == 422, answer.json()
    return {reason["field"]: reason["code"] for reason in answer.json()["reasons"]}


def test_a_new_course_and_its_patient(api: APIClient, coordinator: User) -> None:
    body = {
        "protocol": "none",
        "referred_on": "2027-01-01",
        "haematologist_id": coordinator.pk,
        "patient": {
            "family_name": "Rossi",
            "given_name": "Maria",
            "birth_date": "2027-01-01",
            "identifiers": [{"system": "Hospital", "value": "1"}] * 2,
        },
    }
    found = fields(api.post("/api/v1/courses/", body, "json"))
    named = {"protocol", "referred_on", "haematologist_id"}
    inside = {"patient.birth_date", "patient.identifiers"}
    assert set(found) <= named | inside
    assert found


def test_a_patient_of_a_new_course(api: APIClient, coordinator: User, protocol: Protocol) -> None:
    body = {
        "protocol": protocol.code,
        "referred_on": "2026-11-01",
        "patient": {
            "family_name": "Rossi",
            "given_name": "Maria",
            "birth_date": "2026-12-01",
            "identifiers": [{"system": "Hospital", "value": "1"}],
        },
    }
    assert "patient.birth_date" in fields(api.post("/api/v1/courses/", body, "json"))


def test_responsible_people(api: APIClient, coordinator: User, course: Course) -> None:
    body = {"coordinator_id": coordinator.pk + 999, "haematologist_id": coordinator.pk}
    answer = api.patch(
        f"/api/v1/courses/{course.pk}/", body, "json", HTTP_IF_MATCH=f'"{course.pk}.1"'
    )
    assert fields(answer) == {"coordinator_id": "not_in_role", "haematologist_id": "not_in_role"}


def test_a_number_that_somebody_has(api: APIClient, course: Course) -> None:
    body = {"system": "Hospital", "value": "H00001"}
    answer = api.post(f"/api/v1/patients/{course.patient_id}/identifiers/", body, "json")
    assert fields(answer) == {"value": "identifier_taken"}
