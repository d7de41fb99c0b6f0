"""The API asked as scripts and browsers really ask: with a token, or with the page's session."""

import pytest
from django.test import Client

from accounts.models import User
from accounts.tokens import issue_token
from patients.models import Course
from tests.conftest import NOW

URL = "/api/v1/courses/"


@pytest.fixture
def token(coordinator: User) -> str:
    """A token of the coordinator."""
    return issue_token(actor=coordinator, now=NOW).text


def test_a_token_opens_the_api(token: str, course: Course) -> None:
    answer = Client().get(URL, headers={"Authorization": f"Token {token}"})
    assert (answer.status_code, answer.json()["count"]) == (200, 1)


def test_a_wrong_token_is_told_as_a_problem(course: Course) -> None:
    answer = Client().get(URL, headers={"Authorization": "Token abc"})
    assert (answer.status_code, answer.json()["code"]) == (401, "authentication_failed")
    assert answer["Content-Type"] == "application/problem+json"


def test_the_session_of_the_pages_reads(coordinator: User, course: Course) -> None:
    browser = Client()
    browser.force_login(coordinator)
    assert browser.get(URL).json()["count"] == 1


def test_the_session_of_the_pages_writes_only_with_the_csrf_token(
    coordinator: User, course: Course
) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(coordinator)
    url = f"/api/v1/patients/{course.patient_id}/identity/"
    answer = browser.post(url, "{}", content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    browser.get("/api/v1/docs/?script=")  # sets the cookie that the page's script sends back
    sent = {"X-CSRFToken": browser.cookies["csrftoken"].value}
    answer = browser.post(url, "{}", content_type="application/json", headers=sent)
    assert answer.status_code == 201, answer.json()
