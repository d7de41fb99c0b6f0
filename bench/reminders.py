"""Planning fifteen years of a course, a tick without work, and 10,000 of 100,000 that come due."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from unittest.mock import patch

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from bench.noop import noop
from config.celery import app
from patients.courses import lock_course
from patients.models import Course
from reminders import laying, sending
from reminders.dispatches import lay_dispatches, not_laid
from reminders.models import Dispatch, Reminder, Sending, Status

FIFTEEN_YEARS = timedelta(days=15 * 366)
WAITING, DUE = 100_000, 10_000
NOOPS = 2_000


@dataclass(frozen=True)
class Planned:
    """Laying a course out anew: milliseconds, statements, and the rows that it made."""

    milliseconds: float
    queries: int
    rows: int


@dataclass(frozen=True)
class Swept:
    """What a tick with 10,000 due reminders does, beside the most that Celery could."""

    nothing_due_queries: int
    nothing_due_reads_all: bool
    waiting: int
    due: int
    claimed: int
    found_seconds: float
    sent_per_second: float
    noops_per_second: float


def measure_planning(rounds: int) -> tuple[Planned, Planned]:
    """A followed course laid out anew over 400 days and over fifteen years, each taken back."""
    pk = Course.objects.filter(patient__family_name="Lombardi").earliest("pk").pk
    actor = User.objects.get(username="coordinator")
    return _planned(pk, actor, laying.HORIZON, rounds), _planned(pk, actor, FIFTEEN_YEARS, rounds)


def measure_sweep(now: datetime) -> Swept:
    """Send for one tick from 100,000 waiting reminders of which 10,000 come due at once."""
    while lay_dispatches(now):
        pass
    Dispatch.objects.update(status=Sending.SENT, lease_until=None)
    with CaptureQueriesContext(connection) as captured:
        if sending.something_to_send(now):
            raise RuntimeError("something is due before anything was made due")
    reads_all = "Seq Scan on reminders_reminder" in not_laid(now).values_list("pk")[:1].explain()
    due = _make_due(now)
    found, claimed = _found_and_claimed(now)
    began = time.perf_counter()
    tally = sending.send_due(now)
    rate = tally.sent / (time.perf_counter() - began)
    return Swept(
        nothing_due_queries=len(captured),
        nothing_due_reads_all=reads_all,
        waiting=Reminder.objects.filter(status=Status.OPEN).count(),
        due=due,
        claimed=claimed,
        found_seconds=found,
        sent_per_second=rate,
        noops_per_second=_noops_per_second(),
    )


def _planned(pk: int, actor: User, horizon: timedelta, rounds: int) -> Planned:
    took, queries, rows = [], 0, 0
    for _ in range(rounds):
        with transaction.atomic(), patch.object(laying, "HORIZON", horizon):
            course = lock_course(pk, actor=actor)
            Reminder.objects.filter(course=course).delete()
            with CaptureQueriesContext(connection) as captured:
                start = time.perf_counter()
                laying.lay_out([course], actor=actor, now=timezone.now())
                took.append((time.perf_counter() - start) * 1000)
            queries, rows = len(captured), Reminder.objects.filter(course=course).count()
            transaction.set_rollback(True)
    return Planned(median(took), queries, rows)


def _make_due(now: datetime) -> int:
    """Enough waiting rows, and 10,000 of them due today; how many are to be sent."""
    today = now.date()
    far = Reminder.objects.filter(status=Status.OPEN, due_on__gt=today + timedelta(days=30))
    missing = max(0, WAITING - Reminder.objects.filter(status=Status.OPEN).count())
    copies = list(far.order_by("pk")[:missing])
    for number, row in enumerate(copies):
        row.pk, row.item, row.ordinal = None, "BENCH", 1 + number % 30_000
    Reminder.objects.bulk_create(copies, batch_size=2000, ignore_conflicts=True)
    soon = list(far.order_by("course_id", "pk").values_list("pk", flat=True)[:DUE])
    Reminder.objects.filter(pk__in=soon).update(
        due_on=today, window_start=today, window_end=today + timedelta(days=7), provisional=False
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return not_laid(now).count()


def _found_and_claimed(now: datetime) -> tuple[float, int]:
    """Seconds until the due reminders are found and taken, nothing sent yet; how many were."""
    with patch.object(sending, "_try"):
        began = time.perf_counter()
        sending.send_due(now)
        took = time.perf_counter() - began
    taken = Dispatch.objects.filter(status=Sending.WAITING, attempts__gt=0)
    claimed = taken.values("reminder").distinct().count()
    taken.update(lease_until=None, attempts=0)
    return took, claimed


def _noops_per_second() -> float:
    """The rate of tasks that do nothing, by the same Celery and Redis with the same worker."""
    with _worker():
        _publish_and_wait(20)  # until it is up
        began = time.perf_counter()
        _publish_and_wait(NOOPS)
        return NOOPS / (time.perf_counter() - began)


@contextmanager
def _worker() -> Iterator[None]:
    command = [sys.executable, "-m", "celery", "-A", "config", "worker"]
    options = ["--include", "bench.noop", "--concurrency", "2", "--loglevel", "ERROR"]
    worker = subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        worker.terminate()
        worker.wait(timeout=60)


def _publish_and_wait(count: int) -> None:
    for _ in range(count):
        noop.apply_async()
    with app.connection_for_read() as broker:
        redis = broker.default_channel.client
        deadline = time.monotonic() + 120
        while redis.llen("celery") or redis.hlen("unacked"):
            if time.monotonic() > deadline:
                raise RuntimeError("the worker did not finish")
            time.sleep(0.01)
