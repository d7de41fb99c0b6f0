"""The flowsheet in a real browser: dots under their days, heads that fit, no page too wide, axe."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from patients.models import Course, LabResult
from terms.demo import DEMO_PASSWORD
from tests.functional.conftest import Standing
from tests.toxicity_course import WELL
from toxicity.checks import infusion_day
from toxicity.domain.crs import CrsSigns
from toxicity.models import Infection, Treatment
from toxicity.recording import log_check
from toxicity.seen import Seen

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
RESULTS = (
    ("CRP", 310, "mg/L"),
    ("FERRITIN", 3536, "ug/L"),
    ("ANC", "0.4", "10*9/L"),
    ("PLT", 21, "10*9/L"),
)
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


@pytest.fixture(scope="module")
def charted(demo_server: LiveServer, standing: Standing, django_db_blocker: Any) -> Course:
    """A followed course with checks, results, a drug and an infection on its first days."""
    with django_db_blocker.unblock():
        course = Course.objects.select_related("centre").get(pk=standing.followed)
        zero, nurse = infusion_day(course), User.objects.get(username="nurse")
        assert zero is not None

        def on(day: int, hour: int = 12) -> datetime:
            moment = datetime.combine(zero + timedelta(days=day), time(hour))
            return moment.replace(tzinfo=course.centre.zone)

        for day, temp in enumerate(("36.9", "38.7", "39.4", "38.1", "37.0", "36.8")):
            signs = CrsSigns(**{**vars(WELL), "temp_c": Decimal(temp)})
            seen = Seen(observed_at=on(day), crs=signs)
            log_check(course_id=course.pk, seen=seen, actor=nurse, now=on(day, 13))
        by = {"course": course, "recorded_by": "test"}
        for code, value, unit in RESULTS:
            for day in (0, 1, 2, 5, 29, 30):
                LabResult.objects.create(
                    analyte=code, value=value, unit=unit, on=f"{zero + timedelta(days=day)}",
                    recorded_at=on(31), **by,
                )  # fmt: skip
        Treatment.objects.create(
            drug="dexamethasone", given_at=on(2), dose=40, unit="mg", purpose="crs",
            received_at=on(2), **by,
        )  # fmt: skip
        Infection.objects.create(
            organism="pneumocystis", site="catheter", began_on=zero, received_at=on(2), **by
        )
    return course


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
    page.locator("form[action] button[type=submit], main form button").last.click()
    page.wait_for_url(f"{server.url}/**")
    page.goto(server.url + path)
    return page


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("it", "night")])
def test_dots_stand_under_their_days_and_nothing_overflows(
    browser: Browser, demo_server: LiveServer, charted: Course, language: str, theme: str
) -> None:
    own = f"/courses/{charted.pk}/"
    for path, dots in ((f"{own}flowsheet/", 30), (own, 0), ("/ward/", 0), ("/ward/to-confirm/", 0)):
        page = open_sheet(browser, demo_server, path, language=language, theme=theme)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            offsets = page.evaluate(OFFSETS)
            assert len(offsets) >= dots
            assert max(offsets, default=0) <= 2, f"{max(offsets)} px at {width}"
            assert page.evaluate(TOO_WIDE) == []
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{wide} px wide in a window of {width}"
        faults = Axe().run(page)
        assert faults.violations_count == 0, faults.generate_report()
        page.context.close()
