"""A test that was done and whose result is awaited: open, quiet for a while, then asked about."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.models import AuditEvent
from patients.correcting import correct_entry
from patients.courses import lock_course
from patients.deaths import record_death, withdraw_death
from patients.models import Course
from reminders import closing
from reminders.awaiting import await_result
from reminders.laying import lay_out
from reminders.models import Delivery, Reminder, Status
from reminders.sending import send_due
from reminders.sweeping import SWEEP
from reminders.wording import item_text, standing_text
from terms.refusals import Refused
from tests.conftest import NOW
from tests.services.refused import codes
from tests.services.test_reminders import infuse
from tests.services.test_scheduled_by_facts import TODAY, fact, lab, later, waiting

pytestmark = pytest.mark.django_db
DONE_ON = date(2026, 11, 10)
BACK = DONE_ON + timedelta(days=10)  # the protocol's days for a marrow


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """Pages read the clock."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def due(course: Course, coordinator: User) -> Reminder:
    """The marrow of day 28, due two days ago and in time for five more."""
    infuse(course, coordinator, DONE_ON - timedelta(days=28))
    return waiting(course, "MARROW")[0]


def awaited(due: Reminder, actor: User, on: date = DONE_ON) -> Reminder:
    await_result(reminder_id=due.pk, performed_on=on, actor=actor, now=later())
    due.refresh_from_db()
    return due


def test_it_stays_open_says_who_and_when_and_asks_again(due: Reminder, haematologist: User) -> None:
    awaited(due, haematologist)
    assert (due.status, due.awaits_result, due.done_on) == (Status.SNOOZED, True, None)
    assert (due.snoozed_until, due.counts(TODAY), due.counts(BACK)) == (BACK, False, True)
    assert item_text(due) == "Bone marrow: morphology and MRD: result awaited"
    assert standing_text(due, TODAY) == (
        f"Done on 10-Nov-2026 by {haematologist.username}, result awaited;"
        " asked for from 20-Nov-2026"
    )
    event = AuditEvent.objects.get(action="reminder.await")
    assert (event.actor_name, event.after["performed_on"]) == (haematologist.username, "2026-11-10")
    eight = datetime(2026, 11, 20, 7, tzinfo=UTC)

    def told() -> list[int]:
        sent = Delivery.objects.filter(dispatch__reminder=due, channel="inapp").order_by("pk")
        return [row.dispatch.step for row in sent]

    for days in range(10):
        send_due(eight - timedelta(days=10 - days))
    assert told() == [], "in time or not, what was done is not called undone"
    for days in range(4):
        send_due(eight + timedelta(days=days))
    assert told() == [0, 1], "then the result is missing, and people are told"


