"""A first onset later than usual says so beside its grade, computed or picked."""

from typing import Any

import pytest

from accounts.models import User
from config.demo_data.computing import computing
from patients.models import Course
from tests.conftest import PROTOCOL_FILE, UserWith, make_protocol
from tests.toxicity_course import CLEAR, HOT, at, infuse, log
from toxicity.checks import checks_of
from toxicity.recording import withdraw_check
from toxicity.reviewing import review_grade

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["computed", "picked"])
def how(request: pytest.FixtureRequest) -> str:
    """How grades come about."""
    return str(request.param)


@pytest.fixture
def protocol(db: None, how: str) -> Any:
    """A centre of that kind."""
    content = PROTOCOL_FILE.read_bytes()
    return make_protocol(computing(content) if how == "computed" else content)


def test_only_the_first_onset_after_the_usual_day_is_warned_of(
    course: Course, user_with: UserWith, how: str
) -> None:
    infuse(course)
    nurse = user_with("ward_nurse")
    for day in (15, 16):
        seen: dict[str, Any] = {"crs": HOT, "icans": CLEAR}
        log(course, nurse, day, **(seen if how == "computed" else {"chosen": {"crs": 1}}))
    warned = [
        [one["params"] for one in check.grades["crs"].warnings if one["code"] == "late_onset"]
        for check in checks_of(course)
    ]
    assert warned == [[{"day": 15, "usual": 14}], []]


def test_the_warning_follows_the_first_onset_through_corrections(
    course: Course, user_with: UserWith, haematologist: User, how: str
) -> None:
    infuse(course)
    nurse = user_with("ward_nurse")
    seen: dict[str, Any] = {"crs": HOT} if how == "computed" else {"chosen": {"crs": 1}}
    usual, late = log(course, nurse, 13, **seen), log(course, nurse, 15, **seen)
    assert warned(course) == [False, False]
    gone: dict[str, Any] = {"course_id": course.pk, "reason": "other bed", "actor": nurse}
    withdraw_check(**gone, assessment_id=usual.assessment.pk, now=at(course, 16))
    assert warned(course) == [True]
    review_grade(
        grade_id=late.assessment.grades.latest("pk").pk, verdict="confirmed", actor=haematologist,
        now=at(course, 16),
    )  # fmt: skip
    # It is first no longer, and a clinician's word on it stands all the same.
    log(course, nurse, 12, now=at(course, 16), remark="late", **seen)
    assert warned(course) == [False, True]
    assert checks_of(course)[1].grades["crs"].confirmed


def warned(course: Course) -> list[bool]:
    """Whether each check is one of a late onset."""
    return [
        "late_onset" in {one["code"] for one in check.grades["crs"].warnings}
        for check in checks_of(course)
    ]
