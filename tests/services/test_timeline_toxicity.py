"""Grades and episodes in the timeline: what stands, with a clinician's word, and no more."""

from dataclasses import replace

import pytest
from django.utils import translation

from accounts.models import User
from config.demo_data.computing import computing
from exports.labels import value_of
from exports.timeline import TimelineRow, course_timeline, timeline
from patients.models import Course
from protocol.models import Protocol
from tests.conftest import PROTOCOL_FILE, UserWith, make_protocol
from tests.toxicity_course import CLEAR, HOT, WELL, at, infuse, log
from toxicity.recording import correct_check, withdraw_check
from toxicity.reviewing import review_grade
from toxicity.seen import Seen

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


def struck(user: User, course: Course) -> list[tuple[str, str, str, str]]:
    """What is told of grades before corrections."""
    return [
        (row.event_date, row.label.removeprefix("Corrected, stood before: "), row.value,
         row.entered_by)
        for row in course_timeline(user, course)
        if row.event_code == "CORRECTED"
    ]  # fmt: skip


def test_what_stood_before_a_correction_is_told_with_a_clinicians_word(
    course: Course, user_with: UserWith, haematologist: User
) -> None:
    infuse(course)
    nurse = user_with("ward_nurse")
    first = log(course, nurse, 1, crs=HOT, icans=CLEAR).assessment
    review_grade(
        grade_id=first.grades.get(scale="crs").pk, verdict="overridden", grade=3, reason="seen",
        actor=haematologist, now=at(course, 2),
    )  # fmt: skip
    blind = correct_check(
        course_id=course.pk, assessment_id=first.pk, reason="mistyped", actor=nurse,
        seen=Seen(observed_at=at(course, 1), crs=replace(WELL, temp_c=None)), now=at(course, 3),
    ).assessment  # fmt: skip
    assert sorted(struck(haematologist, course)) == [
        ("2026-11-04", "CRS grade", "3", nurse.username),
        ("2026-11-04", "ICANS grade", "0", nurse.username),
    ]
    withdraw_check(
        course_id=course.pk, assessment_id=blind.pk, reason="other bed", actor=haematologist,
        now=at(course, 4),
    )  # fmt: skip
    with translation.override("it"):
        (last,) = [row for row in struck(haematologist, course) if row[0] == "2026-11-05"]
        shown = (last[1], value_of("CORRECTED", last[2]))
    assert shown == ("Corretto, prima risultava: Grado di CRS", "non graduabile")
    assert ("CRS_GRADE", 1, "1") not in told(haematologist, course)


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
    assert struck(haematologist, course) == [("2026-11-06", "CRS grade", "2", nurse.username)]
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
