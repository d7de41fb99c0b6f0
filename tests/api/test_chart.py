"""Patients, delays, stays, planned dates and chart entries in the API."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Centre, User
from audit.models import AuditEvent
from patients.models import Course, Patient
from tests.api.conftest import ClientOf
from tests.conftest import UserWith

NEW = {
    "family_name": "Ferrari",
    "given_name": "Lucia",
    "birth_date": "1970-05-04",
    "identifiers": [{"system": "Hospital", "value": "H99"}],
}


def course_url(course: Course, path: str) -> str:
    """An address below a course."""
    return f"/api/v1/courses/{course.pk}/{path}"


def patient_url(course: Course, path: str = "") -> str:
    """An address below the patient of a course."""
    return f"/api/v1/patients/{course.patient_id}/{path}"


def reasons(answer: Any) -> set[str]:
    """The codes of every reason."""
    return {reason["code"] for reason in answer.json()["reasons"]}


def test_a_patient_is_registered_found_and_read(api: APIClient, centre: Centre) -> None:
    made = api.post("/api/v1/patients/", NEW, "json")
    assert made.status_code == 201, made.json()
    assert made.json()["name"] == "Ferrari, Lucia"
    found = api.get("/api/v1/patients/", {"search": "lucia h99"}).json()
    assert [row["id"] for row in found["results"]] == [made.json()["id"]]
    read = api.get(f"/api/v1/patients/{made.json()['id']}/")
    assert read.json() == made.json()
    assert AuditEvent.objects.filter(action="patient.read").count() == 1


def test_details_are_corrected_with_a_reason(api: APIClient, course: Course) -> None:
    details = {"family_name": "Bruni", "expected_version": 1}
    answer = api.patch(patient_url(course), details, "json")
    assert (answer.status_code, reasons(answer)) == (422, {"reason_needed"})
    answer = api.patch(patient_url(course), details | {"reason": "misspelt"}, "json")
    assert (answer.status_code, answer.json()["name"]) == (200, "Bruni, Maria")


def test_details_that_are_not_given_stay(api: APIClient, course: Course) -> None:
    before = api.get(patient_url(course))
    sent = {"referring_hospital": "Ospedale Maggiore"}
    after = api.patch(patient_url(course), sent, "json", HTTP_IF_MATCH=before["ETag"])
    assert after.status_code == 200, after.json()
    assert after.json() == before.json() | sent | {"version": 2}
    assert after["ETag"] == f'"{course.patient_id}.2"'


def test_details_changed_meanwhile_are_not_written_over(api: APIClient, course: Course) -> None:
    url, seen = patient_url(course), api.get(patient_url(course))["ETag"]
    assert api.patch(url, {"sex": "male"}, "json").status_code == 428
    assert api.patch(url, {"sex": "male"}, "json", HTTP_IF_MATCH=seen).status_code == 200
    stale = api.patch(url, {"sex": "other"}, "json", HTTP_IF_MATCH=seen)
    assert (stale.status_code, stale.json()["current_version"]) == (412, 2)
    stale = api.patch(url, {"sex": "other", "expected_version": 1}, "json")
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_version")
    assert api.get(url).json()["sex"] == "male"
    nothing = api.patch(url, {"reason": "x", "expected_version": 2}, "json")
    assert (nothing.status_code, reasons(nothing)) == (400, {"required"})


def test_numbers_and_the_check_of_identity(api: APIClient, course: Course) -> None:
    number = {"system": "Tax code", "value": "RSSMRA"}
    assert api.post(patient_url(course, "identifiers/"), number, "json").json() == number
    twice = api.post(patient_url(course, "identifiers/"), number, "json")
    assert (twice.status_code, reasons(twice)) == (422, {"identifier_taken"})
    checked = api.post(patient_url(course, "identity/"), {}, "json")
    assert checked.status_code == 201
    assert checked.json()["identity_verified_at"] is not None


def test_a_death_is_recorded_and_withdrawn(api: APIClient, course: Course) -> None:
    death = api.post(patient_url(course, "death/"), {"died_on": "2026-11-01"}, "json")
    assert death.status_code == 201
    assert api.get(course_url(course, "")).json()["deceased_on"] == "2026-11-01"
    assert api.get(course_url(course, "")).json()["days_in_stage"] is None
    row = api.get("/api/v1/patients/").json()["results"][0]
    assert row["deceased_on"] == "2026-11-01"
    again = api.post(patient_url(course, "death/"), {"died_on": "2026-11-01"}, "json")
    assert (again.status_code, reasons(again)) == (422, {"death_recorded"})
    back = api.post(patient_url(course, "death/withdraw/"), {"reason": "namesake"}, "json")
    assert (back.status_code, back.json()["withdrawn_at"] is None) == (201, False)
    assert api.get(course_url(course, "")).json()["deceased_on"] is None


def test_a_delay_is_opened_and_ended(api: APIClient, course: Course) -> None:
    body = {"step": "eligibility", "reason_code": "PERSONAL", "began_on": "2026-11-01"}
    hold = api.post(course_url(course, "holds/"), body | {"remark": "at sea"}, "json")
    assert hold.status_code == 201, hold.json()
    assert api.get("/api/v1/courses/").json()["results"][0]["on_hold"] is True
    end = course_url(course, f"holds/{hold.json()['id']}/end/")
    early = api.post(end, {"ended_on": "2026-10-31"}, "json")
    assert (early.status_code, reasons(early)) == (422, {"before_hold_began"})
    assert api.post(end, {"ended_on": "2026-11-05"}, "json").json()["ended_on"] == "2026-11-05"
    [listed] = api.get(course_url(course, "holds/")).json()["results"]
    assert (listed["remark"], listed["ended_on"]) == ("at sea", "2026-11-05")


def test_a_delay_of_another_course_is_not_there(
    api: APIClient, course: Course, refer_patient: Any, coordinator: User
) -> None:
    body = {"step": "eligibility", "reason_code": "PERSONAL", "began_on": "2026-11-01"}
    hold = api.post(course_url(course, "holds/"), body, "json").json()
    elsewhere = refer_patient(coordinator)
    url = course_url(elsewhere, f"holds/{hold['id']}/end/")
    assert api.post(url, {"ended_on": "2026-11-05"}, "json").status_code == 404


def test_stays_follow_one_another(api: APIClient, course: Course) -> None:
    ward = {"unit": "ward", "place": "Haematology", "on": "2026-11-01"}
    assert api.post(course_url(course, "stays/admit/"), ward, "json").status_code == 201
    twice = api.post(course_url(course, "stays/admit/"), ward, "json")
    assert (twice.status_code, reasons(twice)) == (422, {"already_admitted"})
    icu = {"unit": "icu", "on": "2026-11-03"}
    assert api.post(course_url(course, "stays/transfer/"), icu, "json").json()["unit"] == "icu"
    home = api.post(course_url(course, "stays/discharge/"), {"on": "2026-11-09"}, "json")
    assert home.json()["ended_on"] == "2026-11-09"
    listed = api.get(course_url(course, "stays/")).json()["results"]
    assert [stay["ended_by_transfer"] for stay in listed] == [True, False]


def test_a_date_is_planned_and_moved_with_a_reason(api: APIClient, course: Course) -> None:
    url = course_url(course, "anchors/")
    plan = {"kind": "infusion", "planned_on": "2026-12-01"}
    answer = api.post(url, plan, "json")
    assert (answer.status_code, answer["ETag"]) == (201, f'"{course.pk}.2"')
    later = plan | {"planned_on": "2026-12-08"}
    assert reasons(api.post(url, later, "json")) == {"reason_needed"}
    later |= {"reason": "fever"}
    assert api.post(url, later | {"expected_version": 1}, "json").status_code == 409
    moved = api.post(url, later, "json", HTTP_IF_MATCH=answer["ETag"])
    assert moved.json()["planned_on"] == "2026-12-08"
    assert [row["kind"] for row in api.get(url).json()["results"]] == ["infusion"]


ENTRIES: list[tuple[str, dict[str, Any]]] = [
    ("diagnosis", {"on": "2021", "disease": "B-ALL", "cns_involved": False}),
    ("line", {"on": "2022-03", "treatment": "dasatinib"}),
    ("transplant", {"on": "2022-03-14", "kind": "allo"}),
    ("relapse", {"on": "2026-04", "kind": "haematological", "remark": "seen by Bianchi"}),
    ("antigen", {"antigen": "cd19", "positive": True, "percent": "98,5"}),
    ("comorbidity", {"description": "hypertension"}),
    ("consent", {"on": "2026-10-02", "kind": "data", "given": True}),
    ("lab", {"on": "2026-11-01", "analyte": "CRP", "value": "1,25", "unit": "mg/dL"}),
    ("marrow", {"on": "2026-11-01", "remission": "cr", "mrd": "negative"}),
    ("imaging", {"on": "2026-11-01", "kind": "echo", "finding": "clear", "lvef_percent": "55"}),
    ("csf", {"on": "2026-11-01", "cytology": "negative", "flow": "negative", "intrathecal": True}),
    ("allergy", {"none_known": True}),
    ("contact", {"name": "Anna Bianchi", "phone": "02 1234"}),
    ("caregiver", {"on": "2026-11-01", "present": True, "minutes_away": 90}),
    ("document", {"kind": "letter", "number": "7", "kept_at": "archive"}),
    ("note", {"text": "spoke to Bianchi"}),
]


@pytest.mark.parametrize(("kind", "values"), ENTRIES)
def test_every_kind_of_entry_is_added_and_read(
    kind: str, values: dict[str, Any], api: APIClient, course: Course
) -> None:
    made = api.post(course_url(course, f"chart/{kind}/"), values, "json")
    assert made.status_code == 201, made.json()
    listed = api.get(course_url(course, "chart/"), {"kind": kind}).json()["results"]
    assert [row["id"] for row in listed] == [made.json()["id"]]
    assert listed[0]["on"] == values.get("on", "")


def test_a_lab_value_is_kept_in_the_canonical_unit_beside_what_was_typed(
    api: APIClient, course: Course
) -> None:
    values = dict(ENTRIES)["lab"]
    made = api.post(course_url(course, "chart/lab/"), values, "json").json()["values"]
    assert (float(made["value"]), made["unit"], made["typed"]) == (12.5, "mg/L", "1.25 mg/dL")


def test_everything_wrong_with_an_entry_comes_at_once(api: APIClient, course: Course) -> None:
    values = {"on": "2027-01-01", "analyte": "XYZ", "value": "1.234", "unit": "mg/L"}
    answer = api.post(course_url(course, "chart/lab/"), values, "json")
    assert answer.status_code == 422
    assert {one["field"] for one in answer.json()["reasons"]} == {"on", "analyte", "value"}


def test_free_text_and_names_are_not_in_the_chart_of_a_data_manager(
    api: APIClient, client_of: ClientOf, user_with: UserWith, course: Course
) -> None:
    for kind, values in ENTRIES:
        api.post(course_url(course, f"chart/{kind}/"), values, "json")
    hold = {"step": "eligibility", "reason_code": "PERSONAL", "began_on": "2026-11-01"}
    api.post(course_url(course, "holds/"), hold | {"remark": "Bianchi is away"}, "json")
    client = client_of(user_with("data_manager"))
    for url in (
        course_url(course, "chart/"),
        course_url(course, "holds/"),
        course_url(course, ""),
        course_url(course, "timeline/"),
        patient_url(course),
        "/api/v1/patients/",
    ):
        said = client.get(url).content.decode()
        for secret in ("Bianchi", "Rossi", "Maria", "1961", "H00001", "Dr Prova"):
            assert secret not in said, url


def test_a_consent_is_withdrawn(api: APIClient, course: Course) -> None:
    made = api.post(course_url(course, "chart/consent/"), dict(ENTRIES)["consent"], "json").json()
    url = course_url(course, f"chart/consent/{made['id']}/withdraw/")
    ended = api.post(url, {"withdrawn_on": "2026-11-03"}, "json")
    assert (ended.status_code, ended.json()["values"]["withdrawn_on"]) == (201, "2026-11-03")
    again = api.post(url, {"withdrawn_on": "2026-11-03"}, "json")
    assert (again.status_code, reasons(again)) == (422, {"not_standing"})


WRITES: list[tuple[str, str, dict[str, Any], set[str]]] = [
    ("post", "/api/v1/patients/", NEW, {"coordinator", "haematologist"}),
    ("post", "{course}holds/", {"step": "eligibility", "reason_code": "PERSONAL",
     "began_on": "2026-11-01"}, {"coordinator", "haematologist"}),
    ("post", "{course}stays/admit/", {"unit": "ward", "on": "2026-11-01"},
     {"coordinator", "haematologist", "ward_nurse"}),
    ("post", "{course}anchors/", {"kind": "infusion", "planned_on": "2026-12-01"},
     {"coordinator", "haematologist"}),
    ("post", "{course}chart/line/", {"treatment": "x"}, {"coordinator", "haematologist"}),
    ("post", "{course}chart/note/", {"text": "x"},
     {"coordinator", "haematologist", "ward_nurse", "apheresis_nurse", "pharmacist", "cell_lab"}),
    ("post", "{patient}identity/", {}, {"coordinator", "haematologist"}),
    ("post", "{patient}death/", {"died_on": "2026-11-01"}, {"coordinator", "haematologist"}),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body", "roles"), WRITES)
@pytest.mark.parametrize("role", ["ward_nurse", "data_manager", "quality", "centre_admin"])
def test_only_the_roles_named_may_write(
    method: str,
    path: str,
    body: dict[str, Any],
    roles: set[str],
    role: str,
    client_of: ClientOf,
    user_with: UserWith,
    course: Course,
) -> None:
    url = path.format(course=course_url(course, ""), patient=patient_url(course))
    before = (Patient.objects.count(), AuditEvent.objects.exclude(action="refused").count())
    answer = getattr(client_of(user_with(role)), method)(url, body, "json")
    if role in roles:
        assert answer.status_code == 201, answer.json()
        return
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert set(answer.json()["reasons"][0]["who_may"]) == roles
    after = (Patient.objects.count(), AuditEvent.objects.exclude(action="refused").count())
    assert after == before
