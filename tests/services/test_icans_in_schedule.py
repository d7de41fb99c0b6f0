"""Neurotoxicity in the schedule: the ban on driving lasts longer."""

import pytest

from accounts.models import User
from config.demo_data.computing import computing
from patients.models import Course
from protocol.models import Protocol
from reminders.laying import lay_out
from reminders.models import Reminder
from reminders.sweeping import SWEEP
from tests.conftest import PROTOCOL_FILE, UserWith, make_protocol
from tests.services.test_going_on import DROWSY
from tests.toxicity_course import CLEAR, DAY_ZERO, at, infuse, log

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
def nurse(user_with: UserWith) -> User:
    """A ward nurse."""
    return user_with("ward_nurse")


def ban_ends(course: Course) -> int:
    """The day on which the ban on driving may end."""
    return (Reminder.objects.get(course=course, item="DRIVE_END").due_on - DAY_ZERO).days


def test_the_ban_on_driving_is_counted_from_the_last_day_of_signs(
    course: Course, nurse: User
) -> None:
    log(course, nurse, 4, icans=DROWSY)
    assert ban_ends(course) == 56 + 4
    log(course, nurse, 6, icans=DROWSY)
    assert ban_ends(course) == 56 + 4, "what goes on follows in the sweep"
    lay_out([course], actor=SWEEP, now=at(course, 7))
    assert ban_ends(course) == 56 + 6
    # The end of one counts at once.
    log(course, nurse, 8, 16, icans=DROWSY)
    log(course, nurse, 9, icans=CLEAR)
    log(course, nurse, 10, 14, icans=CLEAR)
    assert ban_ends(course) == 56 + 8
