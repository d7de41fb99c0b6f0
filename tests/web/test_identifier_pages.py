"""The patient's numbers on their page and in the API: which one labels carry, what stood before."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from patients.models import Course

pytestmark = pytest.mark.django_db


def test_numbers_are_put_right_on_their_pages(
    client: Client, coordinator: User, course: Course
) -> None:
    client.force_login(coordinator)
    patient = course.patient_id
    number = course.patient.identifiers.get().pk
    listed = reverse("identifiers", args=[patient])
    assert "Yes: the hospital" in client.get(listed).text
    assert listed in client.get(reverse("patient", args=[patient])).text
    correct = reverse("identifier_correct", args=[patient, number])
    form = client.get(correct)
    assert 'value="H00001"' in form.text
    said = {"system": "Hospital", "value": "H00001", "reason": "", "expected_version": "1"}
    assert client.post(correct, said).status_code == 422
    said |= {"reason": "two digits exchanged", "value": "H00010"}
    assert client.post(correct, said)["Location"] == listed
    assert client.post(correct, said | {"value": "H1"}).status_code == 409
    page = client.get(listed).text
    assert "H00010" in page
    assert "two digits exchanged" in page
    new = {"system": "Hospital", "value": "H2"}
    assert client.post(reverse("identifier_new", args=[patient]), new).status_code == 302
    page = client.get(listed).text
    assert "No check of identity can begin" in page
    assert "2 hospital numbers are recorded" in page
    verify = reverse("identity_verify", args=[patient])
    seen = client.get(verify)
    assert "Not said which one" in seen.text
    assert 'name="expected_version" value="3"' in seen.text
    why = {"reason": "printed on the wristband", "expected_version": "3"}
    assert client.post(reverse("identifier_choose", args=[patient, number]), why).status_code == 302
    assert "Yes: chosen" in client.get(listed).text
    # What was compared is not what stands now.
    compared = {"compared": "on", "expected_version": "3"}
    assert client.post(verify, compared).status_code == 409
    assert client.post(verify, compared | {"expected_version": "4"}).status_code == 302
    other = course.patient.identifiers.get(value="H2").pk
    wrong = {"reason": "the neighbour's", "expected_version": "4"}
    assert client.post(reverse("identifier_error", args=[patient, other]), wrong).status_code == 302
    assert client.get(reverse("identifier_error", args=[patient, other])).status_code == 404
    assert "Entered in error" in client.get(listed).text


def test_numbers_are_put_right_in_the_api(
    client: Client, coordinator: User, course: Course
) -> None:
    client.force_login(coordinator)
    url = f"/api/v1/patients/{course.patient_id}/identifiers/"
    (row,) = client.get(url).json()["results"]
    assert (row["value"], row["compared"], row["earlier"]) == ("H00001", True, [])
    one = f"{url}{row['id']}/"
    said: dict[str, Any] = {"system": "Hospital", "value": "H2", "reason": "typed wrongly"}
    assert client.post(f"{one}correct/", said, "application/json").status_code == 428
    said |= {"expected_version": 1}
    answer = client.post(f"{one}correct/", said, "application/json")
    assert answer.status_code == 201
    assert answer.json()["earlier"][0]["value"] == "H00001"
    taken = client.post(url, {"system": "Hospital", "value": "H2"}, "application/json")
    assert taken.json()["reasons"][0]["field"] == "value"
    marked = {"system": "Study", "value": "S", "on_labels": True}
    assert client.post(url, marked, "application/json").status_code == 201
    verify = f"/api/v1/patients/{course.patient_id}/identity/"
    assert client.post(verify, {"expected_version": 2}, "application/json").status_code == 409
    assert client.post(verify, {"expected_version": 3}, "application/json").status_code == 201
    why = {"reason": "the wristband says so", "expected_version": 3}
    chosen = client.post(f"{one}labels/", why, "application/json")
    assert (chosen.json()["on_labels"], chosen.json()["compared"]) == (True, True)
    gone = client.post(f"{one}error/", why | {"expected_version": 4}, "application/json")
    assert gone.json()["in_error"] is True
    assert [one["in_error"] for one in client.get(url).json()["results"]] == [False, True]
    unknown = client.post(f"{one}error/", why | {"expected_version": 5}, "application/json")
    assert unknown.status_code == 404


def test_the_hospital_is_called_in_the_language_of_the_page(
    client: Client, coordinator: User, course: Course
) -> None:
    number = course.patient.identifiers.get()
    client.force_login(coordinator)
    listed, verify = (
        reverse(name, args=[course.patient_id]) for name in ("identifiers", "identity_verify")
    )
    said = {"Hospital number": "Numero ospedaliero", "ospedale": "Ospedale", "Study X": "Study X"}
    for stored, shown in said.items():
        type(number).all_rows.filter(pk=number.pk).update(system=stored)
        client.cookies["django_language"] = "it"
        for address in (listed, verify):
            assert shown in client.get(address).text
    assert "Hospital number" not in client.get(listed).text
