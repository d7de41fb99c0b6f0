"""Marrow in full, images, spinal fluid, allergies, contacts, caregiver, documents."""

from typing import Any

import pytest

from accounts.models import User
from exports.timeline import course_timeline
from patients import charting
from patients.deaths import record_death
from patients.identity import allergies_of, identity_view
from patients.models import Course
from patients.models.history import ChartEntry
from terms.day_numbers import local_date
from terms.refusals import Refused
from tests.conftest import NOW, Refer, UserWith

pytestmark = pytest.mark.django_db
TODAY = "2026-11-12"


def add(course: Course, actor: User, entry: str, /, **values: Any) -> ChartEntry:
    """Add an entry of today."""
    return charting.add_entry(
        course_id=course.pk, kind=entry, values={"on": TODAY, **values}, actor=actor, now=NOW
    )


@pytest.mark.parametrize(
    ("kind", "values", "reasons"),
    [
        ("marrow", {"mrd": "negative", "mrd_percent": "0.01"}, {("mrd_percent", "not_positive")}),
        (
            "marrow",
            {"mrd": "positive", "mrd_percent": "0.0001", "mrd_limit_percent": "0.01"},
            {("mrd_percent", "below_limit")},
        ),
        ("marrow", {"mrd": "not_assessed", "mrd_method": "flow"}, {("mrd", "not_assessed")}),
        ("marrow", {"mrd": "not_assessed", "mrd_limit_percent": "1"}, {("mrd", "not_assessed")}),
        ("marrow", {"mrd": "negative", "donor_percent": "101"}, {("donor_percent", "impossible")}),
        (
            "imaging",
            {"kind": "pet_ct", "finding": "clear", "lvef_percent": "60"},
            {("lvef_percent", "not_echo")},
        ),
        (
            "imaging",
            {"kind": "echo", "finding": "clear", "extramedullary": "true"},
            {("extramedullary", "echo")},
        ),
        ("imaging", {"lvef_percent": "99"}, {
            ("kind", "required"), ("finding", "required"), ("lvef_percent", "impossible"),
        }),
        ("csf", {"cells_per_ul": "abc"}, {
            ("cells_per_ul", "not_a_number"), ("cytology", "required"), ("flow", "required"),
        }),
        ("allergy", {}, {("", "invalid")}),
        ("allergy", {"substance": "latex", "none_known": True}, {("", "invalid")}),
        ("contact", {}, {("name", "required"), ("phone", "required")}),
        ("caregiver", {"minutes_away": "5000"}, {
            ("present", "required"), ("minutes_away", "max_value"),
        }),
        ("document", {}, {("kind", "required"), ("number", "required"), ("kept_at", "required")}),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_refused_with_everything_at_once(
    course: Course,
    coordinator: User,
    kind: str,
    values: dict[str, Any],
    reasons: set[tuple[str, str]],
) -> None:
    with pytest.raises(Refused) as caught:
        add(course, coordinator, kind, **values)
    assert {(one.field, one.code) for one in caught.value.refusals} == reasons


def test_every_kind_is_kept_and_told_on_the_timeline(course: Course, coordinator: User) -> None:
    add(
        course,
        coordinator,
        "marrow",
        mrd="positive",
        mrd_method="flow",
        mrd_percent="0.02",
        mrd_limit_percent="0.01",
        donor_percent="98.5",
        blasts_percent="3",
    )
    add(course, coordinator, "imaging", kind="pet_ct", finding="clear", extramedullary="false")
    add(course, coordinator, "imaging", kind="echo", finding="clear", lvef_percent="55")
    add(course, coordinator, "imaging", kind="chest_film", finding="unclear")
    add(course, coordinator, "csf", cells_per_ul="2", cytology="negative", flow="not_done")
    for given in (True, False):
        add(course, coordinator, "csf", cytology="negative", flow="negative", intrathecal=given)
    add(course, coordinator, "caregiver", present="false", minutes_away="90")
    add(course, coordinator, "document", kind="minutes", number="MDT-7", kept_at="archive")
    add(course, coordinator, "contact", name="Anna", phone="02 1234", caregiver=True)
    rows = course_timeline(coordinator, course)
    fluids = {row.shown_value for row in rows if row.event_code == "CSF"}
    found = "cytology: no blasts; flow cytometry"
    assert fluids == {
        f"{found} not done",
        f"{found}: no blasts; intrathecal therapy given",
        f"{found}: no blasts; no intrathecal therapy",
    }
    told = {row.event_code: row.shown_value for row in rows}
    expected = {
        "MARROW_BLASTS": "3",
        "PET": "Nothing pathological",
        "ECHO": "Nothing pathological",
        "LVEF": "55",
        "CHEST_FILM": "Not conclusive",
        "CAREGIVER": "not day and night",
        "DOCUMENT": "MDT-7",
    }
    assert {code: told[code] for code in expected} == expected  # fmt: skip


def test_no_allergy_none_known_and_a_list_are_three_things(
    course: Course, coordinator: User, user_with: UserWith
) -> None:
    day = local_date(NOW, course.centre.zone)

    def banner(user: User) -> tuple[tuple[str, ...], bool]:
        seen = identity_view(user, course, day)
        return seen.allergies, seen.no_allergies

    assert banner(coordinator) == ((), False)
    add(course, coordinator, "allergy", none_known=True)
    assert banner(coordinator) == ((), True)
    add(course, coordinator, "allergy", substance="penicillin", reaction="rash")
    add(course, coordinator, "allergy", substance="penicillin")
    assert banner(coordinator) == (("penicillin",), False)
    assert banner(user_with("data_manager")) == ((), False)
    with pytest.raises(Refused) as caught:
        add(course, coordinator, "allergy", none_known=True)
    assert [one.code for one in caught.value.refusals] == ["allergy_known"]


def test_an_allergy_is_the_patients_whatever_the_course(
    course: Course, coordinator: User, refer_patient: Refer
) -> None:
    add(course, coordinator, "allergy", substance="latex")
    assert allergies_of(course.patient) == (("latex",), False)
    assert allergies_of(refer_patient(coordinator).patient) == ((), False)


def test_papers_and_contacts_may_follow_a_death(course: Course, coordinator: User) -> None:
    record_death(
        patient_id=course.patient_id,
        died_on=NOW.date().replace(day=1),
        actor=coordinator,
        now=NOW,
    )
    add(course, coordinator, "contact", name="Anna", phone="02 1234")
    add(course, coordinator, "document", kind="certificate", number="7", kept_at="archive")
    with pytest.raises(Refused):
        add(course, coordinator, "csf", cytology="negative", flow="negative")
