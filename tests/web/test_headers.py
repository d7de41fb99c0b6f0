"""Headers of every answer, and what a crash answers."""

import pytest
from django.test import Client
from django.test.client import RequestFactory

from accounts.models import User
from config import errors
from config.headers import PERMISSIONS_POLICY
from patients.models import Course


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/about/", "/api/v1/courses/", "/nothing/", "/healthz"])
def test_every_answer_refuses_the_devices_sensors(path: str, client: Client) -> None:
    assert client.get(path)["Permissions-Policy"] == PERMISSIONS_POLICY
    assert "camera=()" in PERMISSIONS_POLICY


def test_a_crash_of_the_api_is_a_problem_and_of_a_page_a_page() -> None:
    problem = errors.crash(RequestFactory().get("/api/v1/courses/"))
    assert (problem.status_code, problem["Content-Type"]) == (500, "application/problem+json")
    assert b'"server_error"' in problem.content
    page = errors.crash(RequestFactory().get("/patients/"))
    assert (page.status_code, page["Content-Type"]) == (500, "text/html; charset=utf-8")


@pytest.mark.django_db
def test_a_fault_under_the_api_is_told_as_a_problem(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("config.api_docs.UnknownAddressView.initial", broken)
    client.raise_request_exception = False
    answer = client.get("/api/v1/nothing/")
    assert (answer.status_code, answer.json()["code"]) == (500, "server_error")


def test_text_that_no_database_holds_is_no_fault(
    client: Client, coordinator: User, course: Course
) -> None:
    client.force_login(coordinator)
    found = client.get("/patients/", {"search": f"{course.code}\x00"})
    assert (found.status_code, course.code in found.content.decode()) == (200, True)
    assert client.get("/patients/", {"search": "\x00"}).status_code == 200
    assert client.post("/accounts/centre/", {"centre": "NIG\x00"}).status_code == 404
