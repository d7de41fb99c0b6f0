"""A bedside form sent after its session ended: kept by the page, sent again by the same person."""

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from html import unescape
from uuid import uuid4

import pytest
import time_machine
from django.conf import settings
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


def fields(html: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    inside = html[html.index("<main") : html.index("</main>")]
    for name, value in re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', inside):
        found.setdefault(name, []).append(unescape(value))
    return found


def typed(client: Client) -> dict[str, object]:
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
