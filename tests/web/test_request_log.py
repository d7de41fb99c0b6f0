"""What the log says of a request: enough to find it again, nothing of the patient."""

import logging

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from patients.models import Course
from tests.conftest import Refer

CANARY = "Zaffirini"


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """The log as a running site writes it."""
    caplog.set_level(logging.INFO)
    caplog.set_level(logging.INFO, logger="django")
    return caplog


@pytest.fixture
def sought(refer_patient: Refer, coordinator: User) -> Course:
    """The course of a patient whose name must not get around."""
    return refer_patient(coordinator, family_name=CANARY, given_name=CANARY, number=CANARY)


def test_log_has_the_path_of_a_search_and_not_the_name(
    logged: pytest.LogCaptureFixture, client: Client, coordinator: User, sought: Course
) -> None:
    client.force_login(coordinator)
    for name in ("board", "patient_list"):
        page = client.get(reverse(name), {"search": CANARY})
        assert CANARY in page.text
    client.get("/api/v1/courses/", {"search": CANARY})
    client.get("/no-such-page/", {"search": CANARY})
    assert "GET /patients/" in logged.text
    assert "GET /no-such-page/" in logged.text
    assert CANARY.lower() not in logged.text.lower()


def test_log_has_nothing_of_what_was_typed_when_a_form_is_refused(
    logged: pytest.LogCaptureFixture, client: Client, coordinator: User, sought: Course
) -> None:
    client.force_login(coordinator)
    typed = {"family_name": CANARY, "given_name": CANARY, "birth_date": CANARY}
    url = reverse("patient_edit", args=[sought.patient_id])
    assert client.post(url, typed).status_code == 422
    api = client.post("/api/v1/patients/", typed, content_type="application/json")
    assert api.status_code == 400
    assert f"POST {url}" in logged.text
    assert CANARY.lower() not in logged.text.lower()


@pytest.mark.django_db
def test_log_has_the_path_of_a_request_that_fails(
    logged: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("config.health.last_sweep", fail)
    client = Client(raise_request_exception=False)
    client.get(reverse("readyz"), {"search": CANARY})
    assert "request_failed" in logged.text
    assert "GET /readyz" in logged.text
    assert CANARY.lower() not in logged.text.lower()
