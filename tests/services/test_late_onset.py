"""A first onset later than usual says so beside its grade, computed or picked."""

from typing import Any

import pytest

from config.demo_data.computing import computing
from patients.models import Course
from tests.conftest import PROTOCOL_FILE, UserWith, make_protocol
from tests.toxicity_course import CLEAR, HOT, infuse, log
from toxicity.checks import checks_of

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
