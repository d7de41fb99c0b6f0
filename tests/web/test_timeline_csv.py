"""The timeline as a download: who gets it, what it holds, what the audit keeps."""

import csv
import io
from datetime import date

import pytest
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from accounts.models import Centre, User
from audit.models import AuditEvent
from exports.writers.csv import TIMELINE_HEADER
from patients.charting import add_entry
from patients.models import Course
from tests.conftest import NOW, Refer, UserWith

PAYLOADS = ["=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1", '=HYPERLINK("x","y")', "a;=1", "＝1+1"]


def signed_in(user: User) -> Client:
    """A browser in which `user` has signed in."""
    client = Client()
    client.force_login(user)
    return client


def lines_of(answer: HttpResponseBase) -> list[dict[str, str]]:
    """The file as Python's own reader sees it."""
    text = b"".join(answer).decode()
    assert text.splitlines()[0] == ",".join(TIMELINE_HEADER)
    return list(csv.DictReader(io.StringIO(text, newline="")))


def url_of(course: Course) -> str:
    """The address of a course's file."""
    return reverse("course_timeline_csv", kwargs={"pk": course.pk})


def test_a_course_is_downloaded_and_the_download_kept(coordinator: User, course: Course) -> None:
    answer = signed_in(coordinator).get(url_of(course))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith("attachment; filename=")
    assert course.code in answer["Content-Disposition"]
    [line] = lines_of(answer)
    assert (line["course"], line["seq"], line["event_code"]) == (course.code, "1", "REFERRAL")
    event = AuditEvent.objects.get(action="export.timeline")
    assert (event.course_id, event.after) == (course.pk, {"scope": course.code, "format": "csv"})


def test_all_courses_of_the_centre_and_no_other_are_downloaded(
    coordinator: User, refer_patient: Refer, user_with: UserWith, other_centre: Centre
) -> None:
    codes = [refer_patient(coordinator).code for _ in range(3)]
    refer_patient(user_with("coordinator", at=other_centre))
    answer = signed_in(coordinator).get(reverse("timelines_csv"))
    assert [line["course"] for line in lines_of(answer)] == codes
    assert "percorso-timelines-NIG-" in answer["Content-Disposition"]


def test_nobody_is_named_in_the_file(coordinator: User, course: Course) -> None:
    add_entry(
        course_id=course.pk,
        kind="note",
        values={"on": "2026-10-05", "text": "Signora Bianchi called"},
        actor=coordinator,
        now=NOW,
    )
    text = signed_in(coordinator).get(url_of(course)).getvalue().decode()
    assert "NOTE" in text
    for secret in ("Bianchi", "Rossi", "Maria", "H00001", "1961"):
        assert secret not in text


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_somebody_typed_is_no_formula_in_the_file(
    payload: str, coordinator: User, course: Course
) -> None:
    add_entry(
        course_id=course.pk,
        kind="transplant",
        values={"on": "2022", "kind": "allo", "donor": payload},
        actor=coordinator,
        now=NOW,
    )
    lines = lines_of(signed_in(coordinator).get(url_of(course)))
    [line] = [line for line in lines if line["event_code"] == "ALLO"]
    assert line["value"].removeprefix("'") == payload.strip()
    for cell in line.values():
        assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝"))


def test_a_day_before_the_infusion_stays_a_number(coordinator: User, course: Course) -> None:
    course.anchors.create(kind="infusion", actual_on=date(2026, 10, 4), set_at=NOW, set_by="test")
    lines = lines_of(signed_in(coordinator).get(url_of(course)))
    assert [line["rel_day_D0"] for line in lines] == ["-33", "0"]


@pytest.mark.parametrize(
    ("role", "status"),
    [("coordinator", 200), ("data_manager", 200), ("ward_nurse", 403), ("cell_lab", 403)],
)
def test_only_who_may_export_downloads(
    role: str, status: int, user_with: UserWith, course: Course
) -> None:
    client = signed_in(user_with(role))
    for url in (url_of(course), reverse("timelines_csv")):
        answer = client.get(url)
        assert answer.status_code == status
        assert answer.getvalue()


def test_a_course_of_another_centre_is_not_there(
    user_with: UserWith, other_centre: Centre, course: Course
) -> None:
    client = signed_in(user_with("coordinator", at=other_centre))
    assert client.get(url_of(course)).status_code == 404


def test_nobody_signed_in_is_sent_to_the_sign_in(client: Client, course: Course) -> None:
    assert client.get(url_of(course)).status_code == 302
