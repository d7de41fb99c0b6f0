"""Due for me: what was sent to the reader, on the page, in the frame and in the API."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import Centre, User
from audit.models import AuditEvent
from patients.models import Course
from protocol.models import Protocol
from reminders import closing
from reminders.badges import open_counts
from reminders.due_for_me import mark_seen, told_to
from reminders.models import Reminder
from reminders.sending import send_due
from terms.refusals import NotAllowed
from tests.conftest import NOW, UserWith, make_protocol
from tests.marrow_only import marrow_only
from tests.services.test_sweep import infuse
from tests.walking import DAY_ZERO

pytestmark = pytest.mark.django_db
EIGHT = datetime(2026, 11, 17, 7, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def protocol(db: None) -> Protocol:
    """A schedule of one item."""
    return make_protocol(marrow_only())


@pytest.fixture
def first(course: Course, coordinator: User, haematologist: User) -> Reminder:
    """The first marrow, sent to the haematologist."""
    infuse(course, coordinator)
    send_due(EIGHT)
    return Reminder.objects.filter(course=course).earliest("due_on")


def page_of(user: User, method: str = "get", name: str = "due_for_me", **data: object) -> str:
    client = Client()
    client.force_login(user)
    with time_machine.travel(EIGHT + 9 * DAY, tick=False):
        client.force_login(user)
        response = getattr(client, method)(reverse(name), data, follow=True)
    assert response.status_code == 200
    return str(response.content.decode())


def test_it_is_shown_counted_and_seen(first: Reminder, haematologist: User) -> None:
    send_due(EIGHT + 14 * DAY)
    assert (open_counts(haematologist).due, open_counts(haematologist).notices) == (2, 0)
    page = page_of(haematologist)
    assert "ROSSI H00001, Maria" in page
    assert "Not seen yet:</span> 2<" in page
    assert "because nobody had done it" in page
    assert "Overdue" in page
    said = page_of(haematologist, "post", "due_seen", reminder=[first.pk, "x", "٣", 2**70])
    assert "1 marked as seen." in said
    assert "I have seen these" not in said
    assert "ROSSI H00001, Maria" in said, "it stays until it is done"
    assert open_counts(haematologist).due == 0
    event = AuditEvent.objects.get(action="reminder.see")
    assert (event.actor_id, event.after) == (haematologist.pk, {"reminders": [first.pk]})
    assert "0 marked as seen." in page_of(haematologist, "post", "due_seen", reminder=[first.pk])


def test_what_is_done_or_moved_is_not_due_for_anybody(
    first: Reminder, course: Course, coordinator: User, haematologist: User
) -> None:
    assert list(told_to(haematologist)) == [first]
    infuse(course, coordinator, DAY_ZERO + DAY)
    assert (list(told_to(haematologist)), open_counts(haematologist).due) == ([], 0)
    infuse(course, coordinator, DAY_ZERO)
    assert open_counts(haematologist).due == 1
    closing.mark_done(reminder_id=first.pk, done_on=date(2026, 11, 12), actor=coordinator, now=NOW)
    assert (list(told_to(haematologist)), open_counts(haematologist).due) == ([], 0)
    assert "Nothing was sent to you that is still open." in page_of(haematologist)


def test_it_is_the_own_and_only_where_one_may_still_read(
    first: Reminder, haematologist: User, coordinator: User, user_with: UserWith,
    other_centre: Centre,
) -> None:  # fmt: skip
    assert open_counts(coordinator).due == 0
    assert mark_seen(reminder_ids=[first.pk], actor=coordinator, now=NOW) == 0
    User.objects.filter(pk=haematologist.pk).update(working_centre=other_centre)
    elsewhere = User.objects.get(pk=haematologist.pk)
    assert (list(told_to(elsewhere)), open_counts(elsewhere).due) == ([], 0)
    with pytest.raises(NotAllowed):
        mark_seen(reminder_ids=[first.pk], actor=user_with(), now=NOW)


def test_the_api_says_the_same(first: Reminder, haematologist: User) -> None:
    api = APIClient(raise_request_exception=True)
    api.force_authenticate(haematologist)
    with time_machine.travel(EIGHT, tick=False):
        [row] = api.get("/api/v1/reminders/mine/").json()["results"]
        assert row == {
            "id": first.pk,
            "course": first.course_id,
            "item": "MARROW",
            "label": row["label"],
            "due_on": "2026-11-17",
            "window_end": "2026-11-24",
            "overdue": False,
            "role": "haematologist",
            "step": 0,
            "told_at": row["told_at"],
            "seen": False,
            "cautions": [],
        }
        body = {"reminders": [first.pk, 4711]}
        answer = api.post("/api/v1/reminders/mine/seen/", body, format="json")
        assert (answer.status_code, answer.json()) == (200, {"seen": 1})
        assert api.get("/api/v1/reminders/mine/").json()["results"][0]["seen"] is True
        empty = api.post("/api/v1/reminders/mine/seen/", {"reminders": []}, format="json")
        assert empty.status_code == 400
