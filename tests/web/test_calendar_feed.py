"""The calendar feed: what leaves the site, to whom, until when, and what is kept of the secret."""

import re
from datetime import time, timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client, override_settings
from django.urls import reverse
from icalendar import Calendar

from accounts.models import User
from audit.models import AuditEvent
from config.request_log import PathOnlyRequestMiddleware
from patients.anchors import plan_date
from patients.models import Course
from reminders import feed
from reminders.appointing import Booking, book, cancel, change
from reminders.appointment_models import CalendarFeed
from reminders.subscribing import subscribe, unsubscribe
from tests.conftest import NOW, Refer, UserWith

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
SOON = TODAY + timedelta(days=8)


@pytest.fixture(autouse=True)
def clock() -> Any:
    """Everybody looks at the moment that tests call now."""
    cache.clear()
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def at(course: Course, coordinator: User) -> dict[str, Any]:
    """What every service is told."""
    return {"course_id": course.pk, "actor": coordinator, "now": NOW}


def link(user: User, *, mine: bool = False, language: str = "en") -> str:
    issued = subscribe(mine=mine, language=language, actor=user, now=NOW)
    return reverse("calendar_feed", args=[issued.secret])


def events(path: str) -> dict[str, Any]:
    """What a calendar program reads, by the kind that a summary begins with."""
    response = Client().get(path)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    found = Calendar.from_ical(response.content).walk("VEVENT")
    return {str(one["SUMMARY"]).split(" · ")[0]: one for one in found}


def test_the_feed_tells_initials_and_code_and_nothing_else(
    at: dict[str, Any], coordinator: User, course: Course
) -> None:
    plan_date(**at, kind="infusion", planned_on=SOON, reason="")
    book(**at, booking=Booking("other", SOON, time(9), "Room of Rossi", "Maria brings it"))
    path = link(coordinator)
    text = Client().get(path).content.decode()
    for secret in ("Rossi", "ROSSI", "Maria", "Room", "brings", coordinator.username, "Prova"):
        assert secret not in text
    found = events(path)
    visit, infusion = found["Other appointment"], found["Infusion"]
    assert str(visit["SUMMARY"]) == f"Other appointment · R.M. {course.code} · booked"
    assert visit["DTSTART"].dt.isoformat() == "2026-11-20T09:00:00+01:00"
    assert infusion["DTSTART"].dt == SOON
    assert (infusion["STATUS"], visit["STATUS"]) == ("TENTATIVE", "CONFIRMED")
    assert "Infusione · R.M." in Client().get(link(coordinator, language="it")).content.decode()


def test_a_change_keeps_its_uid_and_a_cancellation_is_told_for_some_weeks(
    at: dict[str, Any], coordinator: User
) -> None:
    row = book(**at, booking=Booking("visit", SOON))
    path = link(coordinator)
    before = events(path)["Visit"]
    moved = Booking("visit", SOON + timedelta(days=1), time(8))
    later = {**at, "now": NOW + timedelta(hours=1), "appointment_id": row.pk}
    change(**later, booking=moved, reason="no room")
    after = events(path)["Visit"]
    assert before["UID"] == after["UID"]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (0, 1)
    assert after["LAST-MODIFIED"].dt > before["LAST-MODIFIED"].dt
    cancel(**at, appointment_id=row.pk, reason="no need")
    assert events(path)["Visit"]["STATUS"] == "CANCELLED"
    with time_machine.travel(NOW + timedelta(days=8 + 28), tick=False):
        assert events(path)["Visit"]["SEQUENCE"] == 2
    with time_machine.travel(NOW + timedelta(days=8 + 30), tick=False):
        assert events(path) == {}


def test_who_reads_codes_gets_codes_and_ones_own_are_only_ones_own(
    at: dict[str, Any], coordinator: User, refer_patient: Refer, user_with: UserWith
) -> None:
    mine = refer_patient(coordinator, coordinator_id=coordinator.pk)
    book(**at, booking=Booking("visit", SOON))
    book(**{**at, "course_id": mine.pk}, booking=Booking("other", SOON))
    assert set(events(link(coordinator))) == {"Visit", "Other appointment"}
    assert set(events(link(coordinator, mine=True))) == {"Other appointment"}
    coded = events(link(user_with("data_manager")))
    assert str(coded["Other appointment"]["SUMMARY"]) == f"Other appointment · {mine.code} · booked"


