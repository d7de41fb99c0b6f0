"""Treatments and infections in the API: once per key, doubts by code, corrections, codes only."""

from datetime import date
from typing import Any

import pytest
from django.db import transaction
from rest_framework.test import APIClient

from accounts.models import User
from patients.anchors import set_actual
from patients.charting import add_entry
from patients.models import Course
from tests.api.conftest import ClientOf
from tests.conftest import NOW, Refer, UserWith
from toxicity.models import Infection, Treatment

TOCI = {
    "drug": "tocilizumab", "given_at": "2026-11-11T21:00:00", "dose": "560,0", "unit": "mg",
    "purpose": "crs", "route": "iv",
}  # fmt: skip
COLI = {"began_on": "2026-11-03", "organism": "e_coli", "site": "blood", "severity": 3}
KEY = "7f1d9a52-0000-4000-8000-000000000004"


@pytest.fixture
def infused(course: Course, coordinator: User) -> Course:
    with transaction.atomic():
        set_actual(course, "infusion", date(2026, 11, 5), actor=coordinator, now=NOW)
    values = {"on": "2026-11-09", "analyte": "WEIGHT", "value": "70", "unit": "kg"}
    add_entry(course_id=course.pk, kind="lab", values=values, actor=coordinator, now=NOW)
    return course


def post(api: APIClient, url: str, body: Any, key: str | None = None) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return api.post(url, body, "json", headers=headers)


def fields(answer: Any) -> set[tuple[str, str]]:
    assert answer["Content-Type"].startswith("application/problem+json")
    return {(reason["field"], reason["code"]) for reason in answer.json()["reasons"]}


def test_treatment_is_recorded_once_per_key(api: APIClient, infused: Course) -> None:
    url = f"/api/v1/courses/{infused.pk}/treatments/"
    made = post(api, url, TOCI, KEY)
    assert made.status_code == 201, made.json()
    told = made.json()
    assert (told["dose"], told["times"], told["doubts"], told["before"]) == ("560", 1, [], [])
    assert told["given_at"] == "2026-11-11T21:00:00+01:00"
    again = post(api, url, TOCI, KEY)
    assert (again.status_code, again.json()["id"]) == (201, told["id"])
    other = post(api, url, {**TOCI, "dose": 480}, KEY)
    assert (other.status_code, fields(other)) == (422, {("", "key_reused")})
    assert post(api, url, TOCI, "no key").status_code == 400
    assert Treatment.objects.count() == 1


def test_doubts_yield_to_their_codes_only(api: APIClient, infused: Course) -> None:
    url = f"/api/v1/courses/{infused.pk}/treatments/"
    odd = {**TOCI, "dose": 900}
    doubts = {("confirmed", "over_cap"), ("confirmed", "dose_differs")}
    assert fields(post(api, url, odd)) == doubts
    half = post(api, url, {**odd, "confirmed": ["over_cap"]})
    assert fields(half) == {("confirmed", "dose_differs")}
    made = post(api, url, {**odd, "confirmed": ["over_cap", "dose_differs"]})
    assert made.status_code == 201
    assert [doubt["code"] for doubt in made.json()["doubts"]] == ["over_cap", "dose_differs"]
    assert "8 mg/kg of 70 kg" in made.json()["doubts"][1]["message"]
    italian = api.post(url, odd, "json", headers={"Accept-Language": "it"})
    assert "supera 800 mg" in italian.json()["detail"]


@pytest.mark.parametrize(
    ("change", "field", "status"),
    [
        ({"dose": "abc"}, "dose", 400),
        ({"dose": "1.234"}, "dose", 400),
        ({"dose": -1}, "dose", 400),
        ({"dose": True}, "dose", 400),
        ({"dose": 0}, "dose", 422),
        ({"dose": 1e300}, "dose", 400),
        ({"unit": "ml"}, "unit", 400),
        ({"unit": ""}, "unit", 422),
        ({"given_at": "2026-11-13T00:00:00Z"}, "given_at", 422),
        ({"given_at": "yesterday"}, "given_at", 400),
        ({"drug": None}, "drug", 400),
        ({"drug": "other", "hides_fever": "no"}, "other_drug", 422),
        ({"drug": "other", "other_drug": "Metamizole"}, "hides_fever", 422),
        ({"drug": "other", "other_drug": "Metamizole", "hides_fever": "maybe"}, "hides_fever", 400),
        ({"hides_fever": "yes"}, "hides_fever", 422),
        ({"times": 2}, "times", 422),
        ({"times": 0}, "times", 400),
        ({"patient": "Quarzo"}, "patient", 400),
        ({"remark": "\u0000"}, "remark", 400),
        ({"confirmed": "over_cap"}, "confirmed", 400),
    ],
)
def test_what_cannot_be_is_refused_naming_its_field(
    api: APIClient, infused: Course, change: dict[str, Any], field: str, status: int
) -> None:
    answer = post(api, f"/api/v1/courses/{infused.pk}/treatments/", {**TOCI, **change})
    assert answer.status_code == status, answer.json()
    assert {name for name, _code in fields(answer)} == {field}
    assert not Treatment.objects.exists()


