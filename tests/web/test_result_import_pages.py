"""The page that takes a file of results: checked, said about, recorded; nothing is lost."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.models import AuditEvent
from patients.models import Course, LabResult
from terms.sheets import LARGEST
from tests.conftest import NOW
from tests.services.test_result_import import add, file_of, row

pytestmark = pytest.mark.django_db
ADDRESS = "/results/import/"


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """Pages are asked an hour after what the tests did."""
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        yield


@pytest.fixture
def page(client: Client, coordinator: User, course: Course) -> Client:
    """The coordinator's window."""
    client.force_login(coordinator)
    return client


def sent(content: bytes, **more: str) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("labs.csv", content), **more}


def test_a_file_is_checked_then_recorded_then_known(page: Client, course: Course) -> None:
    assert ADDRESS in page.get(reverse("patient_list")).content.decode()
    assert page.get(ADDRESS).status_code == 200
    tried = page.post(ADDRESS, sent(file_of(row(course), row(course, "ANC", "1", unit="10*9/L"))))
    text = tried.content.decode()
    assert (tried.status_code, LabResult.objects.exists()) == (200, False)
    assert "2 values can be recorded" in text
    assert "Record 2 values" in text
    kept = {"kept": tried.context["kept"], "commit": "1"}
    answer = page.post(ADDRESS, kept, follow=True)
    assert "2 values are recorded." in answer.content.decode()
    assert LabResult.objects.count() == 2
    again = page.post(ADDRESS, kept, follow=True)
    assert "there already" in again.content.decode()
    assert LabResult.objects.count() == 2


def test_names_conflicts_and_unusual_values_are_asked_about_on_one_page(
    page: Client, course: Course, coordinator: User
) -> None:
    add(course, coordinator, value="7")
    content = file_of(
        row(course, "PCR <b>q</b>", "700", date="10/11/2026"), row(course), row(course, value="7")
    )
    tried = page.post(ADDRESS, sent(content))
    text = tried.content.decode()
    assert tried.status_code == 422
    assert "pcr &lt;b&gt;q" in text
    assert "<b>q" not in text
    assert 'name="commit"' not in text
    assert "7 mg/L" in text
    assert AuditEvent.objects.filter(action="chart.read", course_id=course.pk).count() == 1
    said = {
        "kept": tried.context["kept"],
        "name_0": "pcr <b>q</b>",
        "analyte_0": "CRP",
        "conflicts": "skip",
    }
    tried = page.post(ADDRESS, said)
    text = tried.content.decode()
    assert (tried.status_code, 'name="commit"' in text) == (422, True)
    assert '<option value="CRP" selected>' in text
    assert "Left out" in text
    confirmed = {"commit": "1", "confirmed": "on", "reason": "sepsis, read twice"}
    unseen = page.post(ADDRESS, {**said, **confirmed})
    assert (unseen.status_code, LabResult.objects.count()) == (200, 1)
    assert "chosen since the file was checked" in unseen.content.decode()
    said |= {"was": "skip", "was_0": "CRP"}
    assert 'name="was" value="skip"' in text
    assert 'name="was_0" value="CRP"' in text
    refused = page.post(ADDRESS, {**said, "commit": "1"})
    assert refused.status_code == 422
    assert "Say why the unusual values stand." in refused.content.decode()
    assert page.post(ADDRESS, {**said, "conflicts": "moon", "commit": "1"}).status_code == 422
    assert LabResult.objects.count() == 1
    done = page.post(ADDRESS, {**said, **confirmed})
    assert (done.status_code, LabResult.objects.count()) == (302, 2)


def test_every_fault_is_shown_with_its_line_in_both_languages(page: Client, course: Course) -> None:
    content = file_of(row("=cmd()", value="x"), row(course, date="2027-01-01"))
    answer = page.post(ADDRESS, sent(content, commit="1"))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "=cmd()" in text
    assert "is not a number" in text
    assert "in the future" in text
    assert not LabResult.objects.exists()
    page.cookies["django_language"] = "it"
    text = page.post(ADDRESS, sent(content)).content.decode()
    assert "Nessun percorso di questo centro" in text
    assert "Righe da guardare" in text


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"course,analyte,date,value,unit\n",
        b"course,course,date\nx,y,z\n",
        b"PK\x03\x04\0\0binary",
        b"\x89PNG\r\n\x1a\n\xff\xfe",
        b"course,analyte,date,value,unit\n" + b"x" * (LARGEST - 40),
        b"x" * (LARGEST + 1),
    ],
)
def test_what_is_no_file_of_results_is_refused(page: Client, content: bytes) -> None:
    for commit in ({}, {"commit": "1"}):
        answer = page.post(ADDRESS, sent(content, **commit))
        assert answer.status_code == 422
        assert "Nothing was recorded" in answer.content.decode()


@pytest.mark.parametrize("kept", ["", "é", "%%%"])
def test_nothing_kept_is_refused_as_an_empty_file(page: Client, kept: str) -> None:
    assert page.post(ADDRESS, {"kept": kept, "commit": "1"}).status_code == 422
