"""Watching over sending: counts, what failed, trying again; how one wants to be told."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import Centre, Membership, User
from audit.models import AuditEvent
from patients.models import Course
from protocol.models import Protocol
from reminders import queue
from reminders.dispatches import lay_dispatches
from reminders.mailing import send_digests
from reminders.models import Digest, Dispatch
from reminders.sending import send_due
from terms.refusals import NotAllowed, Refused
from tests.conftest import NOW, UserWith, make_protocol
from tests.marrow_only import marrow_only
from tests.services.refused import codes
from tests.services.test_sweep import infuse

pytestmark = pytest.mark.django_db
EIGHT = datetime(2026, 11, 17, 7, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def protocol(db: None) -> Protocol:
    """A schedule of one item."""
    return make_protocol(marrow_only())


@pytest.fixture
def admin(user_with: UserWith) -> User:
    """Who watches over sending."""
    return user_with("centre_admin")


@pytest.fixture
def unsent(course: Course, coordinator: User, haematologist: User) -> Dispatch:
    """A reminder for a role that nobody holds any more, at an hour without anybody else there."""
    infuse(course, coordinator)
    haematologist.memberships.update(ended_at=NOW)
    theirs = Membership.objects.exclude(user=haematologist)
    theirs.update(ended_at=NOW)
    send_due(EIGHT)
    theirs.update(ended_at=None)
    return Dispatch.objects.get(step=0)


def give_up(row: Dispatch | Digest, code: str = "no_recipient") -> None:
    type(row).objects.filter(pk=row.pk).update(status="dead", attempts=8, error_code=code)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def send(user: User, name: str, method: str = "get", *args: int, **data: Any) -> Any:
    with time_machine.travel(EIGHT + MINUTE / 2, tick=False):
        return getattr(browser(user), method)(reverse(name, args=args), data, follow=True)


def test_the_page_counts_and_lists_what_failed_by_codes_only(
    unsent: Dispatch, admin: User, course: Course
) -> None:
    page = send(admin, "queue").content.decode()
    assert "no_recipient" in page
    assert course.code in page
    assert "MARROW" in page
    assert "Next try" in page
    assert "Rossi" not in page
    give_up(unsent)
    page = send(admin, "queue").content.decode()
    assert "Given up" in page
    assert "Why it may work now" in page
    [letter] = queue.letters(admin)
    assert (letter.dead, letter.kind, letter.step) == (True, "dispatch", 0)
    found = queue.counts(queue.dispatches_of(admin), EIGHT)
    assert (found.due, found.leased, found.failing, found.dead) == (0, 0, 0, 1)


def test_what_was_given_up_is_tried_again_with_a_reason(
    unsent: Dispatch, admin: User, user_with: UserWith
) -> None:
    give_up(unsent)
    page = send(admin, "queue_dispatch_retry", "post", unsent.pk, reason=" ").content.decode()
    assert "Say why this may work now." in page
    user_with("haematologist")
    page = send(admin, "queue_dispatch_retry", "post", unsent.pk, reason="role given")
    assert "It is tried again" in page.content.decode()
    event = AuditEvent.objects.get(action="sending.retry")
    assert (event.reason, event.before["error_code"]) == ("role given", "no_recipient")
    assert event.course_id == unsent.reminder.course_id
    assert send_due(EIGHT + MINUTE).sent == 1
    with pytest.raises(Refused) as refused:
        queue.retry(kind="dispatch", pk=unsent.pk, reason="", actor=admin, now=NOW)
    assert codes(refused.value) == {"not_given_up", "reason_needed"}


def test_a_protocol_that_can_be_read_again_is_followed(
    course: Course, coordinator: User, haematologist: User, admin: User
) -> None:
    infuse(course, coordinator)
    good = course.protocol_id
    poison = Protocol.objects.create(
        code="poison", version=1, title_en="x", title_it="x", product="x", data={}, sha256="e" * 64
    )
    Course.objects.filter(pk=course.pk).update(protocol=poison)
    lay_dispatches(EIGHT)
    Course.objects.filter(pk=course.pk).update(protocol=good)
    row = Dispatch.objects.get()
    queue.retry(kind="dispatch", pk=row.pk, reason="mended", actor=admin, now=NOW)
    assert send_due(EIGHT).sent == 1
    assert Dispatch.objects.count() == 4


def test_a_digest_is_tried_again_with_the_same_key(
    unsent: Dispatch, admin: User, user_with: UserWith, settings: Settings
) -> None:
    reader = user_with("haematologist")
    User.objects.filter(pk=reader.pk).update(email="h@example.org")
    send_due(EIGHT + MINUTE)
    settings.EMAIL_BACKEND = "no.such.backend"
    assert send_digests(EIGHT + MINUTE).failed == 1
    digest = Digest.objects.get()
    assert digest.error_code == "ModuleNotFoundError"
    assert [letter.what for letter in queue.letters(admin)] == [reader.username]
    give_up(digest)
    assert reader.username in send(admin, "queue").content.decode()
    send(admin, "queue_digest_retry", "post", digest.pk, reason="server mended")
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert send_digests(EIGHT + 2 * MINUTE).sent == 1
    assert Digest.objects.get().message_key == digest.message_key


def test_only_who_watches_and_only_at_their_centre(
    unsent: Dispatch, coordinator: User, user_with: UserWith, other_centre: Centre
) -> None:
    give_up(unsent)
    stranger = user_with("centre_admin", at=other_centre)
    assert queue.letters(stranger) == []
    assert send(stranger, "queue_dispatch_retry", "post", unsent.pk).status_code == 404
    with pytest.raises(Dispatch.DoesNotExist):
        queue.retry(kind="dispatch", pk=unsent.pk, reason="x", actor=stranger, now=NOW)
    assert queue.letters(coordinator) == []
    with pytest.raises(NotAllowed):
        queue.retry(kind="dispatch", pk=unsent.pk, reason="x", actor=coordinator, now=NOW)


def test_the_api_watches_and_tries_again(unsent: Dispatch, admin: User, course: Course) -> None:
    api = APIClient(raise_request_exception=True)
    api.force_authenticate(admin)
    give_up(unsent)
    with time_machine.travel(EIGHT + MINUTE / 2, tick=False):
        found = api.get("/api/v1/queue/").json()
        assert found["reminders"] == {"due": 0, "leased": 0, "failing": 0, "dead": 1}
        [letter] = found["letters"]
        assert (letter["id"], letter["what"], letter["error_code"]) == (
            unsent.pk, course.code, "no_recipient",
        )  # fmt: skip
        body = {"reason": "mended"}
        address = f"/api/v1/queue/dispatches/{unsent.pk}/retry/"
        answer = api.post(address, body, format="json")
        assert (answer.status_code, answer.json()) == (200, {"kind": "dispatch", "id": unsent.pk})
        assert api.post(address, body, format="json").json()["reasons"][0]["code"] == "not_given_up"
        assert api.post("/api/v1/queue/digests/4711/retry/", body, format="json").status_code == 404


def test_one_says_how_one_wants_to_be_told(haematologist: User) -> None:
    said = {"email": "on", "hour": "18", "language": "it"}
    page = send(haematologist, "sending_preferences", "post", **said)
    assert page.status_code == 422
    assert "You have no e-mail address here" in page.content.decode()
    User.objects.filter(pk=haematologist.pk).update(email="h@example.org")
    page = send(haematologist, "sending_preferences", "post", **said).content.decode()
    assert "Saved." in page
    assert '<option value="18" selected>' in page
    api = APIClient(raise_request_exception=True)
    api.force_authenticate(User.objects.get(pk=haematologist.pk))
    address = "/api/v1/me/sending/"
    assert api.get(address).json() == {"email": True, "hour": 18, "language": "it"}
    wanted = {"email": False, "hour": 7, "language": "en"}
    assert api.put(address, wanted, format="json").json() == wanted
    assert api.put(address, {**wanted, "hour": 3}, format="json").status_code == 400


def test_roles_that_nobody_holds_are_named_until_somebody_does(
    course: Course, coordinator: User, admin: User, user_with: UserWith
) -> None:
    infuse(course, coordinator)
    assert queue.roles_not_held(admin) == ["haematologist"]
    page = send(admin, "queue").content.decode()
    assert "Roles that nobody holds" in page
    assert "<li>Haematologist</li>" in page
    assert send(admin, "api_queue").json()["roles_not_held"] == ["haematologist"]
    somebody = user_with("haematologist")
    assert queue.roles_not_held(admin) == []
    assert "Roles that nobody holds" not in send(admin, "queue").content.decode()
    somebody.is_active = False
    somebody.save()
    assert queue.roles_not_held(admin) == ["haematologist"]
    assert queue.roles_not_held(coordinator) == []
