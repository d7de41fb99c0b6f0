"""The flowsheet in a real browser: dots under their days, heads that fit, no page too wide, axe."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from terms.demo import DEMO_PASSWORD
from tests.functional.conftest import Standing

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
WIDTHS = (320, 390, 820, 1440)
# For each dot how far it stands from the middle of the cell of its day, in pixels.
OFFSETS = """() => [...document.querySelectorAll('circle[data-day]')].map((dot) => {
  const row = document.querySelector('.flow tbody tr');
  const box = row.children[Number(dot.dataset.day) + 1].getBoundingClientRect();
  const own = dot.getBoundingClientRect();
  return Math.abs((box.left + box.right) / 2 - (own.left + own.right) / 2);
})"""
TOO_WIDE = """() => [...document.querySelectorAll('.flow th[scope=row]')]
  .filter((head) => head.scrollWidth > head.clientWidth).map((head) => head.textContent)"""
# What can be pressed in a table, and only once that is pushed aside: nobody looks for it there.
OUT_OF_SIGHT = """() => [...document.querySelectorAll('.table-box .button')]
  .filter((one) => one.getBoundingClientRect().right > window.innerWidth)
  .map((one) => one.textContent)"""


def open_sheet(
    browser: Browser, server: LiveServer, path: str, *, language: str = "en", theme: str = "light"
) -> Page:
    """A page as the nurse sees it."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_cookies(
        [
            {"name": "percorso_theme", "value": theme, "url": server.url},
            {"name": "django_language", "value": language, "url": server.url},
        ]
    )
    page = context.new_page()
    page.goto(f"{server.url}/accounts/login/")
    page.locator("input[name=login]").fill("nurse")
    page.locator("input[name=password]").fill(DEMO_PASSWORD)
    with page.expect_navigation():
        page.locator("form[action] button[type=submit], main form button").last.click()
    page.goto(server.url + path)
    return page


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("it", "night")])
def test_dots_stand_under_their_days_and_nothing_overflows(
    browser: Browser, demo_server: LiveServer, standing: Standing, language: str, theme: str
) -> None:
    own = f"/courses/{standing.followed}/"
    others = (
        own, "/ward/", "/ward/to-confirm/", f"{own}scores/", f"{own}bedside/iec-hs/new/",
        f"{own}toxicity/given/",
    )  # fmt: skip
    for path, dots in ((f"{own}flowsheet/", 30), *((other, 0) for other in others)):
        page = open_sheet(browser, demo_server, path, language=language, theme=theme)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            offsets = page.evaluate(OFFSETS)
            assert len(offsets) >= dots
            assert max(offsets, default=0) <= 2, f"{max(offsets)} px at {width}"
            assert page.evaluate(TOO_WIDE) == []
            assert page.evaluate(OUT_OF_SIGHT) == []
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{wide} px wide in a window of {width}"
        faults = Axe().run(page)
        assert faults.violations_count == 0, faults.generate_report()
        page.context.close()
