"""Files of laboratory results through the API: tried by default, recorded when asked for."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from patients.models import Course, LabResult
from tests.services.test_result_import import file_of, row

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/imports/results/"


def test_a_file_is_tried_unless_it_is_to_be_recorded(api: APIClient, course: Course) -> None:
    text = file_of(row(course, "quick"), row(course, value="700", date="2026-11-10")).decode()
    tried = api.post(ADDRESS, {"file": text}, format="json")
    assert (tried.status_code, tried.json()["committed"], tried.json()["ready"]) == (
        200, False, False,
    )  # fmt: skip
    assert tried.json()["names"] == {"quick": ""}
    assert tried.json()["counts"]["new"] == 1
    assert [reason["code"] for reason in tried.json()["refusals"]] == ["unusual", "required"]
    assert not LabResult.objects.exists()
    body = {"file": text, "dry_run": False, "names": {"quick": "CRP"}}
    refused = api.post(ADDRESS, body, format="json")
    assert refused.status_code == 422
    assert {reason["field"] for reason in refused.json()["reasons"]} == {"confirmed", "reason"}
    body |= {"confirmed": True, "reason": "sepsis"}
    recorded = api.post(ADDRESS, body, format="json").json()
    assert (recorded["committed"], LabResult.objects.count()) == (True, 2)
    assert [(one["course"], one["analyte"], one["becomes"]) for one in recorded["rows"]] == [
        (course.code, "CRP", "new")
    ] * 2
    assert api.post(ADDRESS, body, format="json").json()["counts"]["duplicate"] == 2


def test_faults_name_line_and_column(api: APIClient, course: Course) -> None:
    text = file_of(row(course, value="=1+1"), row(course, value="7"), row(course)).decode()
    for more, expected in (
        ({"conflicts": "skip"}, {"2.value"}),
        ({}, {"2.value", "4.conflict"}),
    ):
        answer = api.post(ADDRESS, {"file": text, "dry_run": False, **more}, format="json")
        assert answer.status_code == 422
        assert {reason["field"] for reason in answer.json()["reasons"]} == expected
    wrong = {"file": text, "conflicts": "perhaps", "names": {"x": 1}}
    assert api.post(ADDRESS, wrong, format="json").status_code == 400


@given(text=st.text(max_size=60))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_a_refusal_or_a_report(api: APIClient, course: Course, text: str) -> None:
    header = "course,analyte,date,value,unit\n"
    for file in (text, header + text, f"{header}{course.code},{text},2026-11-01,{text},mg/L"):
        for names in ({}, {text: text[:40]}):
            body = {"file": file, "dry_run": False, "names": names}
            answer = api.post(ADDRESS, body, format="json")
            assert answer.status_code in (400, 422)
