"""Grades and episodes in the timeline: what stands, with a clinician's word, and no more."""

from dataclasses import replace

import pytest

from accounts.models import User
from config.demo_data.computing import computing
from exports.timeline import TimelineRow, course_timeline, timeline
from patients.models import Course
from protocol.models import Protocol
from tests.conftest import PROTOCOL_FILE, UserWith, make_protocol
from tests.toxicity_course import CLEAR, HOT, WELL, at, infuse, log
from toxicity.recording import withdraw_check
from toxicity.reviewing import review_grade

pytestmark = pytest.mark.django_db


@pytest.fixture
def protocol(db: None) -> Protocol:
    """A centre that has its grades computed."""
    return make_protocol(computing(PROTOCOL_FILE.read_bytes()))


def told(user: User, course: Course) -> list[tuple[str, int | None, str]]:
    """Code, day and value of every row of toxicity, in the order of the timeline."""
    rows: list[TimelineRow] = course_timeline(user, course)
    codes = ("CRS", "ICANS", "IEC_HS")
    return [
        (row.event_code, row.rel_day_D0, row.value)
        for row in rows
        if row.event_code.startswith(codes)
    ]


def test_what_stands_is_told(course: Course, user_with: UserWith, haematologist: User) -> None:
    infuse(course)
    nurse = user_with("ward_nurse")
    log(course, nurse, 1, crs=HOT, icans=CLEAR)
    wrong = log(course, nurse, 1, 20, crs=replace(HOT, hypotension=True)).assessment
    log(course, nurse, 2, crs=replace(WELL, temp_c=None))
    high = log(course, nurse, 3, crs=HOT).assessment
    log(course, nurse, 4, crs=WELL)
    log(course, nurse, 5, crs=WELL)
    withdraw_check(
        course_id=course.pk, assessment_id=wrong.pk, reason="other bed", actor=nurse,
        now=at(course, 5),
    )  # fmt: skip
    review_grade(
        grade_id=high.grades.get().pk, verdict="overridden", grade=2, reason="seen",
        actor=haematologist, now=at(course, 5),
    )  # fmt: skip
    rows = told(haematologist, course)
    assert sorted(rows, key=lambda row: (row[1] or 0, row[0])) == [
        ("CRS", 1, "2"), ("CRS_GRADE", 1, "1"), ("ICANS_GRADE", 1, "0"),
        ("CRS_GRADE", 2, "not gradeable"), ("CRS_GRADE", 3, "2"), ("CRS_END", 4, "3"),
        ("CRS_GRADE", 4, "0"), ("CRS_GRADE", 5, "0"),
    ]  # fmt: skip
    shown = {row.event_code: row for row in course_timeline(haematologist, course)}
    assert shown["CRS"].label == "CRS begins, highest grade"
    files = timeline(haematologist, Course.objects.filter(pk=course.pk), coded=True)
    by = {row.entered_by for row in files if row.event_code == "CRS_GRADE"}
    assert by == {nurse.username}


def test_a_grade_that_a_clinician_took_away_is_none(
    course: Course, user_with: UserWith, haematologist: User
) -> None:
    infuse(course)
    row = log(course, user_with("ward_nurse"), 1, crs=HOT).assessment.grades.get()
    review_grade(
        grade_id=row.pk, verdict="other_cause", reason="sepsis", actor=haematologist,
        now=at(course, 2),
    )  # fmt: skip
    assert told(haematologist, course) == [("CRS_GRADE", 1, "0")]
