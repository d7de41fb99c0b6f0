"""Who is told when the check before a grade is another one than it was."""

from dataclasses import replace
from typing import Any

import pytest

from accounts.models import User
from config.demo_data.computing import computing
from patients.models import Course
from protocol.models import Protocol
from reminders.models import Notice
from tests.conftest import PROTOCOL_FILE, make_protocol
from tests.toxicity_course import HOT, WELL, at, infuse, log
from toxicity.given_refusals import GivenDose
from toxicity.giving import give_treatment, withdraw_treatment
from toxicity.models import Assessment
from toxicity.recording import Logged, correct_check, withdraw_check
from toxicity.reviewing import review_grade
from toxicity.seen import Seen

pytestmark = pytest.mark.django_db
LOW = replace(HOT, hypotension=True)  # grade 2


@pytest.fixture
def protocol(db: None) -> Protocol:
    """A centre that has its grades computed."""
    return make_protocol(computing(PROTOCOL_FILE.read_bytes()))


@pytest.fixture
def course(course: Course, nurse: User) -> Course:
    """A course with CRS 1, then 2: nobody is told of that step."""
    infuse(course)
    log(course, nurse, 2, 8, crs=HOT)
    log(course, nurse, 2, 16, crs=LOW)
    assert told(course) == []
    return course


def told(course: Course) -> list[tuple[int, int]]:
    """The checks of which people are told, by their hour, with the grade."""
    found = []
    for notice in Notice.objects.standing().filter(course=course, code="high_grade"):
        for cause in notice.causes:
            row = Assessment.objects.get(pk=int(cause.split(":")[1]))
            found.append(
                (row.observed_at.astimezone(course.centre.zone).hour, notice.params["grade"])
            )
    return sorted(found)


def first(course: Course) -> Assessment:
    """The earliest check that stands."""
    rows = Assessment.objects.filter(course=course).standing().order_by("observed_at")
    row: Assessment | None = rows.first()
    assert row is not None
    return row


def corrected(course: Course, nurse: User, **seen: Any) -> Logged:
    """The first check corrected."""
    return correct_check(
        course_id=course.pk, assessment_id=first(course).pk, reason="misread", actor=nurse,
        seen=Seen(observed_at=at(course, 2, 8), **seen), now=at(course, 2, 20),
    )  # fmt: skip


def test_a_correction_that_makes_the_next_grade_a_jump_tells_of_it_and_back(
    course: Course, nurse: User
) -> None:
    logged = corrected(course, nurse, crs=WELL)
    assert told(course) == [(16, 2)]
    assert [(one.check.at, one.grade.grade) for one in logged.told] == [(at(course, 2, 16), 2)]
    corrected(course, nurse, crs=HOT)
    assert told(course) == []


def test_a_check_taken_back_or_brought_in_between_is_another_step(
    course: Course, nurse: User
) -> None:
    taken = first(course)
    withdraw_check(
        course_id=course.pk, assessment_id=taken.pk, reason="other bed", actor=nurse,
        now=at(course, 2, 18),
    )  # fmt: skip
    assert told(course) == [(16, 2)]
    log(course, nurse, 2, 12, now=at(course, 2, 19), crs=HOT)
    assert told(course) == []
    log(course, nurse, 2, 14, now=at(course, 2, 20), crs=WELL)
    assert told(course) == [(16, 2)]


def test_a_clinician_who_lowers_a_grade_makes_the_next_one_a_jump(
    course: Course, nurse: User, haematologist: User
) -> None:
    grade, word = first(course).grades.get(), None
    for verdict, found in (
        ("other_cause", [(16, 2)]),
        ("confirmed", []),
        ("other_cause", [(16, 2)]),
    ):
        word = review_grade(
            grade_id=grade.pk, verdict=verdict, reason="infection", actor=haematologist,
            answers=None if word is None else word.pk, now=at(course, 2, 18),
        )  # fmt: skip
        assert told(course) == found, verdict
    # Who puts a remark right said nothing of the grade: the word is carried, and so is the step.
    corrected(course, nurse, crs=HOT, remark="rigors")
    assert told(course) == [(16, 2)]


def test_a_word_that_takes_an_earlier_one_back_tells_of_what_stands_then(
    course: Course, nurse: User, haematologist: User
) -> None:
    ill = replace(LOW, vasopressors=frozenset({"norepinephrine"}))
    words: list[tuple[int, list[tuple[str, int | None]]]] = [
        (3, [("overridden", 1), ("confirmed", None), ("other_cause", None), ("overridden", 3)]),
        (1, [("overridden", 3), ("confirmed", None), ("overridden", 4), ("other_cause", None)]),
    ]
    for day, (found, said) in enumerate(words, 3):
        row = log(course, nurse, day, 8, crs=ill if found == 3 else HOT).assessment
        grade, word = row.grades.get(), None
        for verdict, theirs in said:
            if verdict == "overridden" and theirs == found:
                verdict, theirs = "confirmed", None
            word = review_grade(
                grade_id=grade.pk, verdict=verdict, grade=theirs, reason="seen together",
                actor=haematologist, answers=None if word is None else word.pk, now=at(course, 5),
            )  # fmt: skip
            stands = {"confirmed": found, "other_cause": 0}.get(verdict, theirs)
            notices = Notice.objects.standing().filter(course=course, code="high_grade")
            assert [one.params["grade"] for one in notices] == [stands] * (stands in (3, 4)), said
        withdraw_check(
            course_id=course.pk, assessment_id=row.pk, reason="other bed", actor=haematologist,
            now=at(course, 5),
        )  # fmt: skip


def test_a_drug_taken_back_that_hid_the_fever_is_another_step_too(
    course: Course, nurse: User
) -> None:
    about: dict[str, Any] = {"course_id": course.pk, "actor": nurse}
    row = give_treatment(
        **about, given=GivenDose("antipyretic", at(course, 2, 17), "crs"),
        confirmed=("dose_unknown",), now=at(course, 2, 17),
    )  # fmt: skip
    log(course, nurse, 2, 18, crs=replace(WELL, hypotension=True))
    log(course, nurse, 2, 20, crs=LOW)
    assert told(course) == []
    withdraw_treatment(**about, treatment_id=row.pk, reason="not given", now=at(course, 2, 21))
    assert told(course) == [(20, 2)]