def test_what_lies_ahead_stays_when_there_is_too_much(
    at: dict[str, Any], coordinator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind, ahead in (("other", 1), ("lumbar_puncture", 9), ("visit", 18)):
        book(**at, booking=Booking(kind, TODAY + timedelta(days=ahead)))
    path, told = link(coordinator), {}
    with time_machine.travel(NOW + timedelta(days=10), tick=False):
        for most in (3, 2, 1):
            monkeypatch.setattr(feed, "_MOST", most)
            found = events(path).values()
            told[most] = sorted((event["DTSTART"].dt - TODAY).days for event in found)
    assert told == {3: [1, 9, 18], 2: [9, 18], 1: [18]}


def test_a_link_opens_nothing_once_ended_unknown_or_its_owner_may_not_read(
    coordinator: User, user_with: UserWith, other_centre: Any
) -> None:
    first = link(coordinator)
    second = link(coordinator)
    browser = Client()
    assert [browser.get(path).status_code for path in (first, second)] == [404, 200]
    assert browser.get("/calendar/feed/guessed.ics").status_code == 404
    assert browser.post(second).status_code == 405
    User.objects.filter(pk=coordinator.pk).update(is_active=False)
    assert browser.get(second).status_code == 404
    User.objects.filter(pk=coordinator.pk).update(is_active=True)
    assert browser.get(second).status_code == 200
    coordinator.memberships.update(ended_at=NOW)
    assert browser.get(second).status_code == 404
    coordinator.memberships.update(ended_at=None)
    unsubscribe(actor=coordinator, now=NOW)
    unsubscribe(actor=coordinator, now=NOW)
    assert browser.get(second).status_code == 404
    assert AuditEvent.objects.filter(action="feed.end").count() == 1


def test_of_the_secret_only_a_digest_is_kept_and_the_log_says_none(coordinator: User) -> None:
    path = link(coordinator)
    secret = path.split("/")[-1].removesuffix(".ics")
    assert len(secret) >= 43
    kept = CalendarFeed.objects.get(ended_at=None)
    assert re.fullmatch(r"[0-9a-f]{64}", kept.digest)
    assert secret not in str(AuditEvent.objects.values_list("after", "before", "reason"))
    request = type("Asked", (), {"method": "GET", "path": path})()
    assert PathOnlyRequestMiddleware.format_request(request) == "GET /calendar/feed/….ics"


def test_an_unchanged_calendar_is_not_sent_again_and_its_reading_noted_once_a_day(
    at: dict[str, Any], coordinator: User
) -> None:
    book(**at, booking=Booking("visit", SOON))
    path, browser = link(coordinator), Client()
    etag = browser.get(path)["ETag"]
    again = browser.get(path, HTTP_IF_NONE_MATCH=etag)
    assert (again.status_code, again.content) == (304, b"")
    book(**at, booking=Booking("visit", SOON, time(8)))
    assert browser.get(path, HTTP_IF_NONE_MATCH=etag).status_code == 200
    reads = AuditEvent.objects.filter(action="feed.read")
    assert [one.actor_name for one in reads] == [coordinator.username]
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        browser.get(path)
        browser.get(path)
    assert reads.all().count() == 2


def test_who_asks_too_often_is_told_to_wait(coordinator: User) -> None:
    path, browser = link(coordinator), Client()
    with override_settings(ACCOUNT_RATE_LIMITS={"calendar_feed": "1/m/ip"}):
        answers = [browser.get(path).status_code for _ in range(2)]
    assert answers == [200, 429]


def test_a_link_is_made_shown_once_and_ended_on_its_page_and_in_the_api(
    client: Client, coordinator: User
) -> None:
    client.force_login(coordinator)
    page = reverse("feed_page")
    assert "You have no link." in client.get(page).content.decode()
    made = client.post(page, {"mine": "1"})
    [address] = re.findall(r"http://testserver(/calendar/feed/[\w-]+\.ics)", made.content.decode())
    assert Client().get(address).status_code == 200
    said = client.get(page).content.decode()
    assert ".ics" not in said
    assert "It tells of your own patients only." in said
    assert client.post(reverse("feed_end")).status_code == 302
    assert Client().get(address).status_code == 404
    api = "/api/v1/calendar/feed/"
    assert client.get(api).json() == {"made_at": None, "mine": False, "url": ""}
    url = client.post(api, {}, content_type="application/json").json()["url"]
    assert Client().get(url).status_code == 200
    assert client.get(api).json()["made_at"] is not None
    assert client.delete(api).status_code == 204
    assert Client().get(url).status_code == 404