def test_record_is_corrected_and_taken_back(
    api: APIClient, infused: Course, coordinator: User, refer_patient: Refer
) -> None:
    url = f"/api/v1/courses/{infused.pk}/treatments/"
    first = post(api, url, TOCI).json()["id"]
    right = {**TOCI, "given_at": "2026-11-11T20:00:00", "reason": "misread"}
    elsewhere = f"/api/v1/courses/{refer_patient(coordinator).pk}/treatments/"
    assert post(api, f"{elsewhere}{first}/corrections/", right).status_code == 404
    made = post(api, f"{url}{first}/corrections/", right, KEY)
    assert made.status_code == 201, made.json()
    told = made.json()
    assert (told["replaces"], told["reason"], told["recorded_by"]) == (
        first, "misread", coordinator.username,
    )  # fmt: skip
    assert [one["id"] for one in told["before"]] == [first]
    assert fields(post(api, f"{url}{first}/corrections/", right)) == {("", "already_replaced")}
    assert [one["id"] for one in api.get(url).json()["results"]] == [told["id"]]
    back = f"{url}{told['id']}/withdrawal/"
    assert post(api, back, {"reason": " "}).status_code == 400
    assert post(api, back, {"reason": "another patient's"}).status_code == 204
    assert api.get(url).json()["results"] == []
    # Sent again, the correction is answered as it was, though it stands no longer.
    again = post(api, f"{url}{first}/corrections/", right, KEY)
    assert (again.status_code, again.json()["id"]) == (201, told["id"])


def test_infection_begins_is_over_corrected_and_taken_back(api: APIClient, infused: Course) -> None:
    url = f"/api/v1/courses/{infused.pk}/infections/"
    early = post(api, url, {**COLI, "ended_on": "2026-11-01", "severity": 5})
    assert fields(early) == {("ended_on", "before_beginning"), ("severity", "no_death")}
    assert post(api, url, {**COLI, "severity": 1}).status_code == 400
    first = post(api, url, COLI, KEY).json()["id"]
    assert post(api, url, COLI, KEY).json()["id"] == first
    over = post(api, f"{url}{first}/end/", {"ended_on": "2026-11-09"}).json()
    assert (over["ended_on"], over["before"][0]["ended_on"]) == ("2026-11-09", None)
    right = {**COLI, "severity": None, "reason": "not graded"}
    third = post(api, f"{url}{over['id']}/corrections/", right).json()
    assert (third["severity"], len(third["before"])) == (None, 2)
    assert [one["id"] for one in api.get(url).json()["results"]] == [third["id"]]
    gone = post(api, f"{url}{third['id']}/withdrawal/", {"reason": "contaminant"})
    assert gone.status_code == 204
    assert not Infection.objects.standing().exists()


def test_reader_of_codes_gets_no_free_text_and_no_people(
    api: APIClient, infused: Course, client_of: ClientOf, user_with: UserWith
) -> None:
    treatments, infections = (
        f"/api/v1/courses/{infused.pk}/{kind}/" for kind in ("treatments", "infections")
    )
    free = {
        **TOCI, "drug": "other", "other_drug": "Granitumab", "hides_fever": "no",
        "remark": "told Quarzo",
    }  # fmt: skip
    first = post(api, treatments, free).json()["id"]
    post(api, f"{treatments}{first}/corrections/", {**free, "times": 2, "reason": "of Quarzo"})
    post(api, infections, {**COLI, "organism": "other", "other_organism": "Granitella"})
    coded = client_of(user_with("data_manager"))
    (dose,) = coded.get(treatments).json()["results"]
    assert (dose["drug"], dose["times"], len(dose["before"])) == ("other", 2, 1)
    said = str(coded.get(treatments).json()) + str(coded.get(infections).json())
    for secret in ("Granit", "Quarzo", "coordinator"):
        assert secret not in said


def test_what_was_taken_back_by_mistake_is_brought_back(api: APIClient, infused: Course) -> None:
    for kind, body in (("treatments", TOCI), ("infections", COLI)):
        url = f"/api/v1/courses/{infused.pk}/{kind}/"
        made = post(api, url, body).json()
        own = f"{url}{made['id']}/"
        early = post(api, f"{own}restoration/", {"reason": "r"})
        assert (early.status_code, fields(early)) == (422, {("", "not_taken_back")})
        assert post(api, f"{own}withdrawal/", {"reason": "another bed"}).status_code == 204
        back = post(api, f"{own}restoration/", {"reason": "it was hers"})
        assert back.status_code == 201, back.json()
        assert len(back.json()["before"]) == 2
        assert api.get(url).json()["count"] == 1
