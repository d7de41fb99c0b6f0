"""An exit, a death or an error cancels everything, and its way back restores exactly that."""

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from accounts.models import User
from patients.charting import add_entry
from patients.deaths import record_death, withdraw_death
from patients.models import Course
from reminders import closing
from reminders.appointing import Booking, book, cancel
from reminders.appointment_models import Appointment
from reminders.awaiting import await_result
from reminders.hand_tasks import NewTask, add_task
from reminders.laying import lay_out
from reminders.models import WAITING, Dispatch, Reminder
from reminders.sending import send_due
from reminders.sweeping import SWEEP
from terms.refusals import Refused
from tests.conftest import NOW
from tests.services.test_reminders import come_back, infuse, leave

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
ZERO = TODAY - timedelta(days=62)
MINUTE = timedelta(minutes=1)
VALUES = (("IGG", "5", "g/L"), ("CD4", "300", "10*6/L"), ("ANC", "0.2", "10*9/L"))
# What says when a row was planned or written, and not what it asks.
_TECHNICAL = {"revision", "changed_at", "changed_by"}


def picture(course: Course) -> list[dict[str, Any]]:
    found = []
    for model in (Reminder, Appointment):
        names = [one.name for one in model._meta.fields if one.name not in _TECHNICAL]
        found += list(model.objects.filter(course=course).order_by("pk").values(*names))
    return found


def lived_with(course: Course, actor: User, seed: int) -> datetime:
    """Two months of a course in which people did all sorts of things; returns the moment after."""
    dice, now = random.Random(seed), NOW
    at: dict[str, Any] = {"course_id": course.pk, "actor": actor}
    for number in range(3):
        task = NewTask(
            due_on=TODAY + timedelta(days=number), label="Call", role="coordinator",
            every=1 if number else None, unit="weeks" if number else "",
            last=TODAY + timedelta(days=20) if number else None,
        )  # fmt: skip
        add_task(task=task, now=now, **at)
        booking = Booking("visit", TODAY + timedelta(days=10 * number + 1))
        booked = book(booking=booking, now=now, **at)
        if number == 1:
            cancel(appointment_id=booked.pk, reason="x", now=now, **at)
    rows = list(Reminder.objects.filter(course=course, status__in=WAITING).order_by("pk"))
    for row in dice.sample(rows, 40):
        now += MINUTE
        given: dict[str, Any] = {"reminder_id": row.pk, "actor": actor, "now": now}
        day = TODAY - timedelta(days=dice.randrange(30))
        acts: list[Callable[[], object]] = [
            partial(closing.mark_done, done_on=day, **given),
            partial(closing.skip, reason="x", **given),
            partial(closing.snooze, until=TODAY + timedelta(days=9), reason="x", **given),
            partial(await_result, performed_on=day, **given),
        ]
        with suppress(Refused):
            dice.choice(acts)()
    for analyte, value, unit in VALUES:
        now += MINUTE
        said = {"analyte": analyte, "value": value, "unit": unit, "confirmed": True}
        on = (TODAY - timedelta(days=dice.randrange(20))).isoformat()
        add_entry(course_id=course.pk, kind="lab", values={"on": on, **said}, actor=actor, now=now)
    send_due(now)
    return now + MINUTE


def by_exit(course: Course, actor: User, now: datetime) -> None:
    leave(course, actor, now)
    lay_out([course], actor=SWEEP, now=now + MINUTE)
    send_due(now + MINUTE)
    come_back(course, actor, now + 2 * MINUTE)


def by_death(course: Course, actor: User, now: datetime) -> None:
    death = record_death(patient_id=course.patient_id, died_on=TODAY, actor=actor, now=now)
    lay_out([course], actor=SWEEP, now=now + MINUTE)
    withdraw_death(
        patient_id=death.patient_id, reason="another patient", actor=actor, now=now + 2 * MINUTE
    )


def by_exit_then_death(course: Course, actor: User, now: datetime) -> None:
    leave(course, actor, now)
    death = record_death(patient_id=course.patient_id, died_on=TODAY, actor=actor, now=now + MINUTE)
    withdraw_death(patient_id=death.patient_id, reason="x", actor=actor, now=now + 2 * MINUTE)
    come_back(course, actor, now + 3 * MINUTE)


@pytest.mark.parametrize(("way", "seed"), [(by_exit, 0), (by_death, 1), (by_exit_then_death, 2)])
def test_there_and_back_is_exactly_as_before(
    course: Course,
    coordinator: User,
    haematologist: User,
    way: Callable[[Course, User, datetime], None],
    seed: int,
) -> None:
    infuse(course, coordinator, ZERO)
    now = lived_with(course, haematologist, seed)
    lay_out([course], actor=SWEEP, now=now)
    before, sent = picture(course), Dispatch.objects.filter(status="sent").count()
    way(course, haematologist, now + MINUTE)
    after = picture(course)
    # A report of a death that was withdrawn stands cancelled, and nothing else is new.
    kept = [one for one in after if one.get("item") != "REG_DEATH"]
    assert kept == before, [pair for pair in zip(before, kept, strict=False) if pair[0] != pair[1]]
    send_due(now + 5 * MINUTE)
    assert Dispatch.objects.filter(status="sent").count() == sent, "nobody is told twice"
