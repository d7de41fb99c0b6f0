"""A mail server that refuses, hangs or goes away: tried again or given up, and never in the way."""

import smtplib
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import User
from patients.models import Course
from protocol.models import Protocol
from reminders import mailing
from reminders.digests import make_digests
from reminders.mailing import LEASE, fault_of, send_digests
from reminders.models import Delivery, Digest
from reminders.preferences import Wishes, set_wishes
from reminders.sending import send_due
from tests import smtp_sink
from tests.conftest import NOW, UserWith, make_protocol
from tests.marrow_only import marrow_only
from tests.services.test_sweep import infuse
from tests.smtp_sink import Sink

pytestmark = pytest.mark.django_db
EIGHT = datetime(2026, 11, 17, 7, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def protocol(db: None) -> Protocol:
    """A schedule of one item."""
    return make_protocol(marrow_only())


@pytest.fixture
def sink(settings: Settings) -> Iterator[Sink]:
    """The mail server of the site, which it waits for a moment only."""
    with smtp_sink.running() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_TIMEOUT = 0.3
        yield server


@pytest.fixture
def digest(course: Course, coordinator: User, haematologist: User, user_with: UserWith) -> Digest:
    """What a haematologist is sent by e-mail."""
    _reachable(haematologist)
    infuse(course, coordinator)
    send_due(EIGHT)
    make_digests(EIGHT)
    return Digest.objects.get()


def _reachable(user: User, address: str = "h@example.org") -> None:
    User.objects.filter(pk=user.pk).update(email=address)
    user.refresh_from_db()
    set_wishes(wishes=Wishes(True, 8, "en"), actor=user, now=NOW)


def test_a_kind_server_takes_it_once(digest: Digest, sink: Sink) -> None:
    assert [send_digests(EIGHT).sent, send_digests(EIGHT + MINUTE).sent] == [1, 0]
    [letter] = sink.letters
    assert letter["To"] == "h@example.org"
    assert sink.keys == [f"<digest-{digest.message_key}@127.0.0.1>"]


@pytest.mark.parametrize(
    ("mood", "code"),
    [
        ("451", "smtp_451"),
        ("421", "smtp_421"),
        ("hang", "SMTPServerDisconnected"),
        ("drop", "SMTPServerDisconnected"),
    ],
)
def test_what_may_pass_is_tried_again_after_longer_and_longer_pauses(
    mood: str, code: str, digest: Digest, sink: Sink
) -> None:
    sink.mood = mood
    began = time.monotonic()
    assert send_digests(EIGHT).failed == 1
    assert time.monotonic() - began < 5
    digest.refresh_from_db()
    assert (digest.status, digest.error_code, digest.attempts) == ("waiting", code, 1)
    assert digest.next_try_at == EIGHT + MINUTE
    assert send_digests(EIGHT + MINUTE / 2).failed == 0
    assert send_digests(EIGHT + MINUTE).failed == 1
    digest.refresh_from_db()
    assert digest.next_try_at == EIGHT + 3 * MINUTE
    sink.mood = "kind"
    assert send_digests(EIGHT + 3 * MINUTE).sent == 1
    digest.refresh_from_db()
    assert (digest.status, digest.error_code, digest.attempts) == ("sent", "", 3)
    assert len(set(sink.keys)) == 1, "a repeat carries the same Message-ID"
    assert len(sink.keys) == (3 if mood == "drop" else 1)


@pytest.mark.parametrize(("mood", "code"), [("550", "smtp_550"), ("554", "smtp_554")])
def test_what_will_not_pass_is_given_up_at_once(
    mood: str, code: str, digest: Digest, sink: Sink
) -> None:
    sink.mood = mood
    assert send_digests(EIGHT).failed == 1
    digest.refresh_from_db()
    assert (digest.status, digest.error_code, digest.attempts) == ("dead", code, 1)
    assert send_digests(EIGHT + 60 * MINUTE).failed == 0


def test_an_address_that_is_none_is_given_up_and_hides_nobody(
    digest: Digest, sink: Sink, haematologist: User, user_with: UserWith
) -> None:
    User.objects.filter(pk=haematologist.pk).update(email="h@@example.org\nBcc: x@example.org")
    other = user_with("coordinator")
    _reachable(other, "c@example.org")
    send_due(EIGHT + timedelta(days=10))
    now = EIGHT + timedelta(days=10, minutes=11)
    tally = send_digests(now)
    assert (tally.sent, tally.failed) == (1, 1)
    digest.refresh_from_db()
    assert (digest.status, digest.error_code) == ("dead", "bad_address")
    assert [letter["To"] for letter in sink.letters] == ["c@example.org"]


def test_after_eight_tries_somebody_has_to_look(digest: Digest, sink: Sink) -> None:
    sink.mood, now = "451", EIGHT
    while digest.status == "waiting":
        assert send_digests(now).failed == 1
        digest.refresh_from_db()
        now = digest.next_try_at or now
    assert (digest.status, digest.attempts) == ("dead", 8)
    assert now - EIGHT == timedelta(minutes=1 + 2 + 4 + 8 + 16 + 32 + 60)


def test_a_server_that_hangs_ends_the_run_and_holds_no_reminder_up(
    digest: Digest, sink: Sink, coordinator: User
) -> None:
    _reachable(coordinator, "c@example.org")
    later = EIGHT + timedelta(days=10, minutes=11)
    sink.mood = "hang"
    send_due(later)
    assert send_digests(later).failed == 1
    assert sink.calls == 1, "one hang a run, whoever else waits"
    assert Digest.objects.filter(status="waiting").count() == 2
    assert Delivery.objects.filter(channel="inapp").count() == 2


def test_killed_between_the_servers_yes_and_the_commit_it_is_repeated_with_the_same_id(
    digest: Digest, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(mailing, "_give_back", die)
    with pytest.raises(KeyboardInterrupt):
        send_digests(EIGHT)
    monkeypatch.undo()
    assert send_digests(EIGHT + LEASE).sent == 0
    assert send_digests(EIGHT + LEASE + MINUTE).sent == 1
    assert len(sink.keys) == 2
    assert len(set(sink.keys)) == 1


def test_a_worker_that_dies_of_it_each_time_is_given_up(digest: Digest, sink: Sink) -> None:
    Digest.objects.update(attempts=8)
    assert send_digests(EIGHT).failed == 1
    digest.refresh_from_db()
    assert (digest.status, digest.error_code, sink.calls) == ("dead", "worker_lost", 0)


def test_a_run_ends_when_its_time_is_up(
    digest: Digest, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailing, "MOST_SECONDS", 0)
    assert send_digests(EIGHT).sent == 0


def test_a_fault_of_our_own_is_tried_again_and_stops_nobody() -> None:
    fault = fault_of(LookupError("Maria Rossi"))
    assert (fault.code, fault.permanent, fault.server) == ("LookupError", False, False)
    refused = smtplib.SMTPAuthenticationError(535, b"no")
    assert fault_of(refused) == mailing.Fault("smtp_535", permanent=False, server=True)
