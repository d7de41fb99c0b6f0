"""/healthz and /readyz: what they ask, what they say, and that they say nothing more."""

import time
from datetime import timedelta

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoDbBlocker, Settings
from redis import Redis, RedisError
from structlog.testing import capture_logs

from accounts.models import User
from config import health
from patients import anchors
from patients.courses import lock_course
from patients.models import Course
from reminders.clocks import skew
from reminders.dispatches import lay_dispatches
from reminders.models import Dispatch, SweepRun
from reminders.sweeping import sweep
from reminders.tasks import sweep_now
from tests.conftest import make_protocol, referring
from tests.marrow_only import marrow_only


@pytest.fixture
def swept(db: None) -> None:
    """A sweep ran just now."""
    sweep(now=timezone.now(), host="worker")


def test_healthz_answers_without_the_database(
    client: Client, django_db_blocker: DjangoDbBlocker
) -> None:
    with django_db_blocker.block():
        response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok")
    assert "no-cache" in response["Cache-Control"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_both_are_only_read(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405


def test_readyz_says_that_all_works(client: Client, swept: None) -> None:
    response = client.get("/readyz")
    answer = response.json()
    assert response.status_code == 200
    assert 0 <= answer.pop("last_sweep_age_seconds") < 60
    assert answer == {
        "database": "ok",
        "broker": "ok",
        "clock_skew_seconds": 0,
        "sweep": "ok",
        "oldest_unsent_seconds": None,
        "dead_letters": 0,
        "courses_not_planned": 0,
        "oldest_overdue_days": None,
    }


def test_readyz_waits_five_minutes_for_the_first_sweep(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "_started", time.monotonic())
    response = client.get("/readyz")
    assert (response.status_code, response.json()["sweep"]) == (200, "starting")
    assert response.json()["last_sweep_age_seconds"] is None
    monkeypatch.setattr(health, "_started", time.monotonic() - 301)
    response = client.get("/readyz")
    assert (response.status_code, response.json()["sweep"]) == (503, "late")


def test_readyz_is_red_when_the_last_sweep_is_too_old(client: Client, db: None) -> None:
    sweep(now=timezone.now() - timedelta(minutes=6), host="worker")
    response = client.get("/readyz")
    assert (response.status_code, response.json()["sweep"]) == (503, "late")
    assert response.json()["last_sweep_age_seconds"] >= 359


def test_readyz_names_the_oldest_overdue_reminder_by_its_days_only(
    client: Client, swept: None, coordinator: User
) -> None:
    course = referring(make_protocol(marrow_only()))(coordinator)
    on = timezone.localdate() - timedelta(days=60)
    with transaction.atomic():
        locked = lock_course(course.pk, actor=coordinator)
        anchors.set_actual(locked, "infusion", on, actor=coordinator, now=timezone.now())
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json()["oldest_overdue_days"] == 60 - 28 - 7


def test_readyz_tells_what_is_not_sent_and_what_was_given_up(
    client: Client, course: Course, coordinator: User, haematologist: User
) -> None:
    now = timezone.now()
    with transaction.atomic():
        locked = lock_course(course.pk, actor=coordinator)
        on = timezone.localdate() - timedelta(days=40)
        anchors.set_actual(locked, "infusion", on, actor=coordinator, now=now)
    lay_dispatches(now)
    SweepRun.objects.create(started_at=now, finished_at=now, planned=0, host="worker")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["dead_letters"]) == (200, 0)
    assert 11 < answer.json()["oldest_unsent_seconds"] / 86400 < 41
    Dispatch.objects.update(status="dead")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["dead_letters"]) == (200, Dispatch.objects.count())
    assert answer.json()["oldest_unsent_seconds"] is None


def test_readyz_is_red_without_a_broker_and_names_no_address(
    client: Client, swept: None, settings: Settings
) -> None:
    settings.CELERY_BROKER_URL = "redis://:secret-word@127.0.0.1:1/0"
    response = client.get("/readyz")
    assert (response.status_code, response.json()["broker"]) == (503, "unreachable")
    assert response.json()["database"] == "ok"
    assert b"secret-word" not in response.content
    assert b"127.0.0.1" not in response.content


def test_readyz_is_red_without_a_database_and_still_answers(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> None:
        raise DatabaseError("connection to server at 10.0.0.7 failed")

    monkeypatch.setattr(health, "last_sweep", gone)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"database": "unreachable", "broker": "ok"}


def test_a_broker_that_answers_with_an_error_is_not_ready(
    client: Client, swept: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **options: object) -> None:
        raise RedisError("NOAUTH")

    monkeypatch.setattr(Redis, "ping", refuse)
    assert client.get("/readyz").status_code == 503


@pytest.mark.parametrize(("ahead", "status"), [(59, 200), (90, 503), (-90, 503)])
def test_readyz_is_red_when_its_clock_and_the_databases_are_apart(
    client: Client, swept: None, monkeypatch: pytest.MonkeyPatch, ahead: int, status: int
) -> None:
    monkeypatch.setattr(health, "skew", lambda now: timedelta(seconds=ahead))
    response = client.get("/readyz")
    assert (response.status_code, response.json()["clock_skew_seconds"]) == (status, ahead)


def test_worker_with_a_wrong_clock_says_so_and_sweeps(
    db: None,
) -> None:
    with time_machine.travel(timezone.now() + timedelta(seconds=90)):
        assert 89 <= skew(timezone.now()).total_seconds() <= 95
        with capture_logs() as told:
            sweep_now()
    assert [(row["event"], row["log_level"]) for row in told if row["event"] == "clock_skew"] == [
        ("clock_skew", "error")
    ]
    assert SweepRun.objects.count() == 1
    with capture_logs() as told:
        sweep_now()
    assert [row for row in told if row["event"] == "clock_skew"] == []
