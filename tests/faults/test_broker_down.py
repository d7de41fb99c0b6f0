"""A broker that is gone, or takes calls and never answers: people see a banner and nothing else."""

import socket
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from config.celery import app
from patients.anchors import set_actual
from patients.courses import lock_course
from patients.models import Course
from reminders import selectors
from reminders.sweeping import sweep
from tests.conftest import NOW


@pytest.fixture
def hung(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """A port that takes connections and never answers, as a stopped Redis does."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        _use_broker(server.getsockname()[1], settings, monkeypatch)
        yield server


@pytest.fixture
def gone(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    _use_broker(port, settings, monkeypatch)


def _use_broker(port: int, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"redis://127.0.0.1:{port}/0"
    settings.CELERY_BROKER_URL = address
    monkeypatch.setattr(app.conf, "broker_url", address)


def called(server: socket.socket) -> bool:
    """Whether anybody has connected since."""
    try:
        connection, _ = server.accept()
    except BlockingIOError:
        return False
    connection.close()
    return True


def test_readyz_gives_up_on_a_broker_that_never_answers(
    hung: socket.socket, db: None, client: Client
) -> None:
    sweep(now=timezone.now(), host="worker")
    response = client.get("/readyz")
    assert (response.status_code, response.json()["broker"]) == (503, "unreachable")
    assert response.json()["sweep"] == "ok"
    assert called(hung)


@pytest.mark.usefixtures("gone")
def test_readyz_answers_when_the_broker_is_gone(db: None, client: Client) -> None:
    response = client.get("/readyz")
    assert (response.status_code, response.json()["broker"]) == (503, "unreachable")


def test_pages_are_served_without_asking_the_broker(
    hung: socket.socket, client: Client, coordinator: User
) -> None:
    client.force_login(coordinator)
    for path in ("/", "/about/", "/healthz"):
        assert client.get(path).status_code == 200, path
    assert not called(hung)


def test_writes_and_the_due_list_need_no_broker(
    hung: socket.socket, course: Course, coordinator: User
) -> None:
    today = timezone.localdate(NOW)
    with transaction.atomic():
        locked = lock_course(course.pk, actor=coordinator)
        infused_on = today - timedelta(days=20)
        set_actual(locked, "infusion", infused_on, actor=coordinator, now=NOW)
    (due,) = selectors.due_within(coordinator, 30, today).filter(item="MARROW")
    assert due.due_on == today + timedelta(days=8)
    assert not called(hung)


@pytest.mark.usefixtures("hung")
def test_five_minutes_without_a_sweep_raise_the_banner(db: None) -> None:
    sweep(now=NOW, host="worker")
    assert not selectors.sweep_banner(NOW + timedelta(minutes=5))
    assert selectors.sweep_banner(NOW + timedelta(minutes=6))
