"""In the feed each entry keeps its UID, and whatever moves or withdraws it has a higher number."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from accounts.models import User
from patients.models import Course
from reminders import closing
from reminders.correcting_tasks import correct_task
from reminders.hand_tasks import NewTask, add_task
from reminders.models import Reminder
from reminders.subscribing import subscribe
from tests.conftest import NOW
from tests.services.test_reminders import come_back, infuse, leave

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
ZERO = TODAY - timedelta(days=48)
Told = dict[str, tuple[str, date, int, datetime]]


@pytest.fixture
def infused(course: Course, coordinator: User) -> Course:
    """A course on day +48."""
    infuse(course, coordinator, ZERO)
    return course


@pytest.fixture
def told(coordinator: User) -> Callable[[datetime], Told]:
    """What a calendar program reads at a moment, by UID."""
    cache.clear()
    path = reverse(
        "calendar_feed",
        args=[subscribe(mine=False, language="en", actor=coordinator, now=NOW).secret],
    )

    def read(now: datetime) -> Told:
        with time_machine.travel(now, tick=False):
            answer = Client().get(path)
        assert answer.status_code == 200
        events: Any = Calendar.from_ical(answer.content).walk("VEVENT")
        return {
            str(one["UID"]): (
                str(one["STATUS"]), one["DTSTART"].dt, int(one["SEQUENCE"]),
                one["LAST-MODIFIED"].dt,
            )
            for one in events
        }  # fmt: skip

    return read


def test_whatever_moves_or_withdraws_an_entry_is_newer_than_what_was_told(
    infused: Course, coordinator: User, haematologist: User, told: Callable[[datetime], Told]
) -> None:
    task = NewTask(due_on=TODAY + timedelta(days=3), label="Call", role="coordinator")
    row = add_task(course_id=infused.pk, task=task, actor=coordinator, now=NOW)
    puncture = Reminder.objects.get(course=infused, item="CNS_IT", ordinal=1)
    later = Reminder.objects.get(course=infused, item="VISIT_M3_12", ordinal=1)
    other = NewTask(due_on=TODAY + timedelta(days=5), label="Call", role="coordinator")
    acts: list[Callable[[datetime], Any]] = [
        lambda now: closing.mark_done(
            reminder_id=puncture.pk, done_on=TODAY, actor=haematologist, now=now
        ),
        lambda now: correct_task(
            reminder_id=row.pk, task=other, reason="x", actor=coordinator, now=now
        ),
        lambda now: closing.snooze(
            reminder_id=later.pk,
            until=later.due_on + timedelta(days=4),
            reason="x",
            actor=haematologist,
            now=now,
        ),
        lambda now: leave(infused, haematologist, now),
        lambda now: come_back(infused, haematologist, now),
        lambda now: closing.reopen(
            reminder_id=puncture.pk, reason="x", actor=haematologist, now=now
        ),
        lambda now: closing.reopen(reminder_id=later.pk, reason="x", actor=haematologist, now=now),
        lambda now: infuse(infused, coordinator, ZERO + timedelta(days=1), now),
    ]
    before, moved = told(NOW), 0
    for number, act in enumerate(acts, start=1):
        now = NOW + timedelta(minutes=number)
        act(now)
        after = told(now)
        for uid in set(before) & set(after):
            (status, on, sequence, modified), (now_is, lies, newer, changed) = (
                before[uid],
                after[uid],
            )
            if (status, on) != (now_is, lies):
                moved += 1
                assert newer > sequence, (number, uid, before[uid], after[uid])
                assert changed > modified, (number, uid, before[uid], after[uid])
        before = after
    assert moved > 20
