"""The reminders of the schedule on the timeline: due, done and skipped, in the protocol's words."""

from datetime import timedelta

import pytest
from django.utils import translation

from accounts.models import User
from exports.copying import Told
from exports.course_keys import keys_of
from exports.timeline import TimelineRow, course_timeline
from patients.models import Course
from protocol.models import Protocol
from reminders import closing
from reminders.models import Reminder
from tests.conftest import NOW, UserWith, make_protocol
from tests.marrow_only import marrow_only
from tests.services.test_copying import told_of
from tests.services.test_reminders import TODAY, infuse


@pytest.fixture
def protocol(db: None) -> Protocol:
    """A schedule of one item."""
    return make_protocol(marrow_only())


def told(user: User, course: Course) -> list[TimelineRow]:
    """What the timeline tells of reminders."""
    return [row for row in course_timeline(user, course) if row.event_code.startswith("SCHEDULE")]


def test_what_became_of_each_reminder_is_told(
    course: Course, coordinator: User, user_with: UserWith
) -> None:
    infuse(course, coordinator)
    first, second, third, *rest = Reminder.objects.filter(course=course).order_by("ordinal")
    closing.mark_done(reminder_id=first.pk, done_on=TODAY, actor=coordinator, now=NOW)
    closing.skip(reminder_id=second.pk, reason="Signora Rossi abroad", actor=coordinator, now=NOW)
    until = third.due_on + timedelta(days=1)
    closing.snooze(reminder_id=third.pk, until=until, reason="no bed", actor=coordinator, now=NOW)
    done, skipped, *due = told(coordinator, course)
    assert (done.event_code, done.event_date, done.entered_by) == (
        "SCHEDULE_DONE", TODAY.isoformat(), coordinator.username,
    )  # fmt: skip
    assert (skipped.event_code, skipped.value) == ("SCHEDULE_SKIPPED", "Signora Rossi abroad")
    assert [row.event_date for row in due] == [one.due_on.isoformat() for one in (third, *rest)]
    assert due[0].label == "Reminder due: Bone marrow: morphology and MRD"
    with translation.override("it"):
        assert told(coordinator, course)[0].label == "Promemoria fatto: Midollo: morfologia e MRD"
    assert {row.value for row in told(user_with("data_manager"), course)} == {""}
    keys = [*keys_of(Course.objects.filter(pk=course.pk)).values()]
    in_a_file = [row for row in told_of(keys, Told(True, True)) if "SCHEDULE" in row["event_code"]]
    assert [row["label"] for row in in_a_file[:2]] == [done.label, skipped.label]
    assert in_a_file[1]["value"] == "Signora Rossi abroad"


def test_what_follows_a_planned_infusion_is_not_told_yet(course: Course, coordinator: User) -> None:
    infuse(course, coordinator)
    Reminder.objects.filter(course=course).update(provisional=True)
    assert told(coordinator, course) == []
