"""A browser on the demo's data, and people who sign in.

Browser tests are marked `django_db` for the database to be there, but ask it nothing themselves:
a transaction that is open while pages are served would be ended as idle.
"""

import io
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Thread
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from accounts.models import Centre, User
from config.demo_data.people import Team
from config.demo_data.ward import walk_to_a_held_infusion, walk_to_the_bedside
from patients.models import Course, Hold
from terms.day_numbers import local_date
from terms.demo import DEMO_PASSWORD
from tests.browser_gate import chromium
from tests.resting import untraced


@dataclass(frozen=True)
class Standing:
    """Who stands where in the demo: ids of courses, and of an open hold."""

    followed: int
    held: int
    hold: int
    referred: int
    infused: int


@dataclass
class Site:
    """One window on the running site; somebody else signs in by signing the last one out."""

    page: Page
    address: str

    def sign_in(self, username: str) -> Page:
        """Sign out whoever is there and sign in with the demo password."""
        self.page.context.clear_cookies()
        self.page.goto(f"{self.address}/accounts/login/")
        self.page.get_by_label("Username").fill(username)
        self.page.get_by_label("Password").fill(DEMO_PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        # A ward nurse begins on the ward, everybody else on the board.
        self.page.wait_for_url(re.compile(rf"^{re.escape(self.address)}/(ward/)?$"))
        return self.page

    def open(self, path: str) -> Page:
        """Go to a path of the site."""
        self.page.goto(self.address + path)
        return self.page


def bring_two_more() -> None:
    """A product thawed and unchecked, and an infusion held too long, by the demo's own people."""
    centre = Centre.objects.get(code="NORD")
    team = Team(centre, {user.username: user for user in User.objects.all()})
    today = local_date(timezone.now(), centre.zone)
    walk_to_the_bedside(team, today)
    walk_to_a_held_infusion(team, today)


def sweep() -> None:
    """Sweep once, in a thread of its own, and keep no connection."""
    call_command("reminders", "sweep", stdout=io.StringIO())
    connection.close()


@pytest.fixture(scope="package")
def untraced_threads() -> Iterator[None]:
    """What the server does for a browser is not measured, as little as the test (browser_gate)."""
    hook = threading.gettrace()
    threading.settrace(None)
    yield
    threading.settrace(hook)


@pytest.fixture(scope="package")
def demo_server(
    untraced_threads: None, django_db_setup: None, django_db_blocker: Any
) -> Iterator[LiveServer]:
    """The published cases and today's ward, loaded and served once for all browser tests."""
    with django_db_blocker.unblock():
        # Measured by tests/demo/test_load_demo.py.
        untraced(call_command)("load_demo", stdout=io.StringIO())
        untraced(bring_two_more)()
        call_command("reminders", "sweep", stdout=io.StringIO())
        server = LiveServer("localhost")
        # Joined at the end, so that no connection is left when the database is taken away.
        server.thread.httpd.daemon_threads = False
        yield server
        server.stop()
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture(scope="package")
def standing(demo_server: LiveServer) -> Standing:
    """Courses of the demo for tests that need one at a certain point."""
    hold = Hold.objects.filter(ended_on=None).order_by("pk")[0]
    return Standing(
        followed=Course.objects.order_by("pk")[0].pk,
        held=hold.course_id,
        hold=hold.pk,
        referred=Course.objects.get(patient__family_name="Barbieri").pk,
        infused=Course.objects.get(patient__family_name="Martini").pk,
    )


@pytest.fixture(scope="package")
def started(demo_server: LiveServer) -> Iterator[Browser]:
    """Chromium, started once. Playwright keeps an event loop, which Django takes for async code.

    It ends before the server does, whose threads wait for it.
    """
    with pytest.MonkeyPatch.context() as monkeypatch, sync_playwright() as playwright:
        monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        chrome = playwright.chromium.launch(executable_path=chromium())
        yield chrome
        chrome.close()
        connection.close()  # Django keeps another one while an event loop runs


@pytest.fixture
def browser(started: Browser) -> Iterator[Browser]:
    """Chromium with nothing open in it: whatever a test opened is closed after it."""
    # Five minutes after a sweep every page says that none came. Swept beside the test, whose
    # transaction nobody else sees into.
    beside = Thread(target=sweep)
    beside.start()
    beside.join()
    yield started
    for context in started.contexts:
        context.close()


@pytest.fixture
def site(demo_server: LiveServer, browser: Browser) -> Iterator[Site]:
    """The demo in a desktop window; a fault in the console or a blocked script fails the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(20_000)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(f"{page.url}: {message.text}"))
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    yield Site(page, demo_server.url)
    context.close()
    # A refusal is an answer, and who types before the page sets the focus keeps theirs.
    expected = r"status of 4(03|09|22)|Autofocus processing was blocked"
    serious = [text for text in complaints if not re.search(expected, text)]
    assert serious == []
