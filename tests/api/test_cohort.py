"""The cohort report in the API: its shape, its filters, and what it refuses."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from tests.conftest import Refer, UserWith
from tests.services.test_cohort import enrol
from tests.toxicity_course import infuse
from tests.walking import Walk

ADDRESS = "/api/v1/cohort/"
STATISTICS = {
    "enrolment_to_apheresis_days", "hospital_stay_days", "neutropenia_days", "crs_onset_day",
    "crs_duration_days", "icans_onset_day", "icans_duration_days", "b_cell_aplasia_months",
    "follow_up_months", "age_years",
}  # fmt: skip
TABLE_1 = {
    "patient", "age", "diagnosis", "risk", "first_line", "response", "allo_hsct",
    "days_to_apheresis", "bridging",
}  # fmt: skip
TABLE_2 = {
    "patient", "status", "crs", "icans", "stay_days", "infections", "neutropenia_days",
    "b_cell_aplasia_months", "b_cell_aplasia_ongoing", "ecog", "follow_up_months",
}  # fmt: skip


def asked(client: Client, **filters: str) -> dict[str, Any]:
    answer = client.get(ADDRESS, filters)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.walked("to_follow_up")
def test_a_report_has_both_tables_the_statistics_indicators_and_curves(
    client: Client, walk: Walk
) -> None:
    client.force_login(walk.by("coordinator"))
    found = asked(client)
    assert (found["count"], found["infused"]) == (1, 1)
    assert found["protocols"] == [{"code": "brexucel-adult-all", "version": 1, "courses": 1}]
    (first,), (second,) = found["table1"], found["table2"]
    assert first.keys() >= TABLE_1
    assert second.keys() >= TABLE_2
    assert {"grade", "onset_day", "duration_days"} <= second["crs"].keys()
    assert found["statistics"].keys() == STATISTICS
    assert all(
        {"n", "missing", "censored", "median", "min", "max"} <= one.keys()
        for one in found["statistics"].values()
    )
    assert found["statistics"]["hospital_stay_days"]["median"] == 20
    assert found["kpis"]["attrition"]["of"] == 1
    assert found["kpis"]["data_quality"]["of"] == 15
    assert found["kpis"]["length_of_stay"]["median"] == 20
    overall = found["survival"]["overall"]
    assert (overall["n"], overall["events"], overall["median_days"]) == (1, 0, None)
    died = found["incidence"]["non_relapse_mortality"]
    assert (died["n"], died["events"], died["competing"], died["missing"]) == (1, 0, 0, 0)
    assert overall["at"][0] == {"day": 30, "at_risk": 0, "surviving": None}


def test_an_empty_cohort_is_an_answer(client: Client, coordinator: User) -> None:
    client.force_login(coordinator)
    found = asked(client, search="nobody", product="x", protocol="y", centre="Z")
    assert (found["table1"], found["table2"], found["count"]) == ([], [], 0)
    assert found["statistics"]["age_years"]["median"] is None


def test_bad_filters_are_refused_with_every_reason(client: Client, coordinator: User) -> None:
    client.force_login(coordinator)
    long = {"product": "x" * 61, "search": "y" * 101, "centre": "z" * 13, "protocol": "p" * 61}
    answer = client.get(ADDRESS, {"infused_after": "tomorrow", "infused_before": "x", **long})
    assert answer.status_code == 400
    assert {reason["field"] for reason in answer.json()["reasons"]} == {
        "product", "protocol", "centre", "search", "infused_after", "infused_before",
    }  # fmt: skip
    dates = {"infused_after": "2026-10-02", "infused_before": "2026-10-01"}
    answer = client.get(ADDRESS, dates)
    assert answer.status_code == 400
    assert [reason["code"] for reason in answer.json()["reasons"]] == ["out_of_order"]
    assert client.get(ADDRESS, {"search": "a\x00b"}).status_code == 400


@pytest.mark.walked("to_eligibility")
def test_definitions_come_in_the_language_of_the_request(
    client: Client, walk: Walk, user_with: UserWith
) -> None:
    infuse(walk.course)
    client.force_login(user_with("data_manager"))
    answer = client.get(ADDRESS, headers={"accept-language": "it"}).json()
    assert answer["statistics"]["age_years"]["label"] == "Età"
    assert answer["table1"][0]["patient"] == walk.course.code
    assert walk.course.patient.family_name not in str(answer)
    stay = answer["statistics"]["age_years"]
    assert (stay["n"], stay["median"], stay["suppressed"]) == (None, None, True)
    overall = answer["survival"]["overall"]
    assert (overall["n"], overall["at"], overall["suppressed"]) == (None, [], True)
    relapse = answer["incidence"]["relapse"]
    assert (relapse["n"], relapse["at"], relapse["suppressed"]) == (None, [], True)


@pytest.mark.walked("to_eligibility")
def test_long_tables_come_in_pages_and_all_is_counted(
    client: Client, walk: Walk, refer_patient: Refer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exports.api_cohort.ROWS_OF_AN_ANSWER", 1)
    other = enrol(refer_patient(walk.by("coordinator"), number="OTHER"))
    client.force_login(walk.by("coordinator"))
    found = asked(client, page="2")
    assert (found["count"], found["pages"]) == (2, 2)
    assert [row["code"] for row in found["table1"]] == [other.code]
    assert found["statistics"]["age_years"]["n"] == 2
    assert client.get(ADDRESS, {"page": "0"}).status_code == 400
