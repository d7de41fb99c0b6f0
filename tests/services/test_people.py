"""Registering patients: what is needed, who has the number, who looks alike; details, identity."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from accounts.models import Centre, User
from audit.models import AuditEvent
from patients import identifiers, people, responsible
from patients.domain.likeness import Person, look_alike
from patients.models import Course, Patient
from patients.people import Details, NewPatient
from terms.refusals import Kind, NotAllowed, Refused, StaleVersion
from terms.roles import Role
from tests.conftest import NOW, Refer, UserWith
from tests.services.refused import codes, fields

pytestmark = pytest.mark.django_db
BORN = date(1961, 4, 3)
ROSSI = NewPatient(
    family_name="D'Àmico  Rossi",
    given_name=" Niccolò ",
    birth_date=BORN,
    sex="male",
    referring_hospital=" Lecco ",
    referring_physician="Dr Bassi",
    identifiers=((" Hospital ", " 00123 "),),
)


def create(actor: User, values: NewPatient = ROSSI, **given: str) -> Patient:
    return people.create_patient(values=values, actor=actor, now=NOW, **given)


def test_new_patient_is_kept_tidy_and_findable(coordinator: User) -> None:
    patient = create(coordinator)
    patient.refresh_from_db()
    assert (patient.family_name, patient.given_name) == ("D'Àmico Rossi", "Niccolò")
    assert (patient.referring_hospital, patient.centre) == ("Lecco", coordinator.working_centre)
    assert patient.search_text == "d'amico rossi niccolo 1961-04-03 03/04/1961 00123"
    assert list(patient.identifiers.values_list("system", "value")) == [("Hospital", "00123")]
    event = AuditEvent.objects.get(action="patient.create")
    assert (event.patient_id, event.after["identifiers"]) == (patient.pk, [["Hospital", "00123"]])


def test_new_patient_names_every_reason_against_it_at_once(coordinator: User) -> None:
    create(coordinator)
    wrong = NewPatient(
        family_name=" ",
        given_name="",
        birth_date=date(1900, 1, 1),
        sex="?",
        identifiers=(("Hospital", "00123"), ("Study", "7"), ("Study", "7"), ("", "9")),
    )
    with pytest.raises(Refused) as caught:
        create(coordinator, wrong)
    assert fields(caught.value) == {
        ("family_name", "name_missing"),
        ("given_name", "name_missing"),
        ("birth_date", "too_old"),
        ("sex", "unknown_sex"),
        ("identifiers", "identifier_taken"),
        ("identifiers", "identifier_twice"),
        ("identifiers", "identifier_blank"),
    }


def test_patient_born_tomorrow_or_without_a_number_is_refused(coordinator: User) -> None:
    tomorrow = date(2026, 11, 13)
    with pytest.raises(Refused) as caught:
        create(coordinator, replace(ROSSI, birth_date=tomorrow, identifiers=()))
    assert codes(caught.value) == {"future_date", "identifier_missing"}


def test_number_of_the_same_issuer_is_unique_in_a_centre_only(
    coordinator: User, user_with: UserWith, other_centre: Centre
) -> None:
    create(coordinator)
    create(user_with("coordinator", at=other_centre))
    other_issuer = replace(ROSSI, family_name="Verdi", identifiers=(("Study", "00123"),))
    create(coordinator, other_issuer)


def test_taken_number_names_the_courses_of_who_has_it(course: Course, coordinator: User) -> None:
    number = course.patient.identifiers.get()
    with pytest.raises(Refused) as caught:
        create(coordinator, replace(ROSSI, identifiers=((number.system, number.value),)))
    assert course.code in str(caught.value)


def test_look_alike_is_named_by_course_and_yields_to_a_reason(
    refer_patient: Refer, coordinator: User
) -> None:
    course = refer_patient(coordinator, family_name="Amico Rossi", birth_date=BORN)
    twin = replace(
        ROSSI, family_name="AMICO ROSSI", given_name="mària", identifiers=(("Study", "8"),)
    )
    with pytest.raises(Refused) as caught:
        create(coordinator, twin)
    (refusal,) = caught.value.refusals
    assert (refusal.code, refusal.kind, refusal.field) == (
        "look_alike",
        Kind.SOFT,
        "distinct_reason",
    )
    assert course.code in str(refusal)
    assert "Amico" not in str(refusal)
    create(coordinator, twin, distinct_reason="twins")
    assert AuditEvent.objects.filter(action="patient.create").latest("pk").reason == "twins"


@pytest.mark.parametrize(
    ("other", "alike"),
    [
        (Person("ROSSI", "maria", BORN), True),
        (Person("Maria", "Rossi", BORN), True),
        (Person("Rosi", "Maria", BORN), True),
        (Person("Róssi", "Maria", date(1961, 3, 4)), True),
        (Person("Maria", "Rossi", date(1961, 3, 4)), True),
        (Person("Rosi", "Maria", date(1961, 3, 4)), False),
        (Person("Rossi", "Maria", date(1961, 4, 4)), False),
        (Person("Bianchi", "Carla", BORN), False),
    ],
)
def test_look_alikes_share_birth_date_and_name_up_to_slips(other: Person, alike: bool) -> None:
    assert look_alike(Person("Rossi", "Maria", BORN), other) is alike
    assert look_alike(other, Person("Rossi", "Maria", BORN)) is alike


@pytest.mark.parametrize("born", [date(1961, 4, 13), date(1961, 4, 4)])
def test_birth_date_that_cannot_be_swapped_is_compared_as_it_is(
    coordinator: User, born: date
) -> None:
    create(coordinator, replace(ROSSI, birth_date=born))
    with pytest.raises(Refused):
        create(coordinator, replace(ROSSI, birth_date=born, identifiers=(("Study", "2"),)))


def test_registration_by_a_role_without_the_permission_is_refused(user_with: UserWith) -> None:
    with pytest.raises(NotAllowed):
        create(user_with("ward_nurse"))


def details_of(patient: Patient, **changed: Any) -> Details:
    present = Details(
        family_name=patient.family_name,
        given_name=patient.given_name,
        birth_date=patient.birth_date,
        sex=patient.sex,
    )
    return replace(present, **changed)


def test_corrected_name_needs_a_reason_and_undoes_the_check_of_identity(
    course: Course, coordinator: User
) -> None:
    patient = people.verify_identity(patient_id=course.patient_id, actor=coordinator, now=NOW)
    assert patient.identity_verified_at == NOW
    renamed = details_of(patient, family_name="Rosso", sex="unknown")
    with pytest.raises(Refused) as caught:
        people.update_patient(patient_id=patient.pk, details=renamed, actor=coordinator, now=NOW)
    assert codes(caught.value) == {"reason_needed"}
    people.update_patient(
        patient_id=patient.pk, details=renamed, reason="misread", actor=coordinator, now=NOW
    )
    kept = Patient.objects.get(pk=patient.pk)
    assert (kept.family_name, kept.identity_verified_at) == ("Rosso", None)
    assert kept.search_text.startswith("rosso maria")
    event = AuditEvent.objects.get(action="patient.update")
    assert event.reason == "misread"
    assert event.after == {
        "family_name": "Rosso",
        "sex": "unknown",
        "referring_hospital": "",
        "referring_physician": "",
    }


def test_changed_referring_physician_leaves_the_check_of_identity(
    course: Course, coordinator: User
) -> None:
    patient = people.verify_identity(patient_id=course.patient_id, actor=coordinator, now=NOW)
    details = details_of(patient, referring_physician="Dr Neri")
    people.update_patient(patient_id=patient.pk, details=details, actor=coordinator, now=NOW)
    patient.refresh_from_db()
    assert (patient.referring_physician, patient.identity_verified_at) == ("Dr Neri", NOW)


def test_corrected_name_that_looks_like_another_patient_asks_how_they_differ(
    refer_patient: Refer, coordinator: User
) -> None:
    refer_patient(coordinator, family_name="Bianchi")
    other = refer_patient(coordinator, family_name="Quattrocchi").patient
    details = details_of(other, family_name="Bianchi")
    with pytest.raises(Refused) as caught:
        people.update_patient(
            patient_id=other.pk, details=details, reason="typo", actor=coordinator, now=NOW
        )
    assert codes(caught.value) == {"look_alike"}
    people.update_patient(
        patient_id=other.pk,
        details=details,
        reason="typo",
        distinct_reason="sisters",
        actor=coordinator,
        now=NOW,
    )
    assert AuditEvent.objects.get(action="patient.update").reason == "typo sisters"


def test_identifier_is_added_and_found(course: Course, coordinator: User) -> None:
    identifiers.add_identifier(
        patient_id=course.patient_id, system="Study", value="Z-9", actor=coordinator, now=NOW
    )
    course.patient.refresh_from_db()
    assert "z-9" in course.patient.search_text
    with pytest.raises(Refused) as caught:
        identifiers.add_identifier(
            patient_id=course.patient_id, system="Study", value="Z-9", actor=coordinator, now=NOW
        )
    assert codes(caught.value) == {"identifier_taken"}


def test_identity_without_a_number_cannot_be_verified(course: Course, coordinator: User) -> None:
    course.patient.identifiers.all().delete()
    with pytest.raises(Refused) as caught:
        people.verify_identity(patient_id=course.patient_id, actor=coordinator, now=NOW)
    assert codes(caught.value) == {"no_identifier"}


@pytest.mark.parametrize("role", ["ward_nurse", "data_manager"])
def test_details_by_a_role_without_the_permission_are_refused(
    course: Course, user_with: UserWith, role: str
) -> None:
    actor = user_with(role)
    with pytest.raises(NotAllowed):
        people.verify_identity(patient_id=course.patient_id, actor=actor, now=NOW)
    with pytest.raises(NotAllowed):
        people.update_patient(
            patient_id=course.patient_id,
            details=details_of(course.patient),
            actor=actor,
            now=NOW,
        )


def test_patient_of_another_centre_is_not_found(
    course: Course, user_with: UserWith, other_centre: Centre
) -> None:
    with pytest.raises(Patient.DoesNotExist):
        people.verify_identity(
            patient_id=course.patient_id,
            actor=user_with("coordinator", at=other_centre),
            now=NOW,
        )


def set_people(course: Course, actor: User, **given: int | None) -> Course:
    chosen = {"coordinator_id": None, "haematologist_id": None, **given}
    return responsible.set_responsible(course_id=course.pk, actor=actor, now=NOW, **chosen)


def test_responsible_people_hold_their_role_at_the_centre(
    course: Course, coordinator: User, haematologist: User
) -> None:
    changed = set_people(
        course, coordinator, coordinator_id=coordinator.pk, haematologist_id=haematologist.pk
    )
    assert (changed.coordinator, changed.haematologist) == (coordinator, haematologist)
    assert changed.version == course.version + 1
    with pytest.raises(Refused) as caught:
        set_people(
            course, coordinator, coordinator_id=haematologist.pk, haematologist_id=coordinator.pk
        )
    assert fields(caught.value) == {
        ("coordinator", "not_in_role"),
        ("haematologist", "not_in_role"),
    }
    assert set_people(course, coordinator).coordinator is None


def test_responsible_people_of_a_stale_page_are_refused(course: Course, coordinator: User) -> None:
    set_people(course, coordinator)
    with pytest.raises(StaleVersion):
        set_people(course, coordinator, expected_version=course.version)


def test_candidates_are_active_members_with_the_role(
    course: Course, coordinator: User, haematologist: User, user_with: UserWith
) -> None:
    gone = user_with("coordinator")
    gone.is_active = False
    gone.save(update_fields=["is_active"])
    former = user_with("coordinator")
    former.memberships.update(ended_at=NOW + timedelta(days=1))
    assert list(responsible.candidates(course, Role.COORDINATOR)) == [coordinator]
