"""Who is told of a clinician's grade: measured against the check before, not what was computed."""

from dataclasses import replace

import pytest

from accounts.models import User
from config.demo_data.computing import computing
from patients.models import Course
from protocol.models import Protocol
from reminders.models import Notice
from tests.conftest import PROTOCOL_FILE, UserWith, make_protocol
from tests.toxicity_course import HOT, WELL, at, infuse, log
from toxicity.domain.crs import CrsSigns
from toxicity.reviewing import review_grade

pytestmark = pytest.mark.django_db
LOW = replace(HOT, hypotension=True)  # grade 2


@pytest.fixture
def protocol(db: None) -> Protocol:
    """A centre that has its grades computed."""
    return make_protocol(computing(PROTOCOL_FILE.read_bytes()))


@pytest.mark.parametrize(
    ("earlier", "now", "theirs", "told"),
    [
        (WELL, HOT, 2, [2]),
        (HOT, HOT, 2, []),
        (None, HOT, 2, [2]),
        (replace(WELL, temp_c=None), HOT, 2, [2]),
        (WELL, LOW, 1, []),
        (HOT, HOT, 3, [3]),
        (LOW, LOW, 3, [2, 3]),
    ],
    ids=["0, 1, 2", "1, 1, 2", "first", "not graded", "lowered", "line", "line after a jump"],
)  # fmt: skip
def test_an_override_is_told_by_its_step_from_the_check_before(
    course: Course,
    user_with: UserWith,
    haematologist: User,
    earlier: CrsSigns | None,
    now: CrsSigns,
    theirs: int,
    told: list[int],
) -> None:
    infuse(course)
    nurse = user_with("ward_nurse")
    if earlier is not None:
        log(course, nurse, 2, 8, crs=earlier)
    row = log(course, nurse, 2, 16, crs=now).assessment.grades.get()
    log(course, nurse, 2, 18, now=at(course, 2, 18), crs=HOT)
    review_grade(
        grade_id=row.pk, verdict="overridden", grade=theirs, reason="seen", actor=haematologist,
        now=at(course, 2, 20),
    )  # fmt: skip
    notices = Notice.objects.standing().filter(code="high_grade", params__scale="CRS")
    assert sorted(one.params["grade"] for one in notices) == told
