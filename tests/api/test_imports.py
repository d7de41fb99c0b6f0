"""Files of courses through the API: tried by default, entered when asked for."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from patients.models import Course
from protocol.models import Protocol
from tests.services.test_importing import file_of, line

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/imports/courses/"


@pytest.fixture(autouse=True)
def published(protocol: Protocol) -> Protocol:
    """The protocol that courses are pinned to."""
    return protocol


def test_a_file_is_tried_unless_it_is_to_be_entered(api: APIClient) -> None:
    text = file_of(line(1), line(2)).decode()
    tried = api.post(ADDRESS, {"file": text}, format="json")
    assert (tried.status_code, tried.json()["committed"]) == (200, False)
    assert not Course.objects.exists()
    entered = api.post(ADDRESS, {"file": text, "dry_run": False}, format="json")
    assert [row["course"] for row in entered.json()["rows"]] == ["NIG-0001", "NIG-0002"]
    course = api.get(f"/api/v1/courses/{Course.objects.first().pk}/").json()  # type: ignore[union-attr]
    assert "infusion" in course["transcribed_stages"]
    assert course["transcribed_on"] is not None
    listed = api.get("/api/v1/courses/").json()["results"][0]
    assert listed["days_in_stage"] is not None


def test_faults_name_line_and_column(api: APIClient) -> None:
    text = file_of(line(1, infused_on="soon")).decode()
    tried = api.post(ADDRESS, {"file": text}, format="json").json()
    assert [r["field"] for r in tried["rows"][0]["refusals"]] == ["infused_on"]
    answer = api.post(ADDRESS, {"file": text, "dry_run": False}, format="json")
    assert answer.status_code == 422
    assert answer.json()["reasons"][0]["field"] == "2.infused_on"


@given(text=st.text(max_size=60))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_a_refusal_or_a_report(api: APIClient, text: str) -> None:
    for file in (text, "family_name,given_name\n" + text):
        answer = api.post(ADDRESS, {"file": file, "dry_run": False}, format="json")
        assert answer.status_code in (400, 422)
