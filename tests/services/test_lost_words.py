"""A clinician's word that a correction leaves behind waits to be said again."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import User
from config.demo_data.computing import computing
from desk.confirming import Waiting, to_confirm
from pathway.loading import load_state
from patients.models import Course
from protocol.models import Protocol
from tests.conftest import PROTOCOL_FILE, UserWith, make_protocol
from tests.services.test_steps_told import told
from tests.toxicity_course import CLEAR, HOT, WELL, at, infuse, log
from toxicity.checks import checks_of
from toxicity.models import Assessment, AssessmentGrade
from toxicity.recording import correct_check, withdraw_check
from toxicity.reviewing import review_grade
from toxicity.seen import Seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def protocol(db: None) -> Protocol:
    """A centre that has its grades computed."""
    return make_protocol(computing(PROTOCOL_FILE.read_bytes()))


@pytest.fixture
def course(course: Course) -> Course:
    """A course after its infusion."""
    return infuse(course)


@pytest.fixture
def doctor(user_with: UserWith) -> User:
    """A haematologist."""
    return user_with("haematologist")


def overridden(row: Assessment, doctor: User, grade: int, **more: Any) -> None:
    of = row.grades.filter(scale="crs").latest("pk")
    review_grade(
        grade_id=of.pk, verdict="overridden", grade=grade, reason="rigors and hypoxia at night",
        actor=doctor, now=at(row.course, 4), **more,
    )  # fmt: skip


def corrected(row: Assessment, nurse: User, **seen: Any) -> Assessment:
    return correct_check(
        course_id=row.course_id, assessment_id=row.pk, reason="read wrongly", actor=nurse,
        now=at(row.course, 5), seen=Seen(observed_at=row.observed_at, **seen),
    ).assessment  # fmt: skip


def waiting(user: User) -> list[Waiting]:
    return [*to_confirm(user, None).grades]


def at_least(course: Course) -> bool:
    """Whether the gate to discharge takes the latest grade of CRS for one that could be more."""
    facts = load_state(course).facts(on=at(course, 6).date(), at=at(course, 6))
    return facts.toxicity.grades["crs"].at_least


def test_an_override_that_a_correction_leaves_at_0_waits_with_what_was_said(
    course: Course, nurse: User, doctor: User, user_with: UserWith
) -> None:
    row = log(course, nurse, 3, crs=HOT, icans=CLEAR).assessment
    overridden(row, doctor, 3)
    assert not waiting(doctor)
    right = corrected(row, nurse, crs=WELL, icans=CLEAR)
    (line,) = waiting(doctor)
    assert (line.grade, line.what) == (0, "CRS")
    for said in (doctor.get_username(), "3", "rigors and hypoxia at night"):
        assert said in line.before
    assert line.url.endswith(f"/bedside/{right.pk}/review/crs/")
    assert at_least(course)
    (coded,) = waiting(user_with("data_manager"))
    assert coded.before == "A clinician said 3 before a correction."
    # A second correction does not make it forgotten.
    again = corrected(right, nurse, crs=WELL, icans=CLEAR, remark="spelling")
    (line,) = waiting(doctor)
    assert "rigors" in line.before
    (check,) = checks_of(course)
    assert check.grades["crs"].lost is not None
    assert check.grades["crs"].lost.grade == 3
    review_grade(
        grade_id=again.grades.get(scale="crs").pk, verdict="confirmed", actor=doctor,
        now=at(course, 6),
    )  # fmt: skip
    assert not waiting(doctor)
    assert not at_least(course)


def test_what_was_told_of_a_word_stays_told_until_it_is_answered(
    course: Course, nurse: User, doctor: User
) -> None:
    row = log(course, nurse, 3, 8, crs=HOT).assessment
    overridden(row, doctor, 4)
    assert told(course) == [(8, 4)]
    typo = replace(HOT, temp_c=Decimal("38.7"))
    row = corrected(row, nurse, crs=typo)
    assert told(course) == [(8, 4)]
    # What the signs give now is told beside it, where it calls for that by itself.
    row = corrected(row, nurse, crs=replace(typo, vasopressors=frozenset({"dopamine"})))
    assert told(course) == [(8, 3), (8, 4)]
    row = corrected(row, nurse, crs=typo)
    review_grade(grade_id=row.grades.get().pk, verdict="confirmed", actor=doctor, now=at(course, 6))
    assert told(course) == []


def test_a_word_about_signs_that_cannot_be_graded_now_waits_too(
    course: Course, nurse: User, doctor: User
) -> None:
    row = log(course, nurse, 3, crs=HOT).assessment
    overridden(row, doctor, 2)
    corrected(row, nurse, crs=replace(WELL, temp_c=None))
    (line,) = waiting(doctor)
    assert (line.grade, "2" in line.before) == (None, True)


def test_a_word_is_lost_too_where_an_earlier_check_changes_the_grade(
    course: Course, nurse: User, doctor: User
) -> None:
    first = log(course, nurse, 2, 8, crs=HOT).assessment
    low = replace(WELL, fever_masked=True, hypotension=True)
    second = log(course, nurse, 2, 16, crs=low).assessment
    overridden(second, doctor, 4)
    corrected(first, nurse, crs=WELL)
    assert [check.grade("crs") for check in checks_of(course)] == [0, 0]
    (line,) = waiting(doctor)
    assert (line.grade, line.at) == (0, second.observed_at)
    assert "4" in line.before
    assert told(course) == [(16, 4)]
    withdraw_check(
        course_id=course.pk, assessment_id=second.pk, reason="other bed", actor=doctor,
        now=at(course, 6),
    )  # fmt: skip
    assert told(course) == []


def test_what_is_no_higher_than_what_stands_says_nothing_of_before(
    course: Course, nurse: User, doctor: User
) -> None:
    row = log(course, nurse, 3, crs=HOT).assessment
    overridden(row, doctor, 0)
    worse = replace(HOT, temp_c=Decimal("39.9"))
    corrected(row, nurse, crs=worse)
    (line,) = waiting(doctor)
    assert (line.grade, line.before) == (1, "")
    assert AssessmentGrade.objects.latest("pk").lapsed is not None


def test_a_check_that_is_taken_back_leaves_nothing_to_answer(
    course: Course, nurse: User, doctor: User
) -> None:
    row = log(course, nurse, 3, crs=HOT).assessment
    overridden(row, doctor, 3)
    withdraw_check(
        course_id=course.pk, assessment_id=row.pk, reason="another bed", actor=doctor,
        now=at(course, 5) + timedelta(hours=1),
    )  # fmt: skip
    assert not waiting(doctor)
