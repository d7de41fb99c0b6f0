"""A product past its date is told of once, by nobody's deed, and taken back when it is not so."""

from datetime import UTC, date, datetime, timedelta
from threading import Thread

import pytest
from celery import current_app
from django.db import connection, transaction

from audit.models import AuditEvent
from pathway.expiring import watch_expiry
from pathway.models import Product
from patients.courses import lock_course
from patients.models import Course
from reminders.models import Notice
from tests.conftest import Refer, UserWith
from tests.walking import Walk

pytestmark = pytest.mark.django_db(transaction=True)
LAST = date(2027, 9, 27)
EVENING = datetime(2027, 9, 27, 21, 59, tzinfo=UTC)  # a minute before midnight in Rome
NIGHT = EVENING + timedelta(minutes=1)


@pytest.fixture
def walk(transactional_db: None, refer_patient: Refer, user_with: UserWith) -> Walk:
    """A course with a stored product that may be given until LAST."""
    return Walk(refer_patient(user_with("coordinator")), user_with).to_bridging().make()


def standing() -> list[str]:
    """What stands of it."""
    told = Notice.objects.standing().filter(code="product_expired")
    return [one.params["on"]["date"] for one in told]


def test_a_product_past_its_date_is_told_of_once_and_taken_back(walk: Walk) -> None:
    assert watch_expiry(now=EVENING) == 0
    # Whoever works on the course is not waited for.
    with transaction.atomic():
        lock_course(walk.course.pk, actor=walk.by("coordinator"))
        waiting: list[int] = []

        def watch() -> None:
            waiting.append(watch_expiry(now=NIGHT))
            connection.close()

        other = Thread(target=watch)
        other.start()
        other.join(timeout=30)
    assert waiting == [0]
    assert [watch_expiry(now=NIGHT), watch_expiry(now=NIGHT)] == [1, 0]
    assert standing() == [LAST.isoformat()]
    notice = Notice.objects.get(code="product_expired")
    assert notice.raised_by == "pathway.expiry"
    assert "quality" in notice.roles
    assert AuditEvent.objects.filter(action="notice.raise", actor_name="pathway.expiry").exists()
    # The date was misread: it is taken back, and told anew for the true one.
    Product.objects.update(expires_on=LAST + timedelta(days=1))
    assert [watch_expiry(now=NIGHT), standing()] == [1, []]
    assert watch_expiry(now=NIGHT + timedelta(days=1)) == 1
    walk.now = NIGHT + timedelta(days=2)
    gone = {"failure_reason": "expired"}
    walk.move("product", "discarded", "quality", reason="expired", details=gone)
    assert [watch_expiry(now=walk.now), standing()] == [1, []]
    assert watch_expiry(now=walk.now) == 0


def test_of_an_unknown_date_and_an_ended_course_nothing_is_told(walk: Walk) -> None:
    Product.objects.update(expires_on=None)
    assert watch_expiry(now=NIGHT) == 0
    Product.objects.update(expires_on=LAST)
    walk.go("withdrawn", reason="asked for it")
    assert not Course.objects.get(pk=walk.course.pk).journey.active
    assert watch_expiry(now=NIGHT) == 0


def test_beat_asks_for_it_by_the_name_of_a_task() -> None:
    current_app.loader.import_default_modules()  # as a worker does when it starts
    entry = current_app.conf.beat_schedule["expiry"]
    current_app.tasks[entry["task"]].apply(throw=True)
    assert entry["options"]["expires"] < entry["schedule"]
