"""Pages of the chart: who sees which, what is kept on refusal, names in title and button."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import Centre, User
from patients import charting, deaths, holds, stays
from patients.charting import KINDS
from patients.models import Consent, Course, Hold
from patients.people import NewPatient, create_patient
from tests.conftest import NOW, Refer, UserWith

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 12)
ENTRY: dict[str, dict[str, str]] = {
    "diagnosis": {"on": "2021", "disease": "B-ALL"},
    "line": {"on": "06/2023", "treatment": "dasatinib"},
    "transplant": {"kind": "allo"},
    "relapse": {"on": "04/2024", "kind": "molecular"},
    "antigen": {"antigen": "CD19", "positive": "true"},
    "comorbidity": {"description": "asthma"},
    "consent": {"on": "2026-11-01", "kind": "data", "given": "true"},
    "lab": {"on": "2026-11-10", "analyte": "ANC", "value": "0,5", "unit": "10*9/L"},
    "marrow": {"on": "2026-11-10", "mrd": "negative"},
    "imaging": {"on": "2026-11-10", "kind": "pet_ct", "finding": "clear"},
    "csf": {"on": "2026-11-10", "cytology": "negative", "flow": "not_done"},
    "allergy": {"on": "2026-11-10", "substance": "penicillin"},
    "contact": {"name": "Anna", "phone": "02 1234"},
    "caregiver": {"on": "2026-11-10", "present": "true", "minutes_away": "90"},
    "document": {"kind": "minutes", "number": "MDT-7", "kept_at": "archive"},
    "attempt": {"on": "2026-11-10", "means": "phone", "made_by": "Anna", "reached": "false"},
    "handover": {"on": "2026-11-10", "centre": "Pavia", "shared": "visits"},
    "note": {"text": "lives far away"},
}


@pytest.fixture(autouse=True)
def _clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def sign_in(client: Client) -> Callable[[User], Client]:
    def as_user(user: User) -> Client:
        client.force_login(user)
        return client

    return as_user


@pytest.fixture
def page(client: Client, coordinator: User) -> Client:
    """Signed in as a coordinator."""
    client.force_login(coordinator)
    return client


def name_of(course: Course) -> str:
    return f"{course.patient.family_name.upper()}, {course.patient.given_name}"


def open_hold(course: Course, actor: User) -> Hold:
    return holds.open_hold(
        course_id=course.pk,
        step="infusion",
        reason_code="PERSONAL",
        began_on=date(2026, 11, 2),
        planned_on=date(2026, 11, 5),
        actor=actor,
        now=NOW,
    )


def admit(course: Course, actor: User) -> None:
    stays.admit(
        course_id=course.pk,
        unit="ward",
        place="Haematology",
        on=date(2026, 11, 2),
        actor=actor,
        now=NOW,
    )


def give_consent(course: Course, actor: User) -> Consent:
    consent = charting.add_entry(
        course_id=course.pk, kind="consent", values=ENTRY["consent"], actor=actor, now=NOW
    )
    assert isinstance(consent, Consent)
    return consent


def addresses(course: Course, hold: Hold, consent: Consent) -> dict[str, str]:
    """Every form page of the chart, for one course."""
    on_course = (
        "hold_new", "stay_admit", "stay_transfer", "stay_discharge", "anchor_plan",
        "responsible_set",
    )  # fmt: skip
    on_patient = (
        "patient_edit", "identifier_new", "identity_verify", "death_record", "death_withdraw",
    )  # fmt: skip
    return {
        **{name: reverse(name, args=[course.pk]) for name in on_course},
        **{name: reverse(name, args=[course.patient_id]) for name in on_patient},
        "hold_end": reverse("hold_end", args=[hold.pk]),
        "consent_withdraw": reverse("consent_withdraw", args=[consent.pk]),
        "chart_entry_new": reverse("chart_entry_new", args=[course.pk, "line"]),
    }


def test_form_page_names_the_patient_in_title_and_button_and_leads_back(
    course: Course, coordinator: User, page: Client
) -> None:
    found = addresses(course, open_hold(course, coordinator), give_consent(course, coordinator))
    for name, url in found.items():
        response = page.get(url)
        body = response.content.decode()
        assert response.status_code == 200, name
        assert f"<title>{name_of(course)} · " in body, name
        assert f"Save for {name_of(course)}</button>" in body, name
        assert f'href="{reverse("course", args=[course.pk])}"' in body, name


def test_form_page_without_the_permission_is_refused(
    course: Course, coordinator: User, user_with: UserWith, sign_in: Callable[[User], Client]
) -> None:
    found = addresses(course, open_hold(course, coordinator), give_consent(course, coordinator))
    client = sign_in(user_with("data_manager"))
    for name, url in found.items():
        assert client.get(url).status_code == 403, name
        assert client.post(url).status_code == 403, name


def test_form_page_of_another_centre_is_not_found(
    course: Course,
    coordinator: User,
    user_with: UserWith,
    other_centre: Centre,
    sign_in: Callable[[User], Client],
) -> None:
    found = addresses(course, open_hold(course, coordinator), give_consent(course, coordinator))
    client = sign_in(user_with("coordinator", at=other_centre))
    for name, url in found.items():
        assert client.get(url).status_code == 404, name
        assert client.post(url).status_code == 404, name


def test_form_page_without_signing_in_leads_to_the_sign_in(course: Course, client: Client) -> None:
    response = client.get(reverse("hold_new", args=[course.pk]))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("kind", KINDS)
def test_entry_is_added_on_its_page(course: Course, page: Client, kind: str) -> None:
    url = reverse("chart_entry_new", args=[course.pk, kind])
    assert page.get(url).status_code == 200
    response = page.post(url, ENTRY[kind])
    assert response.status_code == 302, response.content.decode()
    assert response["Location"] == reverse("course", args=[course.pk])
    assert KINDS[kind].model._default_manager.filter(course=course).count() == 1


def test_refused_entry_keeps_what_was_typed_and_says_why(course: Course, page: Client) -> None:
    url = reverse("chart_entry_new", args=[course.pk, "lab"])
    response = page.post(url, {**ENTRY["lab"], "value": "1.234", "on": "01/12/2026"})
    body = response.content.decode()
    assert response.status_code == 422
    assert 'value="1.234"' in body
    assert "1.234 can be read in two ways: write 1234 or 1.2340." in body
    assert "in the future" in body


def test_entry_of_an_unknown_kind_is_not_found(course: Course, page: Client) -> None:
    assert page.get(reverse("chart_entry_new", args=[course.pk, "mood"])).status_code == 404


def test_refusal_of_the_service_is_shown_at_its_field(course: Course, page: Client) -> None:
    url = reverse("hold_new", args=[course.pk])
    values = {"step": "infusion", "reason_code": "PERSONAL", "began_on": "2026-11-13"}
    response = page.post(url, {**values, "remark": "waits for a bed"})
    body = response.content.decode()
    assert response.status_code == 422
    assert "waits for a bed" in body
    assert response.context["form"].errors.keys() == {"began_on"}
    assert page.post(url, {**values, "began_on": "2026-11-12"}).status_code == 302
    assert course.holds.get().reason_code == "PERSONAL"


def test_hold_is_ended_on_its_page(course: Course, coordinator: User, page: Client) -> None:
    hold = open_hold(course, coordinator)
    url = reverse("hold_end", args=[hold.pk])
    assert "05-Nov-2026" in page.get(url).content.decode()
    response = page.post(url, {"ended_on": "2026-11-10", "new_date": "2026-11-16"})
    assert response.status_code == 302
    hold.refresh_from_db()
    assert (hold.ended_on, hold.new_date) == (date(2026, 11, 10), date(2026, 11, 16))


def test_patient_is_admitted_moved_and_discharged_on_the_pages(
    course: Course, user_with: UserWith, sign_in: Callable[[User], Client]
) -> None:
    nurse = sign_in(user_with("ward_nurse"))
    steps = [
        ("stay_admit", {"unit": "ward", "place": "Haematology", "on": "2026-11-02"}),
        ("stay_transfer", {"unit": "icu", "on": "2026-11-04"}),
        ("stay_discharge", {"on": "2026-11-10"}),
    ]
    for name, values in steps:
        assert nurse.post(reverse(name, args=[course.pk]), values).status_code == 302, name
    assert [stay.unit for stay in course.stays.order_by("pk")] == ["ward", "icu"]
    assert not course.stays.filter(ended_on=None).exists()


def test_transfer_page_says_where_the_patient_lies(
    course: Course, coordinator: User, page: Client
) -> None:
    admit(course, coordinator)
    body = page.get(reverse("stay_transfer", args=[course.pk])).content.decode()
    assert "Ward · Haematology" in body
    assert "02-Nov-2026" in body


def test_date_is_planned_moved_with_a_reason_and_refused_when_stale(
    course: Course, page: Client
) -> None:
    url = reverse("anchor_plan", args=[course.pk])
    version = course.version
    values = {"kind": "infusion", "planned_on": "2026-12-01", "expected_version": version}
    assert page.post(url, values).status_code == 302
    stale = page.post(url, {**values, "planned_on": "2026-12-02", "reason": "bed"})
    assert stale.status_code == 409
    assert 'value="2026-12-02"' in stale.content.decode()
    body = page.get(url).content.decode()
    assert "planned on 01-Dec-2026" in body
    again = {**values, "planned_on": "2026-12-02", "expected_version": version + 1}
    assert page.post(url, again).status_code == 422
    shown = page.post(url, {**again, "reason": "bed"})
    assert "Nothing is saved yet." in shown.content.decode()
    seen = {**again, "reason": "bed", "seen": shown.context["foreseen"].seal}
    assert page.post(url, seen).status_code == 302
    assert course.anchors.get().planned_on == date(2026, 12, 2)


def test_date_that_happened_is_shown_on_the_planning_page(course: Course, page: Client) -> None:
    course.anchors.create(kind="apheresis", actual_on=TODAY, set_at=NOW, set_by="test")
    url = reverse("anchor_plan", args=[course.pk])
    assert "happened on 12-Nov-2026" in page.get(url).content.decode()


def test_responsible_people_are_chosen_among_those_with_the_role(
    course: Course, coordinator: User, haematologist: User, page: Client
) -> None:
    url = reverse("responsible_set", args=[course.pk])
    values = {"expected_version": course.version, "haematologist": haematologist.pk}
    assert page.post(url, {**values, "coordinator": haematologist.pk}).status_code == 422
    assert page.post(url, {**values, "coordinator": coordinator.pk}).status_code == 302
    course.refresh_from_db()
    assert (course.coordinator, course.haematologist) == (coordinator, haematologist)
    cleared = {"expected_version": course.version}
    assert page.post(url, cleared).status_code == 302


def test_consent_is_withdrawn_on_its_page(course: Course, coordinator: User, page: Client) -> None:
    consent = give_consent(course, coordinator)
    url = reverse("consent_withdraw", args=[consent.pk])
    assert page.post(url, {"withdrawn_on": "2026-11-05"}).status_code == 302
    consent.refresh_from_db()
    assert consent.withdrawn_on == date(2026, 11, 5)


def test_death_is_recorded_and_withdrawn_on_the_pages(course: Course, page: Client) -> None:
    url = reverse("death_record", args=[course.patient_id])
    assert page.post(url, {"died_on": "2026-11-10", "cause": "sepsis"}).status_code == 302
    assert course.patient.deaths.get().died_on == date(2026, 11, 10)
    assert "Died 10-Nov-2026" in page.get(reverse("patient_list")).content.decode()
    url = reverse("death_withdraw", args=[course.patient_id])
    assert page.post(url, {"reason": ""}).status_code == 422
    assert page.post(url, {"reason": "wrong patient"}).status_code == 302
    assert course.patient.deaths.get().withdrawn_at == NOW


def test_identity_is_verified_and_the_day_is_shown(course: Course, page: Client) -> None:
    url = reverse("identity_verify", args=[course.patient_id])
    assert page.post(url, {}).status_code == 422
    assert page.post(url, {"compared": "on"}).status_code == 302
    assert "12-Nov-2026" in page.get(url).content.decode()


def test_number_is_added_on_its_page(course: Course, page: Client) -> None:
    url = reverse("identifier_new", args=[course.patient_id])
    values = {"system": "Study", "value": "Z-9"}
    assert page.post(url, values).status_code == 302
    assert page.post(url, values).status_code == 422


def patient_values(course: Course, **changed: str) -> dict[str, str]:
    patient = course.patient
    return {
        "family_name": patient.family_name,
        "given_name": patient.given_name,
        "birth_date": patient.birth_date.isoformat(),
        "sex": patient.sex,
        "expected_version": str(patient.version),
        **changed,
    }


def test_details_are_corrected_and_a_look_alike_is_told_apart(
    course: Course, refer_patient: Refer, coordinator: User, page: Client
) -> None:
    refer_patient(coordinator, family_name="Quattrocchi")
    url = reverse("patient_edit", args=[course.patient_id])
    assert page.post(url, patient_values(course, sex="male")).status_code == 302
    values = patient_values(course, family_name="Quattrocchi", reason="misread")
    assert page.post(url, values).status_code == 409  # the page is older than the first change
    values["expected_version"] = "2"
    response = page.post(url, values)
    assert response.status_code == 422
    assert "How they differ" in response.content.decode()
    assert page.post(url, {**values, "distinct_reason": "sisters"}).status_code == 302
    course.patient.refresh_from_db()
    assert (course.patient.family_name, course.patient.sex) == ("Quattrocchi", course.patient.sex)


def test_patient_without_a_course_is_listed_with_a_way_to_open_one(
    coordinator: User, page: Client
) -> None:
    patient = create_patient(
        values=NewPatient(
            family_name="Neri",
            given_name="Ada",
            birth_date=date(1970, 1, 2),
            identifiers=(("Hospital", "N1"),),
        ),
        actor=coordinator,
        now=NOW,
    )
    body = page.get(reverse("patient_list")).content.decode()
    assert "NERI, Ada" in body
    assert reverse("course_new", args=[patient.pk]) in body
    assert page.get(reverse("patient_edit", args=[patient.pk])).status_code == 404


def test_patient_list_finds_pages_and_costs_few_queries(
    refer_patient: Refer,
    coordinator: User,
    page: Client,
    django_assert_max_num_queries: Callable[..., Any],
) -> None:
    for number in range(52):
        refer_patient(coordinator, number=f"N{number:03d}")
    with django_assert_max_num_queries(12):
        body = page.get(reverse("patient_list")).content.decode()
    assert "52 patients" in body
    assert "ROSSI N049, Maria" in body
    assert "ROSSI N050, Maria" not in body
    assert "ROSSI N051, Maria" in page.get(reverse("patient_list"), {"page": 2}).content.decode()
    body = page.get(reverse("patient_list"), {"search": "n007"}).content.decode()
    assert "1 patient" in body
    assert "ROSSI N007, Maria" in body
    assert "Nobody found." in page.get(reverse("patient_list"), {"search": "zz"}).content.decode()


def test_patient_list_shows_codes_only_without_sight_of_names(
    course: Course, user_with: UserWith, sign_in: Callable[[User], Client]
) -> None:
    body = sign_in(user_with("data_manager")).get(reverse("patient_list")).content.decode()
    assert course.code in body
    assert course.patient.family_name not in body
    assert "H00001" not in body
    assert "1961" not in body
    assert "New patient" not in body


def test_patient_list_of_another_centre_is_empty(
    course: Course,
    user_with: UserWith,
    other_centre: Centre,
    sign_in: Callable[[User], Client],
) -> None:
    client = sign_in(user_with("coordinator", at=other_centre))
    assert course.code not in client.get(reverse("patient_list")).content.decode()


def test_pages_speak_italian(course: Course, coordinator: User, page: Client) -> None:
    deaths.record_death(patient_id=course.patient_id, died_on=TODAY, actor=coordinator, now=NOW)
    # The request leaves its language behind in the thread; the tests after this one have their own.
    with translation.override("en"):
        response = page.get(
            reverse("hold_new", args=[course.pk]), headers={"accept-language": "it"}
        )
    assert 'lang="it"' in response.content.decode()
    assert "Motivi personali" in response.content.decode()
