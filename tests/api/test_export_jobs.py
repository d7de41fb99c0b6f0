"""Files in the API: asked for, watched, taken, refused."""

import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook
from rest_framework.test import APIClient

from accounts.models import User
from exports.fields.kinds import Level
from exports.models import ExportJob
from patients.models import Course
from tests.api.conftest import ClientOf
from tests.conftest import UserWith
from tests.exporting import asked, in_one_transaction, made

EXPORTS = "/api/v1/exports/"
PASSWORD = "a long enough password"


@pytest.fixture(autouse=True)
def files(tmp_path: Path) -> Iterator[Path]:
    """Where the files of a test go."""
    with in_one_transaction(tmp_path / "exports"):
        yield tmp_path / "exports"


def reasons(response: object) -> dict[str, str]:
    found: dict[str, str] = {
        reason["field"]: reason["code"]
        for reason in response.json()["reasons"]  # type: ignore[attr-defined]
    }
    return found


def test_a_file_is_asked_for_watched_and_taken(
    api: APIClient, course: Course, now: datetime
) -> None:
    asking = {"purpose": "yearly report", "format": "json", "content": "courses", "language": "it"}
    job = api.post(EXPORTS, asking, format="json")
    assert job.status_code == 201
    assert (job.json()["status"], job.json()["identity_level"]) == ("queued", "pseudonymised")
    one = f"{EXPORTS}{job.json()['id']}/"
    assert api.get(f"{one}file/").status_code == 422
    made(ExportJob.objects.get(), now)
    ready = api.get(one).json()
    assert (ready["status"], ready["courses_done"], ready["courses"]) == ("ready", 1, 1)
    assert len(ready["sha256"]) == 64
    file = api.get(f"{one}file/")
    assert file["Content-Type"] == "application/json"
    assert b"".join(file).startswith(b'{\n "schema_version": "1"')
    assert [row["id"] for row in api.get(EXPORTS).json()["results"]] == [ready["id"]]
    assert api.get(one).json()["downloads"] == 1
    assert api.post(f"{one}cancel/", {}, format="json").status_code == 422
    assert api.post(f"{one}retry/", {}, format="json").json()["reasons"][0]["code"] == "not_failed"


def test_faults_name_the_inputs(api: APIClient, course: Course) -> None:
    asking = {
        "purpose": "", "format": "doc", "identity_level": "some", "infused_after": "soon", "x": 1
    }  # fmt: skip
    wrong = api.post(EXPORTS, asking, format="json")
    assert wrong.status_code == 400
    assert {"purpose", "format", "identity_level", "infused_after", "x"} == set(reasons(wrong))
    nothing = api.post(EXPORTS, {"purpose": "x", "product": "none"}, format="json")
    assert reasons(nothing) == {"": "nothing_to_export"}


def test_a_file_with_names_is_signed_by_a_second_person(
    client_of: ClientOf, course: Course, user_with: UserWith, now: datetime
) -> None:
    manager, haematologist = user_with("data_manager"), user_with("haematologist")
    for user in (manager, haematologist):
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
    asking = {"purpose": "registry", "identity_level": "identified", "password": "no"}
    wrong = client_of(manager).post(EXPORTS, asking, format="json")
    assert reasons(wrong) == {"password": "password_wrong"}
    asking["password"] = PASSWORD
    unsaid = client_of(manager).post(EXPORTS, asking, format="json")
    assert reasons(unsaid) == {"reason": "reason_needed"}
    asking["reason"] = "the registry asks for names"
    job = client_of(manager).post(EXPORTS, asking, format="json").json()
    assert job["status"] == "to_sign"
    one = f"{EXPORTS}{job['id']}/"
    signing = client_of(haematologist).post(f"{one}sign/", {"password": PASSWORD}, format="json")
    assert (signing.status_code, signing.json()["status"]) == (200, "queued")
    assert signing.json()["signed_by"] == haematologist.username
    cancelled = client_of(manager).post(f"{one}cancel/", {}, format="json")
    assert cancelled.json()["status"] == "cancelled"


def test_one_course_leaves_at_once_as_workbook_and_json(
    api: APIClient, course: Course, files: Path
) -> None:
    told = api.get(f"/api/v1/courses/{course.pk}/timeline.json")
    assert told["Content-Disposition"].endswith('.timeline.json"')
    assert told.json()["identity_level"] == "coded"
    assert {row["course"] for row in told.json()["rows"]} == {course.code}
    workbook = load_workbook(
        io.BytesIO(api.get(f"/api/v1/courses/{course.pk}/timeline.xlsx").content)
    )
    days = [row[4].value for row in workbook["timelines"].iter_rows(min_row=2)]
    assert len(days) == len(told.json()["rows"])
    assert any(isinstance(day, datetime) for day in days)
    assert list(files.iterdir()) == []


def test_a_failed_file_is_made_once_more(
    client_of: ClientOf, course: Course, user_with: UserWith, now: datetime
) -> None:
    manager = user_with("data_manager")
    job = asked(manager, now)
    ExportJob.objects.filter(pk=job.pk).update(status="failed", error_code="worker_lost", done=1)
    one = f"{EXPORTS}{job.pk}/"
    fault = client_of(manager).get(one).json()["fault"]
    assert fault == "The worker was lost each time, after 1 of 1 courses"
    assert client_of(manager).post(f"{one}retry/", {}, format="json").json()["status"] == "queued"


def test_another_ones_file_is_404_and_none_without_the_permission(
    client_of: ClientOf, api: APIClient, course: Course, user_with: UserWith, now: datetime
) -> None:
    job = asked(user_with("data_manager"), now, level=Level.IDENTIFIED)
    one = f"{EXPORTS}{job.pk}/"
    assert api.get(one).status_code == 404
    assert api.post(f"{one}sign/", {"password": "x"}, format="json").status_code == 404
    nurse: User = user_with("ward_nurse")
    assert client_of(nurse).get(EXPORTS).json()["count"] == 0
    assert client_of(nurse).post(EXPORTS, {"purpose": "x"}, format="json").status_code == 403
