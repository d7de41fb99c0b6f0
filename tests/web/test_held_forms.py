"""A bedside form sent after its session ended: kept by the page, sent again by the same person."""

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from accounts.idle import MARK_SECONDS
from accounts.models import User
from patients.models import Course
from tests.conftest import UserWith
from tests.toxicity_course import at, infuse
from toxicity.models import Assessment

pytestmark = pytest.mark.django_db
OVER = timedelta(minutes=settings.IDLE_MINUTES, seconds=MARK_SECONDS + 1)
HELD = "/accounts/held/"

Opened = tuple[Client, dict[str, Any]]


@pytest.fixture
def nurse(user_with: UserWith) -> User:
    """A ward nurse."""
    return user_with("ward_nurse")


@pytest.fixture
def form(course: Course) -> str:
    """The form of a check after the infusion."""
    return reverse("check_new", args=[infuse(course).pk])


@pytest.fixture
def clock(course: Course) -> Iterator[time_machine.Traveller]:
    """The clock on day 3."""
    with time_machine.travel(at(course, 3), tick=False) as traveller:
        yield traveller


@pytest.fixture
def page(clock: time_machine.Traveller, nurse: User, form: str) -> Client:
    """A browser that checks every token, with the form open until the session is over."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(nurse)
    client.get(form)
    clock.shift(OVER)
    return client


@pytest.fixture
def opened(clock: time_machine.Traveller, nurse: User, form: str) -> Opened:
    """A browser whose session is under way, and what was typed into the form opened in it."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(nurse)
    stamp = fields(client.get(form).content.decode())["typed_by"][0]
    return client, typed(client) | {"typed_by": stamp}


def fields(html: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    inside = html[html.index("<main") : html.index("</main>")]
    for name, value in re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', inside):
        found.setdefault(name, []).append(unescape(value))
    return found


def typed(client: Client) -> dict[str, Any]:
    token = client.cookies[settings.CSRF_COOKIE_NAME].value
    return {
        "csrfmiddlewaretoken": token, "key": str(uuid4()), "observed_at": "04-Nov-2026 11:50",
        "temp_c": "38,6", "vasopressors": ["dopamine", "vasopressin"], "crs_grade": "2",
        "remark": '<b>"low"</b>',
    }  # fmt: skip


def test_what_was_typed_is_sent_again_after_signing_in(
    page: Client, nurse: User, form: str
) -> None:
    answer = page.post(form, typed(page))
    assert (answer.status_code, answer["Cache-Control"]) == (401, "no-store")
    assert "signed out because the site was not used" in answer.content.decode()
    held = fields(answer.content.decode())
    assert set(held) == {"held"}
    again = page.post(HELD, held)  # not signed in yet: nothing is lost
    assert (again.status_code, fields(again.content.decode())) == (401, held)
    page.force_login(nurse)
    ready = page.post(HELD, held)
    assert (ready.status_code, ready["Cache-Control"]) == (200, "no-store")
    assert f'action="{form}"' in ready.content.decode()
    sent = fields(ready.content.decode())
    assert sent["vasopressors"] == ["dopamine", "vasopressin"]
    assert page.post(form, sent).status_code == 302
    row = Assessment.objects.get()
    assert (row.temp_c, row.remark) == (Decimal("38.6"), '<b>"low"</b>')
    page.post(form, sent)
    assert Assessment.objects.count() == 1


def test_nobody_else_sends_it_and_nothing_made_up_is_taken(
    page: Client, user_with: UserWith, form: str, clock: time_machine.Traveller
) -> None:
    held = fields(page.post(form, typed(page)).content.decode())
    page.force_login(user_with("ward_nurse", username="another"))
    other = page.post(HELD, held)
    assert other.status_code == 403
    assert "Only who typed it can send it" in other.content.decode()
    assert "38,6" not in other.content.decode()
    assert page.post(HELD, {"held": held["held"][0] + "x"}).status_code == 404
    assert page.post(HELD).status_code == 404
    clock.shift(timedelta(days=1, seconds=1))
    assert page.post(HELD, held).status_code == 404
    assert not Assessment.objects.exists()


@pytest.mark.parametrize("wrong", ["token", "size", "page", "nowhere"])
def test_what_the_site_did_not_send_or_does_not_hold_goes_to_sign_in(
    page: Client, form: str, wrong: str
) -> None:
    sent = typed(page)
    if wrong == "token":
        sent["csrfmiddlewaretoken"] = "x" * 64
    if wrong == "size":
        sent["remark"] = "".join(str(uuid4()) for _ in range(3000))
    to = {"page": reverse("switch_centre"), "nowhere": "/nowhere/"}.get(wrong, form)
    answer = page.post(to, sent)
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))


