"""How a session ends by itself, and what page, fragment and API are told."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.idle import BACKGROUND_HEADER, MARK_SECONDS
from accounts.models import User
from audit.models import AuditEvent
from tests.conftest import UserWith

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 12, 8, 0, tzinfo=UTC)
IDLE = timedelta(minutes=settings.IDLE_MINUTES)
OVER = IDLE + timedelta(seconds=MARK_SECONDS + 1)
PAGE = "/accounts/permissions/"


@pytest.fixture
def nurse(user_with: UserWith) -> User:
    """A ward nurse."""
    return user_with("ward_nurse", username="anna")


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """A clock that stands still until moved."""
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def signed_in(clock: time_machine.Traveller, client: Client, nurse: User) -> Client:
    """A browser with a session that starts now."""
    client.force_login(nurse)
    assert client.get(PAGE).status_code == 200
    return client


def test_session_lives_as_long_as_it_is_used(
    signed_in: Client, clock: time_machine.Traveller
) -> None:
    for _ in range(5):
        clock.shift(IDLE)
        assert signed_in.get(PAGE).status_code == 200


def test_idle_session_ends_with_a_message_and_the_way_back(
    signed_in: Client, clock: time_machine.Traveller
) -> None:
    clock.shift(OVER)
    response = signed_in.get(f"{PAGE}?a=1&b=2")
    assert response.status_code == 302
    assert (
        response["Location"]
        == f"{reverse('account_login')}?next=%2Faccounts%2Fpermissions%2F%3Fa%3D1%26b%3D2"
    )
    page = signed_in.get(response["Location"])
    assert "signed out because the site was not used" in page.content.decode()
    event = AuditEvent.objects.get(action="session.time_out")
    assert (event.actor_name, event.reason) == ("anna", "idle")


def test_session_ended_for_a_post_comes_back_to_the_page_it_was_sent_from(
    signed_in: Client, clock: time_machine.Traveller
) -> None:
    clock.shift(OVER)
    response = signed_in.post(
        reverse("switch_centre"), headers={"Referer": f"http://testserver{PAGE}"}
    )
    assert response["Location"] == f"{reverse('account_login')}?next=%2Faccounts%2Fpermissions%2F"


def test_session_ended_for_a_post_from_elsewhere_has_no_way_back(
    signed_in: Client, clock: time_machine.Traveller
) -> None:
    clock.shift(OVER)
    response = signed_in.post(
        reverse("switch_centre"), headers={"Referer": "https://example.org/x"}
    )
    assert response["Location"] == reverse("account_login")


def test_session_ends_after_its_longest_life_however_busy(
    signed_in: Client, clock: time_machine.Traveller
) -> None:
    life = timedelta(seconds=settings.SESSION_COOKIE_AGE)
    while datetime.now(UTC) + IDLE <= START + life:
        clock.shift(IDLE)
        assert signed_in.get(PAGE).status_code == 200
    clock.move_to(START + life + timedelta(seconds=1))
    assert signed_in.get(PAGE).status_code == 302
    assert AuditEvent.objects.get(action="session.time_out").reason == "longest life"


def test_what_a_page_asks_by_itself_is_no_use(
    signed_in: Client, clock: time_machine.Traveller
) -> None:
    for _ in range(6):
        clock.shift(IDLE / 6)
        assert signed_in.get(PAGE, headers={BACKGROUND_HEADER: "1"}).status_code == 200
    clock.shift(timedelta(seconds=MARK_SECONDS + 1))
    answer = signed_in.get(PAGE, headers={BACKGROUND_HEADER: "1"})
    assert answer.status_code == 401


def test_fragment_of_an_ended_session_is_401_and_says_where_to_sign_in(
    signed_in: Client, clock: time_machine.Traveller
) -> None:
    clock.shift(OVER)
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{PAGE}?x=1"}
    for _ in range(2):  # also once the session is gone
        answer = signed_in.get(PAGE, headers=headers)
        assert answer.status_code == 401
        event = json.loads(answer["HX-Trigger"])["session-ended"]
        assert event["signIn"].endswith("?next=%2Faccounts%2Fpermissions%2F%3Fx%3D1")


def test_api_of_an_ended_session_is_401_problem(
    signed_in: Client, clock: time_machine.Traveller
) -> None:
    clock.shift(OVER)
    answer = signed_in.post(reverse("api_logout"))
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert set(problem) == {"type", "title", "status", "code", "detail", "reasons"}
    assert (problem["code"], problem["reasons"][0]["code"]) == ("session_ended", "session_ended")
    assert answer["Clear-Site-Data"] == '"cache"'


def test_mark_is_written_at_most_once_a_minute(
    signed_in: Client, clock: time_machine.Traveller
) -> None:
    before = signed_in.session["last_used_at"]
    clock.shift(timedelta(seconds=MARK_SECONDS - 1))
    signed_in.get(PAGE)
    assert signed_in.session["last_used_at"] == before
    clock.shift(timedelta(seconds=1))
    signed_in.get(PAGE)
    assert signed_in.session["last_used_at"] == before + MARK_SECONDS


def test_signed_in_answers_are_kept_by_no_cache(signed_in: Client) -> None:
    assert signed_in.get(PAGE)["Cache-Control"] == "no-store"
    assert "no-store" not in Client().get("/about/").headers.get("Cache-Control", "")
