"""The main pages in both languages and themes: axe finds nothing, nothing scrolls sideways."""

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.functional.conftest import Site, Standing

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

WIDTHS = (320, 820, 1440)
LOOKS = (("en", "light"), ("it", "night"))


def test_main_pages_fit_every_width_and_have_no_axe_fault(site: Site, standing: Standing) -> None:
    """In both looks, by axe in one of them: it takes longer than all the rest."""
    site.sign_in("coordinator")
    paths = _paths(standing)
    faults = [
        fault
        for half, look in enumerate(LOOKS)
        for fault in _faults(site, paths, *look, by_axe=paths[half::2])
    ]
    assert faults == []


def test_pages_linked_from_a_course_fit_every_width_and_have_no_axe_fault(
    site: Site, standing: Standing
) -> None:
    """Half of them in either look, which keeps the test within half a minute."""
    site.sign_in("coordinator")
    paths = _linked(site, f"/courses/{standing.held}/") | _linked(
        site, f"/courses/{standing.followed}/"
    )
    patient = next(path for path in paths.values() if re.fullmatch(r"/patients/\d+/", path))
    found = list((paths | _linked(site, patient)).values())
    halves = [(found[half::2], look) for half, look in enumerate(LOOKS)]
    faults = [f for half, look in halves for f in _faults(site, half, *look, by_axe=half)]
    assert faults == []
    for part in ("/records/", "/papers/", "/doses/", "/summary/", "/results/", "/identifiers/",
                 "/scores/"):  # fmt: skip
        assert any(path.endswith(part) for path in found), part


def _linked(site: Site, path: str) -> dict[str, str]:
    """One page of each kind that a page leads to, the kind being its path without ids."""
    links = site.open(path).locator("main a[href^='/']")
    hrefs = links.evaluate_all("all => all.map(one => one.getAttribute('href'))")
    pages = (href for href in hrefs if not href.endswith((".csv", ".xlsx", ".pdf", ".json")))
    return {re.sub(r"\d+|/chart/\w+/|/moves/\w+/", "", href): href for href in pages}


def _faults(
    site: Site, paths: list[str], language: str, theme: str, *, by_axe: list[str]
) -> Iterator[str]:
    page, address = site.page, site.address
    page.context.add_cookies(
        [
            {"name": "django_language", "value": language, "url": address},
            {"name": "percorso_theme", "value": theme, "url": address},
        ]
    )
    for path in paths:
        page.goto(address + path)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                yield f"{path} {language} {theme}: {wide} px wide at {width}"
        if page.locator("html").get_attribute("lang") != language:
            yield f"{path}: not in {language}"
        found = Axe().run(page) if path in by_axe else None
        if found and found.violations_count:
            yield f"{path} {language} {theme}: {found.generate_report()}"


def _paths(standing: Standing) -> list[str]:
    under_way = f"/courses/{standing.held}"
    return [
        "/",
        "/?view=table",
        "/?search=nobody-is-called-this&view=table",
        "/patients/",
        "/cohort/",
        "/exports/",
        "/patients/new/",
        "/patients/transcribe/",
        "/courses/import/",
        "/today/",
        "/today/?role=all",
        f"/courses/{standing.followed}/due/",
        "/notices/",
        "/calendar/",
        "/calendar/?view=week",
        "/calendar/?view=month",
        "/calendar/feed/",
        "/registry/",
        "/registry/cibmtr-4100.csv",
        f"{under_way}/appointments/",
        f"{under_way}/appointments/book/",
        "/protocols/",
        f"/courses/{standing.followed}/",
        f"{under_way}/",
        f"{under_way}/moves/withdrawn/",
        f"{under_way}/eligibility/",
        f"{under_way}/eligibility/results/new/",
        f"{under_way}/gates/lymphodepletion/",
        f"{under_way}/gates/infusion/",
        f"{under_way}/chart/lab/new/",
        f"{under_way}/holds/new/",
        f"/holds/{standing.hold}/end/",
        "/accounts/password/",
        "/accounts/permissions/",
        "/about/",
    ]


def test_a_move_works_without_javascript_and_by_keyboard(
    demo_server: LiveServer, browser: Browser, standing: Standing
) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    site = Site(page, demo_server.url)
    site.sign_in("coordinator")
    course = f"/courses/{standing.referred}/"
    site.open(f"{course}chart/note/new/")
    _tab_to(page, "Note")
    page.keyboard.type("Telephoned; comes on Monday.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(demo_server.url + course)
    expect(page.locator("main")).to_contain_text("comes on Monday")
    context.close()


def _tab_to(page: Page, label: str) -> None:
    """Reach a field with the Tab key alone."""
    wanted = page.get_by_label(label, exact=True)
    for _ in range(40):
        page.keyboard.press("Tab")
        if wanted.evaluate("field => field === document.activeElement"):
            return
    raise AssertionError(f"{label} is not reached by keyboard")
