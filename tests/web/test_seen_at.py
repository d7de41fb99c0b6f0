"""When a check was seen: in the hour that comes twice, and where it is corrected."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from config.demo_data.computing import computing
from patients.models import Course
from protocol.models import Protocol
from tests.conftest import PROTOCOL_FILE, UserWith, make_protocol
from tests.toxicity_course import CLEAR, HOT, WELL, infuse
from tests.web.test_bedside_pages import typed
from tests.web.test_check_pages import inputs
from toxicity.checks import checks_of
from toxicity.recording import log_check
from toxicity.resuming import crs_open_after
from toxicity.seen import Seen

pytestmark = pytest.mark.django_db
SECOND = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)  # 02:30 at the centre, for the second time
FIRST = SECOND - timedelta(hours=1)


@pytest.fixture
def protocol(db: None) -> Protocol:
    """A centre that has its grades computed."""
    return make_protocol(computing(PROTOCOL_FILE.read_bytes()))


@pytest.fixture
def nurse(user_with: UserWith) -> User:
    """A ward nurse."""
    return user_with("ward_nurse")


@pytest.fixture
def course(course: Course) -> Course:
    """A course whose infusion was before the clocks go back."""
    Course.objects.filter(pk=course.pk).update(referred_on=date(2026, 9, 1))
    return infuse(course, date(2026, 10, 20))


def logged(course: Course, nurse: User, when: datetime) -> int:
    seen = Seen(observed_at=when, crs=WELL, icans=CLEAR)
    return log_check(course_id=course.pk, seen=seen, actor=nurse, now=when).assessment.pk


def at_the_bedside(course: Course, nurse: User, now: datetime, **given: Any) -> list[datetime]:
    """When the checks were seen, after one more that was logged now."""
    with time_machine.travel(now, tick=False):
        client = Client()
        client.force_login(nurse)
        url = reverse("check_new", args=[course.pk])
        shown = inputs(client.get(url))["observed_at"][0]
        assert client.post(url, typed(observed_at=shown, **given)).status_code == 302
    return [check.at for check in checks_of(course)]


def test_a_check_of_the_second_hour_stands_after_one_of_the_first(
    course: Course, nurse: User
) -> None:
    before = SECOND - timedelta(minutes=45)
    logged(course, nurse, before)
    seen = at_the_bedside(course, nurse, SECOND, pressure="fluids")
    assert seen == [before, SECOND]
    assert [check.grade("crs") for check in checks_of(course)] == [0, 2]


def test_in_the_first_hour_the_second_has_not_come(course: Course, nurse: User) -> None:
    assert at_the_bedside(course, nurse, FIRST) == [FIRST]


@pytest.mark.parametrize("stood", [FIRST, SECOND, SECOND + timedelta(hours=5, seconds=37)])
def test_a_correction_that_leaves_the_time_alone_keeps_the_moment(
    course: Course, nurse: User, stood: datetime
) -> None:
    row = logged(course, nurse, stood)
    url = reverse("check_correct", args=[course.pk, row])
    with time_machine.travel(SECOND + timedelta(hours=7), tick=False):
        client = Client()
        client.force_login(nurse)
        sent = inputs(client.get(url)) | {"reason": ["remark"], "remark": ["slept"]}
        assert client.post(url, sent | {"key": [str(uuid4())]}).status_code == 302
    assert [check.at for check in checks_of(course)] == [stood]


def test_a_day_before_the_first_sign_is_24_hours_also_when_the_clocks_go_back(
    course: Course, nurse: User
) -> None:
    noon = datetime(2026, 10, 25, 12, tzinfo=course.centre.zone)
    seen = Seen(observed_at=noon, crs=HOT)
    log_check(course_id=course.pk, seen=seen, actor=nurse, now=noon)
    assert crs_open_after(course) == noon.astimezone(UTC) - timedelta(hours=24)
