"""Tasks by hand: beside the schedule, done like it, moved by nothing, unread outside the site."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, transaction
from icalendar import Calendar

from accounts.models import Centre, User
from audit.models import AuditEvent
from exports.timeline import course_timeline, timeline
from patients.deaths import record_death, withdraw_death
from patients.models import Course
from reminders import closing
from reminders.agenda import Scope, agenda
from reminders.appointment_models import CalendarFeed
from reminders.closing_together import mark_all_done
from reminders.digests import make_digests, message_of
from reminders.explaining import explained
from reminders.feed import feed_text
from reminders.hand_tasks import LONGEST_LABEL, NewTask, add_task, occasions
from reminders.laying import lay_out
from reminders.models import Digest, Reminder, Status
from reminders.selectors import due_within, next_for_courses
from reminders.sending import send_due
from reminders.wording import item_text
from terms.refusals import NotAllowed, Refused
from tests.conftest import NOW, UserWith
from tests.services.test_reminders import DAY_ZERO, infuse, never_infused

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 12)
WORDS = "Call Dr Rossi about the sister"
TASK = NewTask(due_on=TODAY, label=f" {WORDS} ", role="coordinator")


def asked(course: Course, actor: User, task: NewTask = TASK) -> Reminder:
    return add_task(course_id=course.pk, task=task, actor=actor, now=NOW)


def test_a_task_is_due_like_what_is_scheduled_and_audited(
    course: Course, coordinator: User, user_with: UserWith
) -> None:
    row = asked(course, coordinator)
    assert (row.item, row.label, row.made_by) == ("TASK", WORDS, coordinator.username)
    assert (row.window_start, row.window_end, row.role) == (TODAY, TODAY, "coordinator")
    event = AuditEvent.objects.get(action="reminder.task")
    assert (event.course_id, event.after["label"]) == (course.pk, WORDS)
    later = asked(course, coordinator, replace(TASK, until=TODAY + timedelta(days=5)))
    assert (later.ordinal, later.window_end) == (2, date(2026, 11, 17))
    assert list(due_within(coordinator, 0, TODAY)) == [row, later]
    assert item_text(row, coordinator) == WORDS
    assert item_text(row, user_with("data_manager")) == "Task"
    found = next_for_courses(coordinator, [course.pk], today=TODAY)[course.pk]
    assert found.label.it == "Compito"
    told = "\n".join(explained(course))
    assert f"asked for by hand by {coordinator.username}" in told
    assert "Rossi" not in told


def test_the_protocol_keeps_items_for_occasions(course: Course, haematologist: User) -> None:
    assert [one.code for one in occasions(course)] == ["PV", "RCR"]
    row = asked(course, haematologist, NewTask(due_on=TODAY, item="PV", label="rash"))
    assert (row.role, row.window_end) == ("haematologist", TODAY + timedelta(days=2))
    assert item_text(row, haematologist).endswith("report to the national authority: rash")
    assert asked(course, haematologist, NewTask(TODAY, item="RCR", role="ward_nurse")).label == ""


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        (replace(TASK, label=" "), [("label_needed", "label")]),
        (replace(TASK, label="x" * (LONGEST_LABEL + 1)), [("label_too_long", "label")]),
        (replace(TASK, item="MARROW"), [("unknown_item", "item")]),
        (replace(TASK, role=""), [("role_needed", "role")]),
        (replace(TASK, role="janitor"), [("role_needed", "role")]),
        (NewTask(TODAY, item="PV", role="janitor"), [("role_needed", "role")]),
        (replace(TASK, due_on=date(2020, 1, 1)), [("before_referral", "due_on")]),
        (replace(TASK, due_on=date(2036, 1, 1)), [("too_far", "due_on")]),
        (replace(TASK, until=TODAY - timedelta(days=1)), [("window", "until")]),
        (replace(TASK, until=TODAY + timedelta(days=367)), [("window", "until")]),
        (
            NewTask(date(2036, 1, 1), item="NO", until=TODAY),
            [
                ("unknown_item", "item"), ("label_needed", "label"), ("role_needed", "role"),
                ("too_far", "due_on"), ("window", "until"),
            ],
        ),
    ],
)  # fmt: skip
def test_everything_against_a_task_is_said_at_once(
    course: Course, coordinator: User, task: NewTask, expected: list[tuple[str, str]]
) -> None:
    with pytest.raises(Refused) as caught:
        asked(course, coordinator, task)
    assert [(one.code, one.field) for one in caught.value.refusals] == expected
    assert not Reminder.objects.filter(course=course).exclude(made_by="").exists()


def test_only_who_does_reminders_at_the_centre_asks(
    course: Course, user_with: UserWith, other_centre: Centre
) -> None:
    with pytest.raises(NotAllowed):
        asked(course, user_with("pharmacist"))
    with pytest.raises(Course.DoesNotExist):
        asked(course, user_with("coordinator", at=other_centre))


def test_no_anchor_moves_a_task_and_an_exit_takes_it_along(
    course: Course, coordinator: User
) -> None:
    row = asked(course, coordinator)
    infuse(course, coordinator)
    infuse(course, coordinator, DAY_ZERO - timedelta(days=2))
    never_infused(course, coordinator)
    lay_out([course], actor=coordinator, now=NOW)
    row.refresh_from_db()
    assert (row.status, row.due_on) == (Status.OPEN, TODAY)
    patient = course.patient_id
    record_death(patient_id=patient, died_on=TODAY, actor=coordinator, now=NOW)
    row.refresh_from_db()
    assert row.status == Status.CANCELLED
    with pytest.raises(Refused) as caught:
        asked(course, coordinator)
    assert [one.code for one in caught.value.refusals] == ["course_ended"]
    withdraw_death(patient_id=patient, reason="another", actor=coordinator, now=NOW)
    row.refresh_from_db()
    assert row.status == Status.OPEN


def test_a_task_is_put_off_done_skipped_opened_again_and_stands_on_the_timeline(
    course: Course, coordinator: User, user_with: UserWith
) -> None:
    first, second = asked(course, coordinator), asked(course, coordinator)
    other = asked(course, coordinator, replace(TASK, label="something else"))
    by: dict[str, Any] = {"actor": coordinator, "now": NOW}
    until = TODAY + timedelta(days=3)
    closing.snooze(reminder_id=first.pk, until=until, reason="no answer", **by)
    closing.reopen(reminder_id=first.pk, reason="they called", **by)
    with pytest.raises(Refused) as caught:
        mark_all_done(reminder_ids=[first.pk, other.pk], done_on=TODAY, **by)
    assert [one.code for one in caught.value.refusals] == ["several_items"]
    mark_all_done(reminder_ids=[first.pk, second.pk], done_on=TODAY, **by)
    closing.skip(reminder_id=other.pk, reason="not needed", **by)
    rows = [one for one in course_timeline(coordinator, course) if "TASK" in one.event_code]
    assert sorted((one.event_code, one.value) for one in rows) == [
        ("TASK", WORDS), ("TASK", WORDS), ("TASK", "something else"),
        ("TASK_DONE", WORDS), ("TASK_DONE", WORDS), ("TASK_SKIPPED", "something else"),
    ]  # fmt: skip
    assert {one.label for one in rows} == {"Task asked for", "Task done", "Task skipped"}
    in_a_file = timeline(coordinator, Course.objects.all(), coded=True)
    assert {one.value for one in in_a_file if "TASK" in one.event_code} == {""}


def test_calendar_shows_it_and_feed_and_mail_say_task_alone(
    course: Course, coordinator: User, user_with: UserWith
) -> None:
    coordinator.email = "anna@example.org"
    coordinator.save()
    row = asked(course, coordinator)
    (entry,) = agenda(Scope(coordinator, TODAY), TODAY, TODAY).entries
    assert (entry.kind, entry.label) == ("task", WORDS)
    (coded,) = agenda(Scope(user_with("data_manager"), TODAY), TODAY, TODAY).entries
    assert coded.label == "Task"
    assert agenda(Scope(coordinator, TODAY, kind=entry.kind), TODAY, TODAY).entries == (entry,)
    feed = CalendarFeed(user=coordinator, language="en", mine=False)
    text = feed_text(feed, NOW)
    assert f"Task · R.M. {course.code} · to be done" in text
    assert "Call" not in text
    send_due(NOW)
    with time_machine.travel(NOW, tick=False):
        make_digests(NOW + timedelta(hours=1))
    message = message_of(Digest.objects.get(recipient=coordinator))
    assert message is not None
    assert "Call" not in f"{message.subject}{message.body}"
    assert mail.outbox == []
    record_death(patient_id=course.patient_id, died_on=TODAY, actor=coordinator, now=NOW)
    later = NOW + timedelta(days=27)
    cancelled = _event(feed_text(feed, later), row.pk)
    assert cancelled["STATUS"] == "CANCELLED"
    assert cancelled["SEQUENCE"] > _event(text, row.pk)["SEQUENCE"]
    assert f"reminder-{row.pk}@" not in feed_text(feed, NOW + timedelta(days=29))
    assert agenda(Scope(coordinator, TODAY), TODAY, TODAY).entries == ()


def _event(text: str, pk: int) -> Any:
    events = Calendar.from_ical(text).walk("VEVENT")
    return next(one for one in events if one["UID"] == f"reminder-{pk}@percorso")


def test_the_database_keeps_words_and_whoever_asked_together(
    course: Course, coordinator: User
) -> None:
    row = asked(course, coordinator)
    for wrong in ({"made_by": ""}, {"anchor_kind": "infusion"}, {"made_by": "", "label": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Reminder.objects.filter(pk=row.pk).update(**wrong)
