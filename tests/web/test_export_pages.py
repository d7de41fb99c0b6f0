"""The page of files: asking, watching, taking, signing, and what it says when all is not well."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from exports.domain.jobs import JobStatus
from exports.fields.kinds import Level
from exports.models import ExportJob
from patients.models import Course
from tests.conftest import NOW, UserWith
from tests.exporting import asked, in_one_transaction, made

PASSWORD = "a long enough password"
ASKED = {
    "content": "timelines", "format": "csv", "language": "en", "level": "pseudonymised",
    "purpose": "yearly report",
}  # fmt: skip


@pytest.fixture(autouse=True)
def files(tmp_path: Path) -> Iterator[Path]:
    """Where the files of a test go; the clock of the views stands at the tests' now."""
    with in_one_transaction(tmp_path / "exports"), time_machine.travel(NOW, tick=False):
        yield tmp_path / "exports"


@pytest.fixture
def manager(user_with: UserWith) -> User:
    """A data manager with a password."""
    return with_password(user_with("data_manager"))


def with_password(user: User) -> User:
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    return user


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=user.pk))
    return client


def page(client: Client) -> str:
    return client.get(reverse("export_list")).text


def test_a_file_is_asked_for_watched_and_taken(course: Course, manager: User) -> None:
    client = browser_of(manager)
    assert "No file was asked for yet." in page(client)
    assert 'hx-trigger="every 2s"' not in page(client)
    assert client.post(reverse("export_list"), ASKED).status_code == 302
    job = ExportJob.objects.get()
    assert f'href="{reverse("export_list")}" aria-current="page"' in page(client)
    assert 'hx-trigger="every 2s"' in page(client)
    job.status, job.attempts, job.done, job.total = JobStatus.RUNNING, 1, 29, 41
    job.lease_until = NOW - timedelta(minutes=1)
    job.save(update_fields=["status", "attempts", "done", "total", "lease_until"])
    part = client.get(reverse("export_list"), headers={"HX-Request": "true"}).text
    assert '<progress value="29" max="41"' in part
    assert "70 % (29 of 41 courses)" in part
    assert "<html" not in part
    made(job, NOW)
    done = page(client)
    assert "Ready" in done
    assert 'hx-trigger="every 2s"' not in done
    assert job_sha(job) in done
    file = client.get(reverse("export_file", args=[job.pk]))
    assert file["Content-Disposition"].startswith('attachment; filename="percorso-timelines-NIG-')
    assert file["ETag"] == f'"{job_sha(job)}"'
    assert b"".join(file).startswith(b"course,seq,event_code")
    assert "downloaded 1 time<" in page(client)


def job_sha(job: ExportJob) -> str:
    job.refresh_from_db()
    return job.sha256


def test_what_is_wrong_is_said_on_the_form_and_nothing_typed_is_lost(
    course: Course, manager: User
) -> None:
    client = browser_of(manager)
    said = client.post(reverse("export_list"), ASKED | {"purpose": "", "format": "doc"})
    assert said.status_code == 422
    assert "This field is required." in said.text
    backwards = {"infused_after": "02/02/2026", "infused_before": "01/02/2026"}
    said = client.post(reverse("export_list"), ASKED | backwards)
    assert said.status_code == 422
    assert "The last day of infusion is before the first." in said.text
    assert "There is nothing to export" in said.text
    assert "yearly report" in said.text
    assert ExportJob.objects.count() == 0


def test_a_file_with_names_asks_for_password_and_signature(
    course: Course, manager: User, user_with: UserWith
) -> None:
    client, haematologist = browser_of(manager), with_password(user_with("haematologist"))
    assert page(client).count("(needed for a file with names)") == 2
    named = ASKED | {"level": "identified", "reason": "the registry asks for names"}
    assert client.post(reverse("export_list"), named | {"password": "no"}).status_code == 422
    assert client.post(reverse("export_list"), named | {"password": PASSWORD}).status_code == 302
    job = ExportJob.objects.get()
    assert "Waits for a signature" in page(client)
    assert client.get(reverse("export_sign", args=[job.pk])).status_code == 403
    signing = browser_of(haematologist)
    waits = "1 file with names waits for your signature"
    assert waits in signing.get(reverse("today")).text
    assert waits not in client.get(reverse("today")).text
    assert "Decline" in page(signing)
    address = reverse("export_sign", args=[job.pk])
    assert "the registry asks for names" in signing.get(address).text
    assert signing.post(address, {}).status_code == 422
    assert signing.post(address, {"password": "no"}).status_code == 422
    assert signing.post(address, {"password": PASSWORD}).status_code == 302
    assert waits not in signing.get(reverse("today")).text
    made(job, NOW)
    assert "With names" in page(client)
    assert (
        course.patient.family_name
        in b"".join(client.get(reverse("export_file", args=[job.pk]))).decode()
    )


def test_who_may_not_have_names_is_not_offered_them(course: Course, coordinator: User) -> None:
    shown = page(browser_of(coordinator))
    assert "Why with names" not in shown
    assert "(needed for a file with names)" not in shown
    assert browser_of(coordinator).post(
        reverse("export_list"), ASKED | {"level": Level.IDENTIFIED}
    ).status_code == 422  # fmt: skip


def test_cancelling_and_trying_again_from_the_page(course: Course, manager: User) -> None:
    client = browser_of(manager)
    job = asked(manager, NOW)
    cancel, retry = (reverse(f"export_{act}", args=[job.pk]) for act in ("cancel", "retry"))
    assert "Only what failed is tried again." in client.post(retry, follow=True).text
    assert "The file is cancelled." in client.post(cancel, follow=True).text
    ExportJob.objects.filter(pk=job.pk).update(status="failed", error_code="ValueError")
    shown = page(client)
    assert "An error of the site: tell who runs it (ValueError)" in shown
    assert "The file is made once more." in client.post(retry, follow=True).text
    job.refresh_from_db()
    assert job.status == "queued"


def test_a_missing_file_and_another_ones_are_said(
    course: Course, manager: User, user_with: UserWith, files: Path
) -> None:
    job = made(asked(manager, NOW), NOW)
    (files / job.file_name).unlink()
    client = browser_of(manager)
    assert "The file is missing on the server" in page(client)
    refused = client.get(reverse("export_file", args=[job.pk]))
    assert refused.status_code == 422
    assert "The file is missing on the server" in refused.text
    watching = browser_of(user_with("centre_admin"))
    assert f"#{job.pk}" in page(watching)
    assert watching.get(reverse("export_file", args=[job.pk])).status_code == 403
    assert watching.post(reverse("export_cancel", args=[job.pk])).status_code == 403