def test_the_command_and_today_say_that_it_was_done(
    due: Reminder, course: Course, haematologist: User, client: Client,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    def told(row: Reminder) -> list[str]:
        call_command("reminders", "explain", course.code)
        blocks = capsys.readouterr().out.split("\n\n")
        return next(one for one in blocks if one.startswith(f"reminder {row.pk} ")).splitlines()

    awaited(due, haematologist)
    assert told(due)[1] == (
        f"  done on 2026-11-10 by {haematologist.username}, result awaited,"
        " asked again on 2026-11-20"
    )
    Reminder.objects.exclude(pk=due.pk).delete()
    client.force_login(haematologist)
    quiet = client.get(reverse("today")).content.decode()
    assert "Nothing is due. Next: Bone marrow: morphology and MRD: result awaited of" in quiet
    assert "on 20-Nov-2026. The result of 1 test that was done is awaited." in quiet
    closing.reopen(reminder_id=due.pk, reason="the tube broke", actor=haematologist, now=later())
    assert "asked again" not in "".join(told(due))
    closing.snooze(
        reminder_id=due.pk, until=BACK, reason="a holiday", actor=haematologist, now=later()
    )
    assert told(due)[1] == "  put off, asked again on 2026-11-20"


def test_its_result_does_it_whenever_it_comes(
    due: Reminder, course: Course, coordinator: User, haematologist: User
) -> None:
    late = date(2026, 11, 1)  # before its window
    awaited(due, haematologist, late)
    values: dict[str, Any] = {"mrd": "negative", "remission": "cr", "blasts_percent": ""}
    other = fact(course, coordinator, "marrow", "2026-10-30", **values)
    due.refresh_from_db()
    assert due.awaits_result
    result = fact(course, coordinator, "marrow", "2026-11-01", **values)
    due.refresh_from_db()
    assert (due.status, due.done_on, due.snoozed_until) == (Status.DONE, late, None)
    assert (due.closed_cause, due.awaits_result) == (f"marrow:{result.pk}", False)
    correct_entry(
        course_id=course.pk, kind="marrow", entry_id=result.pk,
        values={"on": "2026-10-02", **values}, reason="another date", actor=haematologist,
        now=later(),
    )  # fmt: skip
    due.refresh_from_db()
    assert (due.status, due.awaits_result, due.counts(TODAY)) == (Status.OPEN, True, True)
    assert "result awaited" in standing_text(due, TODAY)
    assert other.pk != result.pk


def test_what_was_put_off_is_done_by_its_result_all_the_same(
    due: Reminder, course: Course, coordinator: User, haematologist: User
) -> None:
    closing.snooze(reminder_id=due.pk, until=BACK, reason="a holiday", actor=haematologist, now=NOW)
    values: dict[str, Any] = {"mrd": "negative", "remission": "cr", "blasts_percent": ""}
    fact(course, coordinator, "marrow", "2026-11-08", **values)
    due.refresh_from_db()
    assert (due.status, due.done_on) == (Status.DONE, date(2026, 11, 8))
    assert due.snoozed_until is None


def test_the_board_and_the_form_say_the_day_of_the_test(
    due: Reminder, course: Course, haematologist: User, client: Client
) -> None:
    awaited(due, haematologist)
    Reminder.objects.exclude(pk=due.pk).delete()
    client.force_login(haematologist)
    form = client.get(reverse("reminder_done", kwargs={"pk": due.pk})).content.decode()
    assert 'value="10-Nov-2026"' in form
    with time_machine.travel(later() + timedelta(days=30), tick=False):
        client.force_login(haematologist)
        board = client.get(reverse("board"), {"view": "table"}).content.decode()
    assert "Bone marrow: morphology and MRD: done on 10-Nov-2026, result awaited" in board
    assert "overdue since" not in board


def test_the_result_of_another_day_in_the_window_is_not_the_one_awaited(
    due: Reminder, course: Course, coordinator: User, haematologist: User
) -> None:
    awaited(due, haematologist)
    values: dict[str, Any] = {"mrd": "negative", "remission": "cr", "blasts_percent": ""}
    fact(course, coordinator, "marrow", "2026-11-08", **values)
    due.refresh_from_db()
    assert due.awaits_result, "the result of the 10th is still asked for"


def test_what_is_awaited_is_neither_moved_nor_lost(
    due: Reminder, course: Course, coordinator: User, haematologist: User
) -> None:
    awaited(due, haematologist)
    before = (due.due_on, due.snoozed_until)
    infuse(course, coordinator, DONE_ON - timedelta(days=20), later())
    due.refresh_from_db()
    assert (due.due_on, due.snoozed_until) == before
    lay_out([lock_course(course.pk, actor=coordinator)], actor=SWEEP, now=later())
    by: dict[str, Any] = {"patient_id": course.patient_id, "actor": coordinator}
    record_death(**by, died_on=TODAY, now=later())
    due.refresh_from_db()
    assert (due.status, due.awaits_result) == (Status.CANCELLED, False)
    withdraw_death(**by, reason="another patient", now=later())
    due.refresh_from_db()
    assert (due.status, due.awaits_result, due.snoozed_until) == (Status.SNOOZED, True, BACK)
    closing.snooze(
        reminder_id=due.pk, until=BACK + timedelta(days=9), reason="slow", actor=coordinator,
        now=later(),
    )  # fmt: skip
    due.refresh_from_db()
    assert (due.awaits_result, due.counts(BACK)) == (True, False)
    closing.reopen(reminder_id=due.pk, reason="the tube broke", actor=coordinator, now=later())
    due.refresh_from_db()
    assert (due.status, due.performed_on, due.performed_by) == (Status.OPEN, None, "")


def test_what_speaks_against_it_is_said_at_once(
    due: Reminder, course: Course, haematologist: User
) -> None:
    visit = waiting(course, "NEAR_END")[0]
    with pytest.raises(Refused) as refused:
        await_result(
            reminder_id=visit.pk, performed_on=TODAY + timedelta(days=1), actor=haematologist,
            now=later(),
        )  # fmt: skip
    assert codes(refused.value) == {"future_date", "no_result"}
    Reminder.objects.filter(pk=visit.pk).update(item="GONE")
    with pytest.raises(Refused):
        await_result(reminder_id=visit.pk, performed_on=TODAY, actor=haematologist, now=later())


def test_the_pages_and_the_api_say_it(
    due: Reminder, course: Course, coordinator: User, client: Client
) -> None:
    client.force_login(coordinator)
    url = reverse("reminder_awaited", args=[due.pk])
    listed = client.get(reverse("course_due", args=[course.pk])).content.decode()
    assert url in listed
    assert "Test done on" in client.get(url).content.decode()
    posted = client.post(url + "?from=course", {"performed_on": "2026-11-10"}, follow=True)
    assert "result awaited; asked for from 20-Nov-2026" in posted.content.decode()
    assert url not in posted.content.decode()
    other = waiting(course, "IGG")[0]
    api = f"/api/v1/reminders/{other.pk}/awaited/"
    told = client.post(api, {"performed_on": "2026-11-11"}, content_type="application/json")
    assert told.status_code == 201
    answer = told.json()
    assert (answer["awaits_result"], answer["performed_on"]) == (True, "2026-11-11")
    assert (answer["status"], answer["done_on"]) == ("snoozed", None)
    lab(course, coordinator, "IGG", "600", "2026-11-11", "mg/dL")
    other.refresh_from_db()
    assert other.status == Status.DONE
