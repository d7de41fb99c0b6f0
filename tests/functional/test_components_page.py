"""The components page in a real browser: it fits, axe finds nothing, focus is never covered."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
WIDTHS = (320, 390, 820, 1440)
AXE_WIDTHS = (320, 1440)  # the two layouts of the rail and of the banner

# Where the focused element's first corner is, and whether something else lies over it.
COVERED = """() => {
  const focused = document.activeElement;
  if (!focused || focused === document.body) return null;
  const box = focused.getBoundingClientRect();
  const top = document.elementFromPoint(
    box.left + Math.min(box.width / 2, 20), box.top + Math.min(box.height / 2, 12));
  const seen = top && (top === focused || focused.contains(top) || top.contains(focused));
  return seen ? null : focused.outerHTML.slice(0, 120);
}"""


def open_page(browser: Browser, demo_server: LiveServer, theme: str, width: int) -> Page:
    """The components page in a theme and a window of `width` CSS pixels."""
    context = browser.new_context(viewport={"width": width, "height": 800})
    context.add_cookies([{"name": "percorso_theme", "value": theme, "url": demo_server.url}])
    page = context.new_page()
    page.goto(demo_server.url + reverse("components"))
    return page


@pytest.mark.parametrize("theme", ["light", "night"])
def test_components_fit_every_width_and_have_no_axe_fault(
    demo_server: LiveServer, browser: Browser, theme: str
) -> None:
    for width in WIDTHS:
        page = open_page(browser, demo_server, theme, width)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{wide} px wide in a window of {width}"
        if width in AXE_WIDTHS:
            faults = Axe().run(page)
            assert faults.violations_count == 0, faults.generate_report()
        page.context.close()


@pytest.mark.parametrize("width", [390, 1440])
def test_focus_is_never_under_the_identity_banner(
    demo_server: LiveServer, browser: Browser, width: int
) -> None:
    page = open_page(browser, demo_server, "light", width)
    for key in ("Tab", "Shift+Tab"):
        for _ in range(45):
            page.keyboard.press(key)
            assert page.evaluate(COVERED) is None


def test_second_submit_of_a_form_is_not_sent(demo_server: LiveServer, browser: Browser) -> None:
    page = open_page(browser, demo_server, "light", 1440)
    counted = page.locator("form.switch").evaluate(
        """form => {
          let sent = 0;
          form.addEventListener("submit", (event) => { sent += 1; event.preventDefault(); });
          form.requestSubmit();
          form.requestSubmit();
          const twice = sent;
          window.dispatchEvent(new Event("pageshow"));
          form.requestSubmit();
          return [twice, sent];
        }"""
    )
    assert counted == [1, 2]  # the second counts again once the page was left and came back
