"""Entering courses under way in the browser: the form, the confirmation, the file."""

import io
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from patients.models import Course, Patient
from protocol.models import Protocol
from protocol.services import publish
from tests.conftest import NOW, PROTOCOL_FILE, Refer
from tests.services.test_importing import file_of, line

SECOND_FILE = PROTOCOL_FILE.parent / "tisacel-young-all.toml"

pytestmark = pytest.mark.django_db
FORM: dict[str, Any] = {
    "family_name": "Zanetti",
    "given_name": "Rosa",
    "birth_date": "14-Mar-1971",
    "sex": "female",
    "identifier_system": "Hospital",
    "identifier_value": "77001",
    "referred_on": "10/07/2026",
    "protocol_code": "brexucel-adult-all",
    "stage": "follow_up",
    "enrolled_on": "2026-07-20",
    "apheresis_1_result": "adequate",
    "infused_on": "03-Oct-2026",
}


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """Pages are asked an hour after what the tests did."""
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        yield


@pytest.fixture
def page(client: Client, coordinator: User, protocol: Protocol) -> Client:
    """The coordinator's window."""
    client.force_login(coordinator)
    return client


def test_the_enter_of_a_scanner_saves_nothing_and_keeps_what_is_there(page: Client) -> None:
    address = reverse("transcribe")
    first = page.get(address).content.decode()
    assert first.index('name="scanned"') < first.index("Check and go on")
    scanned = FORM | {"apheresis_1_din": "=A9999261234560T", "lot": "L-1", "scanned": "1"}
    kept = page.post(address, scanned)
    assert (kept.status_code, Course.objects.exists()) == (200, False)
    text = kept.content.decode()
    assert "Enter the course of" not in text
    assert 'value="=A9999261234560T"' in text
    assert 'value="Zanetti"' in text
    assert "autofocus" not in text, "every field that is needed is filled"
    assert "error-summary" not in text
    empty = page.post(address, {"scanned": "1"}).content.decode()
    assert "autofocus" in empty
    assert "error-summary" not in empty


def test_the_form_is_confirmed_by_name_and_then_entered(page: Client) -> None:
    address = reverse("transcribe")
    assert "data-from" in page.get(address).content.decode()
    asked = page.post(address, FORM)
    assert (asked.status_code, Course.objects.exists()) == (200, False)
    text = asked.content.decode()
    assert "Enter the course of ZANETTI, Rosa" in text
    assert "+40" in text
    assert "Not checked" in text
    edited = page.post(address, {**FORM, "edit": "1"})
    assert 'value="Zanetti"' in edited.content.decode()
    assert page.post(address, {**FORM, "confirmed": "1"}).status_code == 302
    course = Course.objects.get()
    shown = page.get(reverse("course", args=[course.pk])).content.decode()
    assert "nothing of what happened before was checked" in shown
    assert "box--unchecked" in shown
    assert "transcribed, not checked" in shown
    assert "Not checked" in page.get(reverse("board"), {"view": "table"}).content.decode()


def test_faults_are_shown_where_they_are_and_nothing_is_lost(page: Client) -> None:
    wrong = page.post(reverse("transcribe"), {**FORM, "infused_on": "03/13/2026"})
    assert wrong.status_code == 422
    assert "03/13/2026" in wrong.content.decode()
    late = page.post(reverse("transcribe"), {**FORM, "infused_on": ""})
    assert late.status_code == 422
    assert "This is needed at this stage." in late.content.decode()
    assert not Patient.objects.exists()


def test_a_look_alike_is_asked_about(page: Client, refer_patient: Refer, coordinator: User) -> None:
    refer_patient(coordinator, family_name="Zanetti", given_name="Rosa",
                  birth_date=date(1971, 3, 14))  # fmt: skip
    answer = page.post(reverse("transcribe"), FORM)
    assert answer.status_code == 422
    assert 'textarea name="distinct_reason"' in answer.content.decode()


def test_a_known_patient_gets_a_course_under_way(page: Client, course: Course) -> None:
    address = reverse("transcribe_course", args=[course.patient_id])
    assert course.patient.given_name in page.get(address).content.decode()
    answer = page.post(address, {**FORM, "confirmed": "1"})
    assert answer.status_code == 422
    assert "under way" in answer.content.decode()


def sent(content: bytes, **more: str) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("courses.csv", content), **more}


def test_a_file_is_checked_then_entered(page: Client) -> None:
    address = reverse("courses_import")
    assert page.get(address).status_code == 200
    tried = page.post(address, sent(file_of(line(1), line(2))))
    assert (tried.status_code, Course.objects.exists()) == (200, False)
    assert page.post(address, {"kept": tried.context["kept"], "commit": "1"}).status_code == 302
    assert Course.objects.count() == 2
    again = page.post(address, sent(file_of(line(1)), commit="1"))
    assert (again.status_code, Course.objects.count()) == (422, 2)
    assert "2.identifiers" in again.content.decode()


def test_a_file_with_faults_shows_them_by_line_and_offers_no_entering(page: Client) -> None:
    content = file_of(line(1, infused_on="soon"), line(2, given_name="<b>Eva</b>"))
    answer = page.post(reverse("courses_import"), sent(content))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "infused_on" in text
    assert "&lt;b&gt;Eva" in text
    assert 'name="kept"' not in text


@pytest.mark.parametrize("kept", ["", "é", "%%%", "AAAA"])
def test_no_file_is_refused_as_one(page: Client, kept: str) -> None:
    answer = page.post(reverse("courses_import"), {"kept": kept, "commit": "1"})
    assert answer.status_code == 422


def test_the_template_can_be_imported_where_several_protocols_are_in_force(page: Client) -> None:
    publish(content=SECOND_FILE.read_bytes(), filename=SECOND_FILE.name, actor_name="test", now=NOW)
    template = page.get(reverse("courses_template")).content
    answer = page.post(reverse("courses_import"), sent(template, commit="1"))
    assert answer.status_code == 302, answer.content.decode()
    assert Course.objects.get().protocol.code == "brexucel-adult-all"
    # A file that names none is asked for it, by the name of the column.
    nameless = template.replace(b"brexucel-adult-all", b"").replace(b"EXAMPLE-1", b"EXAMPLE-2")
    asked = page.post(reverse("courses_import"), sent(nameless))
    assert asked.status_code == 422
    assert "protocol" in asked.content.decode()


def test_the_template_can_be_imported_as_it_is(page: Client) -> None:
    template = page.get(reverse("courses_template"))
    assert template["Content-Type"].startswith("text/csv")
    answer = page.post(reverse("courses_import"), sent(template.content, commit="1"))
    assert (answer.status_code, Course.objects.count()) == (302, 1)
    assert io.BytesIO(template.content).read(3) == b"\xef\xbb\xbf"
