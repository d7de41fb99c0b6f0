"""A file of the demo: asked for, its bar watched without a reload, downloaded and opened."""

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings
from django.utils import timezone
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from exports import claiming
from exports.building import build_next
from exports.contents import CONTENTS, Content
from tests.functional.conftest import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def files(tmp_path: Path) -> Iterator[None]:
    """Where the files of a test go."""
    with override_settings(EXPORT_DIR=tmp_path / "exports"):
        yield


def worker() -> Thread:
    """A worker beside the test, which makes one file and ends."""

    def work() -> None:
        build_next(timezone.now)
        connection.close()

    beside = Thread(target=work)
    beside.start()
    return beside


def stopping(rows: Callable[..., Iterator[Any]], seen: Event) -> Callable[..., Iterator[Any]]:
    """Rows that wait after the third course until the bar was seen."""

    def slow(*given: Any) -> Iterator[Any]:
        for number, row in enumerate(rows(*given)):
            if number == 3:
                assert seen.wait(60)
            yield row

    return slow


def ask(page: Page, what: str, kind: str) -> None:
    page.get_by_label("What", exact=True).select_option(label=what)
    page.get_by_label("Format").select_option(label=kind)
    page.get_by_label("What for").fill("yearly report")
    page.get_by_role("button", name="Ask for the file").click()
    expect(page.locator("#exports")).to_contain_text("Queued")


def fetch(page: Page) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").first.click()
    return Path(download.value.path()).read_bytes()


def test_a_file_is_asked_for_its_bar_watched_and_the_file_opened(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    courses, seen = CONTENTS["courses"], Event()
    slow = Content(courses.code, courses.label, courses.columns, stopping(courses.rows, seen))
    monkeypatch.setitem(CONTENTS, "courses", slow)
    monkeypatch.setattr(claiming, "_PAUSE_SECONDS", 0.0)
    page = site.sign_in("manager")
    page.get_by_role("link", name="Exports").click()
    ask(page, "Courses: a row per course", "Excel (XLSX)")
    working = worker()
    # the list asks for itself: nobody loads the page again
    expect(page.locator("progress")).to_have_attribute("value", "2", timeout=20_000)
    expect(page.locator("#exports")).to_contain_text("2 of")
    seen.set()
    working.join(60)
    expect(page.locator("#exports")).to_contain_text("Ready", timeout=20_000)
    expect(page.locator("[hx-trigger='every 2s']")).to_have_count(0)
    sheet = load_workbook(io.BytesIO(fetch(page)))["courses"]
    codes = [row[0].value for row in sheet.iter_rows(min_row=2)]
    assert len(codes) > 5
    assert all(str(code).startswith("P-") for code in codes)
    # and as lines, without a script: by loading the page again
    ask(page, "Timelines: a row per event", "CSV")
    worker().join(60)
    site.open("/exports/")
    rows = list(csv.DictReader(io.StringIO(fetch(page).decode(), newline="")))
    assert {row["course"] for row in rows} == set(codes)


def test_a_file_for_a_registry_says_what_for_and_needs_no_script(
    demo_server: LiveServer, browser: Browser
) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    Site(page, demo_server.url).sign_in("manager")
    page.goto(f"{demo_server.url}/registry/")
    page.get_by_role("link", name="cibmtr-4000.csv").click()
    page.get_by_role("button", name="Download as CSV").click()
    expect(page.get_by_role("alert")).to_contain_text("What for: This field is required.")
    page.get_by_label("What for").fill("yearly report to CIBMTR")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as CSV").click()
    assert download.value.suggested_filename.startswith("percorso-cibmtr-4000-")
    text = Path(download.value.path()).read_text()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(rows) > 3
    assert all(row["infusion_date"] for row in rows)
    context.close()
