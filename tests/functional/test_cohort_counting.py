"""The cohort report after an upgrade: a bar while courses are counted, then it comes by itself."""

import pytest
from playwright.sync_api import Route, expect

from exports import counting
from exports.models import CountedCourse
from tests.functional.conftest import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


def test_nobody_loads_the_report_again_until_it_is_counted(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    CountedCourse.objects.update(rule="of yesterday")
    monkeypatch.setattr(counting, "MOST_BY_THE_WAY", 12)
    page, held = site.sign_in("manager"), list[Route]()

    def hold(route: Route) -> None:
        """What the page asks by itself waits until the bar was seen."""
        if "hx-request" in route.request.headers:
            held.append(route)
        else:
            route.continue_()

    page.route("**/cohort/**", hold)
    site.open("/cohort/")
    bar = page.get_by_role("progressbar", name="Courses counted")
    expect(bar).to_have_attribute("value", "12")
    page.unroute("**/cohort/**")
    for route in held:
        route.continue_()
    expect(page.get_by_text("enrolled courses")).to_be_visible(timeout=20_000)
    expect(page.locator("#cohort")).to_have_count(1)
    expect(page.get_by_role("progressbar")).to_have_count(0)
