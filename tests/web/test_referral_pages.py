"""Referring a patient in the browser: look-alikes, further courses, what is kept on refusal."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from patients.models import Course, Patient
from protocol.services import publish
from tests.conftest import NOW, PROTOCOL_FILE, Refer
from tests.walking import Walk

pytestmark = pytest.mark.django_db
NEW_PATIENT: dict[str, Any] = {
    "family_name": "Zanetti",
    "given_name": "Rosa",
    "birth_date": "14-Mar-1971",
    "sex": "female",
    "identifier_system": "Hospital",
    "identifier_value": "77001",
    "referring_hospital": "Ospedale di Prova",
    "referring_physician": "Dr Prova",
    "referred_on": "10-Nov-2026",
    "protocol_code": "brexucel-adult-all",
    "coordinator_id": "",
    "haematologist_id": "",
    "distinct_reason": "",
}


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """Pages are asked an hour after what the tests did."""
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        yield


@pytest.fixture
def browser(client: Client, coordinator: User, protocol: object) -> Client:
    """A coordinator's browser, with a protocol in force."""
    client.force_login(coordinator)
    return client


@pytest.fixture
def url() -> str:
    """The page of a new patient."""
    return reverse("patient_new")


def test_new_patient_gets_a_course_and_leads_to_its_page(
    browser: Client, url: str, coordinator: User
) -> None:
    page = browser.get(url)
    assert page.status_code == 200
    assert f'<option value="{coordinator.pk}" selected' in page.text
    second = {"identifier_system_2": "Regional", "identifier_value_2": "R-9"}
    done = browser.post(url, NEW_PATIENT | second)
    course = Course.objects.get()
    assert done["Location"] == reverse("course", args=[course.pk])
    assert course.journey.stage == "referral"
    assert set(course.patient.identifiers.values_list("system", "value")) == {
        ("Hospital", "77001"),
        ("Regional", "R-9"),
    }


def test_everything_wrong_is_told_at_once_and_what_was_typed_is_kept(
    browser: Client, url: str
) -> None:
    wrong = {"birth_date": "31/02/1971", "referred_on": "soon", "given_name": ""}
    page = browser.post(url, NEW_PATIENT | wrong)
    assert page.status_code == 422
    for kept in ("31/02/1971", "soon", "Zanetti", "77001"):
        assert f'value="{kept}"' in page.text
    assert "3 things are not right yet" in page.text
    assert not Patient.objects.exists()


def test_faults_of_patient_and_course_come_together(
    browser: Client, url: str, refer_patient: Refer, coordinator: User
) -> None:
    refer_patient(coordinator, number="77001")
    page = browser.post(url, NEW_PATIENT | {"referred_on": "12-Nov-2027"})
    assert page.status_code == 422
    assert "future" in page.text
    assert "Another patient has the number 77001" in page.text
    assert Patient.objects.count() == 1


def test_look_alike_is_shown_and_yields_to_how_one_knows(
    browser: Client, url: str, refer_patient: Refer, coordinator: User
) -> None:
    twin = refer_patient(
        coordinator,
        family_name="Zanetti",
        given_name="Rosa",
        birth_date=NOW.date().replace(year=1971, month=3, day=14),
        number="1",
    )
    page = browser.get(url)
    assert '<textarea name="distinct_reason"' not in page.text
    page = browser.post(url, NEW_PATIENT)
    assert page.status_code == 422
    assert '<textarea name="distinct_reason"' in page.text
    assert 'value="77001"' in page.text
    assert Patient.objects.count() == 1
    done = browser.post(url, NEW_PATIENT | {"distinct_reason": "Two cousins, other tax codes"})
    assert done.status_code == 302
    assert Patient.objects.count() == 2
    assert Course.objects.exclude(pk=twin.pk).count() == 1


def test_new_patient_sent_twice_is_one_patient(browser: Client, url: str) -> None:
    assert browser.post(url, NEW_PATIENT).status_code == 302
    again = browser.post(url, NEW_PATIENT)
    assert again.status_code == 422
    assert Patient.objects.count() == Course.objects.count() == 1


def test_further_course_is_refused_while_one_is_under_way(
    browser: Client, course: Course, coordinator: User
) -> None:
    url = reverse("course_new", args=[course.patient_id])
    asked = {"protocol_code": "brexucel-adult-all", "referred_on": "10-Nov-2026"}
    assert browser.get(url).status_code == 200
    refused = browser.post(url, asked)
    assert refused.status_code == 422
    assert "under way" in refused.text
    unreadable = browser.post(url, asked | {"referred_on": "soon"})
    assert unreadable.status_code == 422
    assert 'value="soon"' in unreadable.text
    assert Course.objects.count() == 1


def test_further_course_opens_once_the_first_is_left(
    walk: Walk, browser: Client, course: Course
) -> None:
    walk.go("withdrawn", reason="moved away")
    url = reverse("course_new", args=[course.patient_id])
    done = browser.post(url, {"protocol_code": "brexucel-adult-all", "referred_on": "10-Nov-2026"})
    second = Course.objects.latest("pk")
    assert done["Location"] == reverse("course", args=[second.pk])
    assert second.patient_id == course.patient_id


def test_of_several_protocols_none_is_chosen_beforehand(browser: Client, url: str) -> None:
    young = PROTOCOL_FILE.with_name("tisacel-young-all.toml")
    assert "Choose the protocol" not in browser.get(url).text  # one alone is simply taken
    publish(content=young.read_bytes(), filename=young.name, actor_name="test", now=NOW)
    page = browser.get(url)
    assert '<option value="" selected>Choose the protocol</option>' in page.text
    assert "(tisagenlecleucel)</option>" in page.text
    assert browser.post(url, NEW_PATIENT | {"protocol_code": ""}).status_code == 422
    assert browser.post(url, NEW_PATIENT | {"protocol_code": young.stem}).status_code == 302
    assert Course.objects.get().product == "tisagenlecleucel"
