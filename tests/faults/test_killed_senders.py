"""Senders killed, cut off and emptied of their ticks: nothing is lost, nothing comes twice.

`make faults` does it at length: FAULT_KILLS and FAULT_REMINDERS.
"""

import os
import random
import signal
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from celery import current_app
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from redis import Redis

from accounts.models import User
from patients.models import Course
from protocol.models import Protocol
from reminders.dispatches import lay_dispatches
from reminders.models import Delivery, Dispatch, Reminder
from reminders.sending import send_due
from tests.conftest import make_protocol
from tests.marrow_only import marrow_only
from tests.services.test_sweep import infuse

KILLS = int(os.environ.get("FAULT_KILLS", "2"))
REMINDERS = int(os.environ.get("FAULT_REMINDERS", "100"))
SENDERS = 3
EIGHT = datetime(2026, 11, 17, 7, tzinfo=UTC)
# Leases and pauses are minutes: the clock of these senders runs faster than the wall's.
FASTER = 1000
COPIES = """
    INSERT INTO reminders_reminder (course_id, item, anchor_kind, anchor_occurrence, ordinal,
        due_on, window_start, window_end, provisional, unsure, role, planned_at, reason, status,
        closed_by, closed_cause)
    SELECT course_id, item, anchor_kind, anchor_occurrence, 100 + n, due_on, window_start,
        window_end, false, false, role, planned_at, '', 'open', '', ''
    FROM reminders_reminder, generate_series(1, %s) n WHERE id = %s"""
OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1"""


@pytest.fixture
def protocol(db: None) -> Protocol:
    """A schedule of one item."""
    return make_protocol(marrow_only())


@pytest.fixture
def first(course: Course, coordinator: User, haematologist: User) -> Reminder:
    """The first marrow of a course, due at eight."""
    infuse(course, coordinator)
    return Reminder.objects.filter(course=course).earliest("due_on")


def _send_for_ever(began: float) -> None:
    """The life of a sender: what a worker does at each tick, with a clock that runs."""
    connection.connection = None  # the parent's; closing it would end it for both
    while True:
        try:
            send_due(EIGHT + timedelta(seconds=(time.time() - began) * FASTER))
        except (OperationalError, InterfaceError):
            connection.close()
        time.sleep(0.01)


def _fork(began: float) -> int:
    pid = os.fork()
    if pid == 0:
        try:
            _send_for_ever(began)
        finally:
            os._exit(1)
    return pid


def _end(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_senders_killed_and_cut_off_lose_nothing_and_double_nothing(first: Reminder) -> None:
    with connection.cursor() as cursor:
        cursor.execute(COPIES, [REMINDERS - 1, first.pk])
    chance, began = random.Random(20261117), time.time()
    senders = [_fork(began) for _ in range(SENDERS)]
    kills = cuts = 0
    try:
        while _waiting():
            assert time.time() - began < 300, "they do not come to an end"
            time.sleep(chance.uniform(0.05, 0.3) if kills + cuts < KILLS else 0.1)
            if kills + cuts >= KILLS:
                continue
            if (kills + cuts) % 2:
                with connection.cursor() as cursor:
                    cursor.execute(OTHERS)
                cuts += 1
            else:
                _end(senders.pop(chance.randrange(len(senders))))
                senders.append(_fork(began))
                kills += 1
    finally:
        for pid in senders:
            _end(pid)
    told = Counter(Delivery.objects.filter(channel="inapp").values_list("dispatch", flat=True))
    sent = Dispatch.objects.filter(step=0, status="sent")
    print(  # noqa: T201 - the long run says what it found
        f"{REMINDERS} reminders, {kills} kills, {cuts} cuts: {REMINDERS - sent.count()} lost, "
        f"{sum(count - 1 for count in told.values())} twice, "
        f"at most {max(sent.values_list('attempts', flat=True))} tries"
    )
    assert kills + cuts >= min(KILLS, 1)
    assert set(told.values()) == {1}
    assert len(told) == sent.count() == REMINDERS


def _waiting() -> bool:
    laid = Dispatch.objects.filter(step=0)
    return laid.count() < REMINDERS or laid.filter(status="waiting").exists()


@pytest.mark.django_db
def test_a_broker_that_is_emptied_loses_nothing(first: Reminder) -> None:
    current_app.loader.import_default_modules()
    lay_dispatches(EIGHT)
    # A connection of its own: the pool may still hold one to a broker of another test.
    with (
        Redis.from_url(settings.CELERY_BROKER_URL) as broker,
        current_app.connection_for_write(settings.CELERY_BROKER_URL) as connection,
    ):
        for _ in range(10):
            current_app.tasks["reminders.sweep"].apply_async(connection=connection)
        assert broker.llen("celery") >= 10
        held = b" ".join(broker.lrange("celery", 0, -1))
        broker.flushall()
        assert broker.llen("celery") == 0
    course = first.course
    for word in (course.code, course.patient.family_name, first.item):
        assert word.encode() not in held
    assert send_due(EIGHT).sent == 1
