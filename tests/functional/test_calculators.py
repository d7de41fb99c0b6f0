"""Two calculators in a browser: by keyboard, without JavaScript, in both languages and themes."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

COUNTS = "\n".join(f"{day:02}/03/2026\t{300 if 3 < day < 12 else 1800}" for day in range(1, 32))
# Whatever can be pressed and is not a word in a line of text.
SMALL = """() => [...document.querySelectorAll(
    "main :is(button, select, a.button, label:has(input), input:not([type=radio], [type=checkbox],"
    + " [type=hidden]), textarea), header button, footer :is(a, button)")]
  .filter(one => one.getBoundingClientRect().height < 48)
  .map(one => `${one.outerHTML.slice(0, 80)}: ${one.getBoundingClientRect().height}`)"""


def open_page(browser: Browser, address: str, language: str, theme: str, width: int) -> Page:
    """A window of a stranger."""
    context = browser.new_context(viewport={"width": width, "height": 900})
    context.add_cookies(
        [
            {"name": "django_language", "value": language, "url": address},
            {"name": "percorso_theme", "value": theme, "url": address},
        ]
    )
    page = context.new_page()
    page.set_default_timeout(20_000)
    return page


def faults(page: Page, what: str) -> list[str]:
    """What does not fit, is too small to press or is found by axe."""
    width = page.viewport_size["width"] if page.viewport_size else 0
    wide = page.evaluate("document.documentElement.scrollWidth")
    found = [f"{what}: {wide} px wide at {width}"] if wide > width else []
    found += [f"{what}: {small}" for small in page.evaluate(SMALL)]
    axe = Axe().run(page)
    if axe.violations_count:
        found.append(f"{what}: {axe.generate_report()}")
    return found


@pytest.mark.parametrize(
    ("language", "theme", "width"), [("it", "night", 320), ("en", "light", 1440)]
)
def test_a_stranger_grades_by_keyboard(
    demo_server: LiveServer, browser: Browser, language: str, theme: str, width: int
) -> None:
    page = open_page(browser, demo_server.url, language, theme, width)
    page.goto(f"{demo_server.url}/calculators/")
    found = faults(page, "index")
    page.get_by_role("link", name="CRS", exact=False).first.click()
    page.locator("[name=temp_c]").focus()
    page.keyboard.type("38,6")
    page.locator("[name=o2_device]").select_option("nasal_cannula")
    page.locator("[name=o2_flow_lpm]").fill("4")
    page.keyboard.press("Enter")
    answer = page.locator("#answer")
    answer.wait_for()
    sentence = {"it": "temperatura 38,6 °C + ossigeno nasale 4 L/min → 2",
                "en": "temperature 38.6 °C + nasal oxygen 4 L/min → 2"}[language]  # fmt: skip
    expect(answer).to_contain_text(sentence)
    expect(answer).to_be_focused()
    found += faults(page, "crs")
    page.goto(f"{demo_server.url}/calculators/icaht/")
    page.locator("[name=infusion_date]").fill("01/03/2026")
    page.locator("[name=series]").fill(f"{COUNTS}\nxyz")
    page.locator("main button").click()
    page.locator(".error-summary").wait_for()
    found += faults(page, "icaht refused")
    page.locator("[name=series]").fill(COUNTS)
    page.locator("main button").click()
    answer.wait_for()
    expect(answer.locator(".grade").first).to_have_text("2")
    found += faults(page, "icaht")
    page.context.close()
    assert found == []


def test_an_answer_needs_no_javascript(demo_server: LiveServer, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(f"{demo_server.url}/calculators/icans/")
    page.get_by_label("ICE, where only the total is known").fill("6")
    page.get_by_role("button", name="Compute").click()
    expect(page.locator("#answer")).to_contain_text("ICE 6/10 (3–6) → 2")
    page.get_by_role("button", name="IT Italiano").click()  # the form is shown again, empty
    expect(page.locator("html")).to_have_attribute("lang", "it")
    expect(page.locator("main")).to_contain_text("Si sveglia")
    context.close()