def gone(client: Client, how: str) -> None:
    """Let the session be there no more."""
    if how == "row":
        Session.objects.all().delete()
    elif how == "cookie":
        del client.cookies[settings.SESSION_COOKIE_NAME]
    else:
        client.cookies.clear()


@pytest.mark.parametrize("how", ["row", "cookie", "cookies"])
def test_what_was_typed_is_kept_too_when_the_session_is_gone_altogether(
    opened: Opened, nurse: User, form: str, how: str, clock: time_machine.Traveller
) -> None:
    client, sent = opened
    gone(client, how)
    answer = client.post(form, sent)
    assert (answer.status_code, answer["Cache-Control"]) == (401, "no-store")
    assert "You are not signed in any more." in answer.content.decode()
    assert not any("low" in morsel.value or "38" in morsel.value
                   for morsel in answer.cookies.values())  # fmt: skip
    held = {"held": fields(answer.content.decode())["held"]}
    assert not Assessment.objects.exists()
    clock.shift(timedelta(minutes=1))
    client.force_login(nurse)
    ready = fields(client.post(HELD, held).content.decode())
    assert ready["typed_by"] != [sent["typed_by"]]  # it may be lost a second time
    assert client.post(form, ready).status_code == 302
    assert Assessment.objects.get().remark == '<b>"low"</b>'


def test_a_form_of_before_the_sign_in_is_sent_once_more_by_its_person_alone(
    opened: Opened, nurse: User, form: str, user_with: UserWith
) -> None:
    client, sent = opened
    client.cookies.clear()
    client.force_login(user_with("ward_nurse", username="another"))
    client.get(form)
    other = client.post(form, sent)
    assert other.status_code == 403
    assert "Only who typed it can send it" in other.content.decode()
    client.cookies.clear()
    client.force_login(nurse)
    client.get(form)
    ready = client.post(form, sent)
    assert (ready.status_code, ready["Cache-Control"]) == (200, "no-store")
    assert not Assessment.objects.exists()
    assert client.post(form, fields(ready.content.decode())).status_code == 302
    assert Assessment.objects.count() == 1


@pytest.mark.parametrize("wrong", ["stamp", "old", "page", "background"])
def test_nothing_is_kept_that_no_form_of_ours_has_sent(
    opened: Opened, form: str, wrong: str, clock: time_machine.Traveller
) -> None:
    (client, sent), headers = opened, {}
    client.cookies.clear()
    if wrong == "stamp":
        sent["typed_by"] = f"x{sent['typed_by']}"
    if wrong == "old":
        clock.shift(timedelta(days=1, seconds=1))
    if wrong == "background":
        headers = {"HX-Request": "true"}
    to = reverse("switch_centre") if wrong == "page" else form
    answer = client.post(to, sent, headers=headers)
    assert answer.status_code == 403
    assert "38,6" not in answer.content.decode()


def test_every_form_of_the_bedside_says_who_opened_it(
    opened: Opened, course: Course, form: str
) -> None:
    client, _ = opened
    for name in ("check_new", "check_ice", "iec_hs_new", "treatment_new", "infection_new"):
        html = client.get(reverse(name, args=[course.pk])).content.decode()
        inside = html[html.index("<main") : html.index("</main>")]
        assert inside.count('name="typed_by"') == inside.count('method="post"') > 0, name
