"""Somebody who may not see identities learns nothing of a person from what the site answers."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from audit.models import AuditEvent
from exports.requesting import request_course_timeline
from patients.charting import add_entry
from patients.deaths import record_death
from patients.holds import open_hold
from patients.models import Course
from patients.stays import admit, transfer
from tests.api.conftest import ClientOf
from tests.conftest import NOW, Refer, UserWith

# The patient is 17 until 2026-10-10: on later days the guard of the label's age is silent.
BORN = date(2008, 10, 10)
DAYS = ("2026-09-02", "2026-10-09", "2026-10-10", "2026-11-01", "2027-10-10", "1950-01-01")


@pytest.fixture
def young(refer_patient: Refer, coordinator: User) -> Course:
    """Somebody who comes of age while on the pathway."""
    return refer_patient(coordinator, birth_date=BORN)


@pytest.fixture(params=["data_manager", "centre_admin"])
def coded(request: pytest.FixtureRequest, user_with: UserWith) -> User:
    """A role that sees codes only."""
    return user_with(request.param)


def order(day: str) -> dict[str, Any]:
    """A move on a day."""
    return {"target": "eligibility", "happened_at": f"{day}T10:00Z", "expected_version": 1}


def test_a_refused_move_answers_the_same_for_every_day(
    coded: User, young: Course, client_of: ClientOf
) -> None:
    client, url = client_of(coded), f"/api/v1/courses/{young.pk}/moves/"
    answers = [client.post(url, order(day), "json") for day in DAYS]
    assert {answer.status_code for answer in answers} == {403}
    assert len({answer.content for answer in answers}) == 1
    assert [reason["code"] for reason in answers[0].json()["reasons"]] == ["role"]


def test_the_audit_tells_no_more_than_the_answer(
    coded: User, young: Course, client_of: ClientOf
) -> None:
    client_of(coded).post(f"/api/v1/courses/{young.pk}/moves/", order(DAYS[0]), "json")
    assert AuditEvent.objects.get(action="refused").after["codes"] == ["role"]


def test_the_list_of_moves_names_the_role_alone(
    coded: User, young: Course, client_of: ClientOf
) -> None:
    rows = client_of(coded).get(f"/api/v1/courses/{young.pk}/moves/").json()["results"]
    assert rows
    for row in rows:
        assert ([one["code"] for one in row["refusals"]], row["soft"]) == (["role"], [])
        assert row["allowed"] is False


def test_the_page_of_a_move_answers_the_same_for_every_day(coded: User, young: Course) -> None:
    browser, url = Client(), f"/courses/{young.pk}/moves/eligibility/"
    browser.force_login(coded)
    for day in DAYS:
        page = browser.post(url, {"happened_at": f"{day} 10:00", "expected_version": "1"})
        assert page.status_code == 403
        assert "younger" not in page.content.decode()
        assert "younger" not in browser.get(url).content.decode()


def test_who_sees_names_hears_every_reason(
    young: Course, client_of: ClientOf, user_with: UserWith
) -> None:
    client = client_of(user_with("pharmacist"))
    answer = client.post(f"/api/v1/courses/{young.pk}/moves/", order(DAYS[0]), "json")
    codes = [reason["code"] for reason in answer.json()["reasons"]]
    assert {"role", "under_label_age"} <= set(codes)


CANARY = "Sig.ra Canarina"
ENTRIES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("line", {"treatment": "dasatinib", "response": CANARY}),
    ("relapse", {"on": "2024", "kind": "mrd", "remark": CANARY}),
    ("comorbidity", {"description": CANARY}),
    (
        "lab",
        {"on": "2026-10-01", "analyte": "CRP", "value": "1", "unit": "mg/L", "context": CANARY},
    ),
    (
        "imaging",
        {"on": "2026-10-01", "kind": "ct", "finding": "clear", "remark": CANARY},
    ),
    ("allergy", {"substance": CANARY, "reaction": CANARY}),
    ("contact", {"name": CANARY, "relation": CANARY, "phone": CANARY}),
    ("document", {"kind": "letter", "number": CANARY, "kept_at": CANARY}),
    ("note", {"text": CANARY}),
)


@pytest.fixture
def told(course: Course, coordinator: User, haematologist: User) -> Course:
    """A course with a name in every free text."""
    by: dict[str, Any] = {"course_id": course.pk, "actor": coordinator, "now": NOW}
    for kind, values in ENTRIES:
        add_entry(kind=kind, values=values, **by)
    open_hold(
        step="eligibility",
        reason_code="PERSONAL",
        began_on=date(2026, 10, 1),
        remark=CANARY,
        managed_with=CANARY,
        **by,
    )
    admit(unit="ward", place=CANARY, on=date(2026, 10, 2), **by)
    transfer(unit="icu", place=CANARY, on=date(2026, 10, 3), **by)
    record_death(
        patient_id=course.patient_id,
        died_on=date(2026, 11, 10),
        cause=CANARY,
        place=CANARY,
        actor=haematologist,
        now=NOW,
    )
    return course


READS = ("", "holds/", "stays/", "chart/", "timeline/", "timeline.csv")


def test_free_text_of_every_field_stays_with_who_may_see_names(
    coded: User, told: Course, client_of: ClientOf, coordinator: User
) -> None:
    for path in READS:
        url = f"/api/v1/courses/{told.pk}/{path}?page_size=200"
        assert CANARY not in client_of(coded).get(url).getvalue().decode(), path
        if path != "timeline.csv":
            assert CANARY in client_of(coordinator).get(url).getvalue().decode(), path


def test_no_free_text_leaves_in_a_file_whoever_asks(told: Course, coordinator: User) -> None:
    file = request_course_timeline(course_id=told.pk, actor=coordinator, now=NOW)
    text = "".join(file.pieces)
    assert CANARY not in text
    assert "dasatinib" in text


def test_no_free_text_is_on_the_page_of_a_coded_reader(coded: User, told: Course) -> None:
    browser = Client()
    browser.force_login(coded)
    page = browser.get(f"/courses/{told.pk}/")
    assert page.status_code == 200
    assert CANARY not in page.content.decode()
