"""Grade 5 where the centre computes none: picked for a recorded death, and for nothing else."""

from dataclasses import replace
from typing import Any

import pytest

from accounts.models import User
from patients.deaths import record_death, withdraw_death
from patients.models import Course
from reminders.models import Notice
from terms.refusals import Refused
from tests.services.refused import fields
from tests.toxicity_course import CLEAR, HOT, at, infuse, log
from toxicity.checks import checks_of
from toxicity.domain.iec_hs import IecHsSigns
from toxicity.given_refusals import InfectionFacts
from toxicity.infections import record_infection, withdraw_infection
from toxicity.recording import withdraw_check

pytestmark = pytest.mark.django_db
DIED: dict[str, Any] = {
    "crs": replace(HOT, death_due_to_crs=True),
    "icans": replace(CLEAR, death_due_to_icans=True),
    "iec_hs": IecHsSigns(death=True),
}


@pytest.fixture
def course(course: Course) -> Course:
    """A course after its infusion."""
    return infuse(course)


def died(course: Course, actor: User) -> None:
    record_death(
        patient_id=course.patient_id, died_on=at(course, 4).date(), actor=actor, now=at(course, 4)
    )


@pytest.mark.parametrize("scale", DIED)
def test_grade_5_is_picked_for_a_recorded_death_only(
    course: Course, nurse: User, coordinator: User, scale: str
) -> None:
    with pytest.raises(Refused) as refused:
        log(course, nurse, 4, 10, chosen={scale: 5})
    assert fields(refused.value) == {(f"{scale}_grade", "death_not_recorded")}
    died(course, coordinator)
    log(course, nurse, 4, 10, chosen={scale: 5})
    log(course, nurse, 4, 11, chosen={scale: 5}, **{scale: DIED[scale]})
    assert [check.grade(scale) for check in checks_of(course)] == [5, 5]


@pytest.mark.parametrize("grade", [4, None])
@pytest.mark.parametrize("scale", DIED)
def test_a_death_by_it_is_no_other_grade(
    course: Course, nurse: User, coordinator: User, scale: str, grade: int | None
) -> None:
    said: dict[str, Any] = {"chosen": {scale: grade}, scale: DIED[scale]}
    with pytest.raises(Refused) as unrecorded:
        log(course, nurse, 4, 10, **said)
    wrong = (f"{scale}_grade", "death_is_5")
    assert fields(unrecorded.value) == {wrong, ("", "death_not_recorded")}
    died(course, coordinator)
    with pytest.raises(Refused) as refused:
        log(course, nurse, 4, 10, **said)
    assert fields(refused.value) == {wrong}


def still_told(course: Course) -> set[str]:
    told = Notice.objects.standing().filter(course=course, code="death_graded")
    return {about.partition(":")[0] for about in told.values_list("about", flat=True)}


def test_grades_of_a_death_that_was_taken_back_are_told_until_they_go(
    course: Course, nurse: User, haematologist: User, coordinator: User
) -> None:
    died(course, coordinator)
    check = log(course, nurse, 4, 10, chosen={"crs": 5, "icans": 2}).assessment
    about: dict[str, Any] = {"course_id": course.pk, "actor": nurse, "now": at(course, 4)}
    fatal = InfectionFacts(at(course, 3).date(), "e_coli", "blood", 5)
    infection = record_infection(**about, infection=fatal)
    record_infection(**about, infection=InfectionFacts(at(course, 2).date(), "hhv6", "blood", 2))
    assert still_told(course) == set()
    withdraw_death(
        patient_id=course.patient_id, reason="another one", actor=coordinator, now=at(course, 5)
    )
    assert still_told(course) == {"crs", "infection"}
    withdraw_infection(**about, infection_id=infection.pk, reason="was not so")
    withdraw_check(**about | {"actor": haematologist}, assessment_id=check.pk, reason="not hers")
    assert still_told(course) == set()
