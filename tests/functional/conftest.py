"""A browser on the demo's data, and people who sign in."""

import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.core.management import call_command
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from accounts.passwords import DEMO_PASSWORD

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


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
        self.page.wait_for_url(f"{self.address}/")
        return self.page

    def open(self, path: str) -> Page:
        """Go to a path of the site."""
        self.page.goto(self.address + path)
        return self.page


@pytest.fixture
def demo(transactional_db: None) -> None:
    """The published cases and today's ward."""
    call_command("load_demo", stdout=io.StringIO())
    call_command("reminders", "sweep", stdout=io.StringIO())


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch, demo: None) -> Iterator[Browser]:
    """Debian's Chromium. Playwright keeps an event loop, which Django takes for async code."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM)
        yield started
        started.close()


@pytest.fixture
def site(live_server: LiveServer, browser: Browser) -> Iterator[Site]:
    """The demo in a desktop window; a fault in the console or a blocked script fails the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(10_000)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield Site(page, live_server.url)
    context.close()
    serious = [text for text in complaints if not re.search(r"status of 4(03|09|22)", text)]
    assert serious == []
