"""A check at the bedside: on a tablet and a phone, by touch and by keyboard, in both languages."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urljoin

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.functional.conftest import Site, Standing

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

TABLET, PHONE = (820, 1180), (390, 844)
WIDTHS = (320, 390, 820, 1440)
LEAST = 48  # px, for gloves


@contextmanager
def device(
    browser: Browser, server: LiveServer, size: tuple[int, int], language: str, theme: str
) -> Iterator[Page]:
    """A nurse signed in on a device of her own, in a language and a theme."""
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height}, has_touch=True, locale="en-GB"
    )
    page = context.new_page()
    page.set_default_timeout(20_000)
    Site(page, server.url).sign_in("nurse")
    context.add_cookies(
        [
            {"name": "django_language", "value": language, "url": server.url},
            {"name": "percorso_theme", "value": theme, "url": server.url},
        ]
    )
    yield page
    context.close()


def small_targets(page: Page) -> list[str]:
    """What can be touched in the form and its bar, and is smaller than a glove needs."""
    found: list[str] = page.evaluate(
        """least => {
          const touched = '#check-form :is(input, select, textarea, button, summary), '
            + '.grade-bar :is(button, a), main .row > .button';
          const small = [];
          for (const one of document.querySelectorAll(touched)) {
            if (one.type === 'hidden' || one.closest('[aria-hidden]')) continue;
            const box = (one.closest('label') ?? one).getBoundingClientRect();
            if (box.height && (box.height < least || box.width < least))
              small.push(`${one.name || one.textContent.trim()} ${box.width}x${box.height}`);
          }
          return small;
        }""",
        LEAST,
    )
    return found


def faults_of(page: Page) -> Iterator[str]:
    """Sideways scrolling at every width, small targets, and whatever axe finds."""
    size = page.viewport_size
    assert size is not None
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": size["height"]})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            yield f"{page.url}: {wide} px wide at {width}"
        yield from small_targets(page)
    page.set_viewport_size(size)
    found = Axe().run(page)
    if found.violations_count:
        yield f"{page.url}: {found.generate_report()}"


def stored(page: Page, standing: Standing) -> int:
    """How many checks of the infused course stand."""
    address = urljoin(page.url, f"/api/v1/courses/{standing.infused}/assessments/")
    return int(page.request.get(address).json()["count"])


def choose(page: Page, name: str, value: str) -> None:
    """Touch an answer: the whole button around it is the target."""
    page.locator(f"label:has([name={name}][value={value}])").tap()


def test_a_check_is_touched_on_a_tablet_and_stored_once(
    demo_server: LiveServer, browser: Browser, standing: Standing
) -> None:
    with device(browser, demo_server, TABLET, "it", "night") as page:
        page.goto(f"{demo_server.url}/courses/{standing.infused}/")
        page.get_by_role("link", name="Registra CRS/ICANS").first.tap()
        page.locator("[name=temp_c]").fill("38,6")
        assert page.locator("main input:checked").count() == 0
        assert list(faults_of(page)) == []
        for name, value in (
            ("fever_other_cause", "no"), ("pressure", "normal"), ("o2_device", "nasal_cannula"),
            ("arousal", "voice"), ("seizure", "none"), ("deep_motor_weakness", "no"),
            ("icp", "none"),
        ):  # fmt: skip
            choose(page, name, value)
        page.locator("[name=o2_flow_lpm]").fill("2,5")
        page.locator("[name=ice_total]").fill("6")
        grade = page.locator("#grade")
        expect(grade).to_contain_text("temperatura 38,6 °C + ossigeno nasale 2,5 L/min → 2")
        expect(grade).to_contain_text("ICE 6/10")
        assert list(faults_of(page)) == []
        before = stored(page, standing)
        with page.expect_navigation():
            page.get_by_role("button", name="Salva per MARTINI").dblclick()
        page.wait_for_url(re.compile(r"/escalation/$"))  # a jump by two
        assert list(faults_of(page)) == []
        assert stored(page, standing) == before + 1


def test_a_check_is_typed_on_a_phone_by_keyboard_alone(
    demo_server: LiveServer, browser: Browser, standing: Standing
) -> None:
    with device(browser, demo_server, PHONE, "en", "light") as page:
        page.goto(f"{demo_server.url}/courses/{standing.infused}/bedside/new/")
        assert list(faults_of(page)) == []
        page.locator("[name=observed_at]").focus()
        for name, keys in (
            ("temp_c", "36.8"), ("fever_other_cause", " "), ("pressure", " "),
            ("o2_device", " "), ("ice_total", "10"), ("arousal", " "), ("seizure", " "),
            ("deep_motor_weakness", " "), ("icp", " "),
        ):  # fmt: skip
            tab_to(page, name)
            page.keyboard.type(keys)
        grade = page.locator("#grade")
        expect(grade).to_contain_text("ICANS 0")
        page.route("**/preview/", lambda route: route.abort())
        page.locator("[name=ice_total]").fill("5")
        expect(page.get_by_text("Asking for the grade of what is typed now")).to_be_visible()
        expect(grade.get_by_text("absent").first).to_be_hidden()
        page.wait_for_timeout(1_500)  # a lost answer leaves it out of sight
        expect(grade.get_by_text("absent").first).to_be_hidden()
        page.unroute("**/preview/")
        page.locator("[name=ice_total]").fill("10")
        expect(grade.get_by_text("absent").first).to_be_visible()
        page.locator("[name=icp][value=none]").focus()
        tab_to(page, "", text="Save for MARTINI")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/courses/\d+/$"))
        expect(page.locator("#messages")).to_contain_text("recorded for MARTINI")


def test_the_grade_of_a_long_form_stays_out_of_the_way_on_a_phone(
    demo_server: LiveServer, browser: Browser, standing: Standing
) -> None:
    with device(browser, demo_server, PHONE, "it", "light") as page:
        page.goto(f"{demo_server.url}/courses/{standing.infused}/bedside/new/")
        assert 0 < covered(page) < 0.16  # a sentence and the way to save
        page.goto(f"{demo_server.url}/courses/{standing.infused}/bedside/iec-hs/new/")
        assert covered(page) == 0
        page.locator("[name=ferritin]").focus()
        tab_to(page, "", text="Salva per MARTINI")  # and covers nothing on the way
        assert covered(page) > 0  # it comes with the end of the form
        page.set_viewport_size({"width": 820, "height": 1180})
        page.evaluate("window.scrollTo(0, 0)")
        assert 0 < covered(page) < 0.2


def covered(page: Page) -> float:
    """The part of the window that the bar with the grade takes."""
    part: float = page.evaluate(
        """() => {
          const box = document.querySelector('.grade-bar').getBoundingClientRect();
          const seen = Math.min(box.bottom, innerHeight) - Math.max(box.top, 0);
          return Math.max(seen, 0) / innerHeight;
        }"""
    )
    return part


def tab_to(page: Page, name: str, text: str = "") -> None:
    """Reach a field or a button with the Tab key alone; nothing in focus is out of sight."""
    for _step in range(60):
        page.keyboard.press("Tab")
        here = page.evaluate(
            """() => {
              const one = document.activeElement, box = one.getBoundingClientRect();
              const x = box.x + box.width / 2, y = box.y + box.height / 2;
              const top = document.elementFromPoint(x, y);
              return [one.name || '', one.textContent, top === one || one.contains(top)
                || !!one.closest('label')?.contains(top)];
            }"""
        )
        assert here[2], f"{here[0] or here[1]} is covered"
        if (name and here[0] == name) or (text and text in here[1]):
            return
    raise AssertionError(f"{name or text} is not reached")


def test_ice_is_asked_in_the_patients_language_without_javascript_and_loses_nothing(
    demo_server: LiveServer, browser: Browser, standing: Standing
) -> None:
    context = browser.new_context(
        java_script_enabled=False, locale="en-GB", viewport={"width": 390, "height": 844}
    )
    page = context.new_page()
    Site(page, demo_server.url).sign_in("nurse")
    page.goto(f"{demo_server.url}/courses/{standing.infused}/bedside/new/")
    page.locator("[name=temp_c]").fill("abc")
    page.locator("label:has([name=pressure][value=pressors])").click()
    page.get_by_label("dopamine").check()
    page.get_by_role("button", name="Guide me").click()
    page.get_by_role("button", name="Italiano", exact=True).click()
    expect(page.locator("[lang=it]").filter(has_text="In che anno siamo?")).to_have_count(1)
    for answer in "0111010111":
        page.get_by_role("button", name="Right" if answer == "1" else "Wrong").click()
    expect(page.locator("h1")).to_contain_text("ICE 7/10")
    expect(page.locator("main")).to_contain_text("Year, Object 1, Object 3")
    page.get_by_role("button", name="Use this score").click()
    expect(page.locator("[name=ice_naming][value='1']")).to_be_checked()
    expect(page.locator("[name=vasopressors][value=dopamine]")).to_be_checked()
    expect(page.locator("[name=temp_c]")).to_have_value("abc")
    page.get_by_role("button", name="Show the grade").click()
    expect(page.locator(".grade-bar")).to_contain_text("ICE 7/10 (7–9)")
    expect(page.locator(".grade-bar")).to_contain_text("Cannot be computed")
    context.close()


def test_the_ward_asks_for_its_list_again_and_keeps_the_focus(
    demo_server: LiveServer, browser: Browser
) -> None:
    with device(browser, demo_server, TABLET, "en", "light") as page:
        expect(page).to_have_url(f"{demo_server.url}/ward/")
        link = page.locator("#ward .ward__do .button").first
        link.focus()
        name = link.get_attribute("id")
        # As if a minute had gone by: the element listens to its own clock alone.
        ask = "htmx.ajax('GET', '/ward/', {source: '#ward', target: '#ward', swap: 'innerHTML'})"
        page.evaluate("document.querySelector('#ward h2').dataset.old = 'yes'")
        page.evaluate(ask)
        expect(page.locator("[data-old]")).to_have_count(0)
        assert page.evaluate("document.activeElement.id") == name
        expect(page.locator("#ward-lost")).to_be_hidden()
        page.context.set_offline(True)
        page.evaluate(f"{ask}.catch(() => null)")
        expect(page.locator("#ward-lost")).to_be_visible()
        expect(page.locator("#ward h2").first).to_be_visible()
        page.context.set_offline(False)
        page.evaluate(ask)
        expect(page.locator("#ward-lost")).to_be_hidden()
