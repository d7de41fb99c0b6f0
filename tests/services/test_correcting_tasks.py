"""Tasks by hand put right: what they said is kept, what was laid out to be sent lapses."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import time_machine
from django.db import ProgrammingError, transaction
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import Centre, User
from audit.models import AuditEvent
from patients.models import Course
from reminders import closing
from reminders.correcting_tasks import correct_task
from reminders.dispatches import lay_dispatches
from reminders.hand_tasks import NewTask, add_task
from reminders.models import Dispatch, Reminder, TaskCorrection
from reminders.sending import send_due
from terms.refusals import NotAllowed, Refused
from tests.conftest import NOW, UserWith
from tests.services.test_reminders import infuse

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 12)
TASK = NewTask(due_on=TODAY, label="Call the sister", role="coordinator")
LATER = replace(
    TASK, due_on=TODAY + timedelta(days=4), until=TODAY + timedelta(days=6), role="ward_nurse"
)


@pytest.fixture
def row(course: Course, coordinator: User) -> Reminder:
    """A task of today."""
    return add_task(course_id=course.pk, task=TASK, actor=coordinator, now=NOW)


def said(refused: Refused) -> list[tuple[str, str]]:
    """Every reason with its input, in order."""
    return [(one.code, one.field) for one in refused.refusals]


def correct(row: Reminder, actor: User, task: NewTask = LATER, reason: str = "moved") -> Reminder:
    return correct_task(reminder_id=row.pk, task=task, reason=reason, actor=actor, now=NOW)


def test_it_says_something_else_from_now_on_and_what_it_said_is_kept(
    row: Reminder, coordinator: User
) -> None:
    lay_dispatches(NOW)
    new = correct(row, coordinator, replace(LATER, label=" Call the brother "))
    assert (new.label, new.role) == ("Call the brother", "ward_nurse")
    assert (new.due_on, new.window_start, new.asks_on) == (LATER.due_on,) * 3
    assert (new.window_end, new.made_by) == (LATER.until, coordinator.username)
    (kept,) = TaskCorrection.objects.filter(reminder=row)
    assert (kept.reason, kept.corrected_by) == ("moved", coordinator.username)
    assert (kept.before["label"], kept.before["due_on"]) == (TASK.label, "2026-11-12")
    event = AuditEvent.objects.get(action="reminder.correct")
    assert (event.reason, event.before["role"], event.after["role"]) == (
        "moved", "coordinator", "ward_nurse",
    )  # fmt: skip
    assert send_due(NOW).sent == 0
    assert set(Dispatch.objects.filter(reminder=row, status="void").values_list("due_on")) == {
        (TODAY,)
    }
    with pytest.raises(ProgrammingError), transaction.atomic():
        TaskCorrection.objects.all().delete()


def test_an_item_kept_for_an_occasion_brings_its_window_and_role(
    course: Course, haematologist: User
) -> None:
    task = NewTask(due_on=TODAY, item="PV", label="rash", role="coordinator")
    row = add_task(course_id=course.pk, task=task, actor=haematologist, now=NOW)
    new = correct(row, haematologist, replace(task, role="", label=""))
    assert (new.role, new.label) == ("haematologist", "")
    assert new.window_end == TODAY + timedelta(days=2)


def test_everything_against_it_is_said_at_once(row: Reminder, coordinator: User) -> None:
    with pytest.raises(Refused) as caught:
        correct(row, coordinator, replace(LATER, label=" ", role=""), reason=" ")
    assert said(caught.value) == [
        ("label_needed", "label"), ("role_needed", "role"), ("reason_needed", "reason"),
    ]  # fmt: skip
    with pytest.raises(Refused) as caught:
        correct(row, coordinator, TASK)
    assert said(caught.value) == [("nothing_changed", "")]
    closing.skip(reminder_id=row.pk, reason="not needed", actor=coordinator, now=NOW)
    with pytest.raises(Refused) as caught:
        correct(row, coordinator)
    assert said(caught.value) == [("not_waiting", "")]
    assert not TaskCorrection.objects.exists()


def test_only_who_asks_for_tasks_puts_those_of_the_centre_right_and_never_the_schedule(
    row: Reminder,
    course: Course,
    coordinator: User,
    user_with: UserWith,
    other_centre: Centre,
) -> None:
    with pytest.raises(NotAllowed):
        correct(row, user_with("pharmacist"))
    infuse(course, coordinator)
    scheduled = Reminder.objects.filter(course=course, made_by="")[0]
    for actor, which in (
        (user_with("coordinator", at=other_centre), row),
        (coordinator, scheduled),
    ):
        with pytest.raises(Reminder.DoesNotExist):
            correct(which, actor)


def test_the_page_and_the_api_put_it_right_and_show_what_it_said(
    row: Reminder, coordinator: User, client: Client
) -> None:
    client.force_login(coordinator)
    address = reverse("task_correct", args=[row.pk])
    with time_machine.travel(NOW, tick=False):
        assert address in client.get(reverse("course_due", args=[row.course_id])).text
        form = client.get(address).text
        for said in ('value="Call the sister"', 'value="12-Nov-2026"'):
            assert said in form
        assert 'name="item"' not in form
        given = {"label": "Call the brother", "due_on": "13-Nov-2026", "role": "coordinator"}
        refused = client.post(address, given | {"until": "13-Nov-2026"})
        assert refused.status_code == 422
        saved = client.post(address, given | {"reason": "wrong one"})
        assert saved["Location"] == reverse("course_due", args=[row.course_id])
        shown = client.get(address).text
        assert "Call the sister · 12-Nov-2026 · " in shown
        assert "wrong one" in shown
        api = APIClient()
        api.force_login(coordinator)
        body = {"label": "Call both", "due_on": "2026-11-14", "role": "coordinator"}
        where = reverse("api_task_correct", args=[row.pk])
        assert api.post(where, body, format="json").status_code == 400
        answer = api.post(where, body | {"reason": "both"}, format="json")
        assert (answer.status_code, answer.json()["label"]) == (201, "Call both")
        assert answer.json()["due_on"] == "2026-11-14"
