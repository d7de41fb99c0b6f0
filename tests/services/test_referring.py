"""Referring: who may begin a course, for whom, and what is wrong told at once."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from accounts.models import Centre, User
from pathway.models import Journey
from pathway.referring import NewCourse, add_course, refer
from patients.deaths import record_death
from patients.models import Course, Patient
from patients.people import NewPatient
from protocol.models import Protocol
from terms.refusals import NotAllowed, Refused
from tests.conftest import NOW, UserWith
from tests.services.refused import codes, fields
from tests.walking import Walk

ROSSI = NewPatient(
    family_name="Rossi",
    given_name="Maria",
    birth_date=date(1961, 10, 14),
    sex="female",
    identifiers=(("Hospital", "1"),),
)
ON = date(2026, 11, 2)


@pytest.fixture
def asked(protocol: Protocol) -> NewCourse:
    """A course that could begin."""
    return NewCourse(protocol_code=protocol.code, referred_on=ON)


def test_referral_starts_a_journey_on_its_day(asked: NewCourse, coordinator: User) -> None:
    course = refer(patient=ROSSI, course=asked, actor=coordinator, now=NOW)
    journey = Journey.objects.get(course=course)
    assert (journey.stage, journey.stage_since, journey.active) == ("referral", ON, True)


def test_codes_count_up_by_centre(
    asked: NewCourse, coordinator: User, user_with: UserWith, other_centre: Centre
) -> None:
    elsewhere = user_with("coordinator", at=other_centre)
    made = [
        refer(
            patient=replace(ROSSI, identifiers=(("Hospital", str(number)),)),
            course=asked,
            actor=actor,
            now=NOW,
            distinct_reason="a test",
        )
        for number, actor in enumerate((coordinator, elsewhere, coordinator))
    ]
    assert [course.code for course in made] == ["NIG-0001", "PAV-0001", "NIG-0002"]


def test_faults_of_patient_and_course_are_named_together(
    asked: NewCourse, coordinator: User, user_with: UserWith
) -> None:
    wrong = replace(
        asked,
        referred_on=NOW.date() + timedelta(days=1),
        protocol_code="none",
        coordinator_id=user_with("ward_nurse").pk,
    )
    with pytest.raises(Refused) as refused:
        refer(patient=replace(ROSSI, family_name=" "), course=wrong, actor=coordinator, now=NOW)
    assert {"future_date", "no_protocol", "not_a_member"} < codes(refused.value)
    assert "family_name" in {field for field, _code in fields(refused.value)}
    assert not Patient.objects.exists()
    with pytest.raises(Refused) as refused:
        refer(patient=ROSSI, course=wrong, actor=coordinator, now=NOW)
    assert codes(refused.value) == {"future_date", "no_protocol", "not_a_member"}
    assert not Patient.objects.exists()


@pytest.mark.parametrize("role", ["ward_nurse", "data_manager"])
def test_who_may_not_refer_is_told_who_may(
    asked: NewCourse, user_with: UserWith, role: str
) -> None:
    with pytest.raises(NotAllowed) as refused:
        refer(patient=ROSSI, course=asked, actor=user_with(role), now=NOW)
    assert "coordinator" in refused.value.refusals[0].who_may


def test_further_course_of_the_dead_or_of_one_under_way_is_refused(
    asked: NewCourse, coordinator: User, course: Course
) -> None:
    with pytest.raises(Refused) as refused:
        add_course(patient_id=course.patient_id, course=asked, actor=coordinator, now=NOW)
    assert codes(refused.value) == {"course_under_way"}
    record_death(patient_id=course.patient_id, died_on=ON, actor=coordinator, now=NOW)
    with pytest.raises(Refused) as refused:
        add_course(patient_id=course.patient_id, course=asked, actor=coordinator, now=NOW)
    assert codes(refused.value) == {"patient_died"}


@pytest.mark.walked("to_follow_up")
def test_further_course_begins_when_the_first_is_followed_up(
    walk: Walk, asked: NewCourse, coordinator: User, course: Course
) -> None:
    second = add_course(
        patient_id=course.patient_id,
        course=replace(asked, referred_on=date(2026, 11, 10)),
        actor=coordinator,
        now=NOW,
    )
    assert (second.patient_id, second.code) == (course.patient_id, "NIG-0002")


def test_patient_of_another_centre_gets_no_course_here(
    asked: NewCourse, course: Course, user_with: UserWith, other_centre: Centre
) -> None:
    stranger = user_with("coordinator", at=other_centre)
    with pytest.raises(Patient.DoesNotExist):
        add_course(patient_id=course.patient_id, course=asked, actor=stranger, now=NOW)


def test_somebody_who_works_at_no_centre_is_told_so(
    asked: NewCourse, user_with: UserWith, other_centre: Centre
) -> None:
    """A role elsewhere gives none here."""
    wanderer = user_with("coordinator", at=other_centre)
    wanderer.working_centre = None
    with pytest.raises(NotAllowed):
        refer(patient=ROSSI, course=asked, actor=wanderer, now=NOW)
