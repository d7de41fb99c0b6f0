"""A protocol that can no longer be read: its course stays on every list, and hides no other."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from patients.models import Course, Stay
from protocol.models import Protocol
from reminders.awaiting import await_result
from reminders.looking import UNREADABLE, look_at
from reminders.models import Reminder, Status
from terms.refusals import Refused
from tests.conftest import NOW, Refer
from tests.services.test_reminders import infuse
from tests.services.test_scheduled_by_facts import TODAY, later

pytestmark = pytest.mark.django_db
ZERO = TODAY - timedelta(days=48)
CAUTION = "The rules of this course cannot be read: nobody knows what speaks for waiting."


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """Pages read the clock."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def overdue(course: Course, coordinator: User, refer_patient: Refer) -> Reminder:
    """A puncture of a course whose protocol cannot be read; beside it a course of a good one."""
    infuse(course, coordinator, ZERO)
    infuse(refer_patient(coordinator, family_name="Bianchi", number="2"), coordinator, ZERO)
    poison = Protocol.objects.create(
        code="poison", version=1, title_en="x", title_it="x", product="x", data={}, sha256="e" * 64,
        status="retired", published_at=NOW,
    )  # fmt: skip
    Course.objects.filter(pk=course.pk).update(protocol=poison)
    return Reminder.objects.get(course=course, item="CNS_IT", ordinal=1)


def test_lists_show_it_by_its_code_beside_all_others(
    overdue: Reminder, haematologist: User, client: Client
) -> None:
    client.force_login(haematologist)
    board = client.get(reverse("board")).content.decode()
    assert board.count("The rules of this course cannot be read") == 1
    rows = Reminder.objects.filter(course=overdue.course_id).counting(TODAY)
    assert f"{rows.earliest('due_on', 'pk').item}: overdue since" in board
    today = client.get(reverse("today")).content.decode()
    assert "CNS_IT" in today, "of the course that cannot be read"
    assert "Lumbar puncture with intrathecal therapy" in today, "of the other one"
    assert client.get(reverse("calendar")).status_code == 200
    rows = client.get("/api/v1/reminders/", {"course": overdue.course_id}).json()["results"]
    assert "CNS_IT" in {row["label"] for row in rows}
    page = client.get(reverse("course_due", args=[overdue.course_id])).content.decode()
    assert "CNS_IT" in page
    assert CAUTION in page


def test_nobody_is_told_that_nothing_speaks_for_waiting(overdue: Reminder) -> None:
    overdue.refresh_from_db()
    assert [(one.code, one.text) for one in look_at(overdue, TODAY).doubts] == [
        (UNREADABLE, CAUTION)
    ]


def test_it_can_be_done_by_hand_but_nobody_knows_when_to_ask_for_its_result(
    overdue: Reminder, haematologist: User, client: Client
) -> None:
    with pytest.raises(Refused) as refused:
        await_result(reminder_id=overdue.pk, performed_on=TODAY, actor=haematologist, now=later())
    assert [one.code for one in refused.value.refusals] == ["protocol_unreadable"]
    client.force_login(haematologist)
    url = reverse("reminder_done", args=[overdue.pk])
    assert CAUTION in client.get(url).content.decode()
    assert client.post(url, {"done_on": TODAY.isoformat()}).status_code == 302
    overdue.refresh_from_db()
    assert (overdue.status, overdue.done_on) == (Status.DONE, TODAY)


def test_the_ward_calls_a_check_overdue_where_nobody_knows_how_often(
    overdue: Reminder, haematologist: User, client: Client
) -> None:
    Stay.objects.create(
        course=overdue.course, unit="ward", began_on=ZERO, recorded_at=NOW, recorded_by="test"
    )
    client.force_login(haematologist)
    (row,) = client.get("/api/v1/ward/").json()["rows"]
    assert row["urgency"] == "overdue"
    assert client.get(reverse("ward")).status_code == 200
    assert client.get(reverse("today")).status_code == 200
