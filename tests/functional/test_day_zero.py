"""Day 0 is put right in the browser: what moves is shown first, then every list agrees."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Locator, expect

from tests.functional.conftest import Site
from tests.functional.steps import find, save, today

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
_DAY = re.compile(r"due (\d{2}-[A-Z][a-z]{2}-\d{4})")
_EVER = datetime(2000, 1, 1, tzinfo=UTC)
_WHY = "Read on the infusion record"


def test_day_zero_moves_and_worklist_calendar_and_feed_agree(site: Site) -> None:
    course = find(site, "physician", "Vitale")
    page = site.page
    now = read(today(page))
    far = now + timedelta(days=20)  # past what an appointment stands for in the calendar
    marrow, visit = due(site, course, "Bone marrow"), due(site, course, "Clinic visit", far)
    puncture = due(site, course, "Lumbar", far)
    code = page.locator(".identity .code").first.inner_text()
    begin_correction(site, course)
    save(page)
    # recorded after it all, as it stands now: asked check by check, and answered once
    page.get_by_label("One reason for all").fill(_WHY)
    save(page)
    expect(page.get_by_text("Nothing is saved yet.")).to_be_visible()
    row = page.locator("#foreseen tr").filter(has_text=day(marrow)).first
    expect(row).to_contain_text(day(before(marrow)))
    expect(row).to_contain_text("Infusion (day 0)")
    save(page)
    expect(page).to_have_url(re.compile(r"/courses/\d+/$"))
    assert due(site, course, "Bone marrow") == before(marrow)
    assert due(site, course, "Clinic visit", far - timedelta(days=1)) == before(visit)
    # counted from the one that was done, which stays where it is
    assert due(site, course, "Lumbar", far - timedelta(days=1)) == puncture
    # the worklist of its day, the calendar and the feed say the same
    worklist = on_today(site)
    expect(worklist.filter(has_text=f"due {day(before(marrow))}").first).to_be_visible()
    site.open(f"/calendar/?view=week&on={before(visit):%Y-%m-%d}&kind=visit")
    on_its_day = page.locator(f"section[aria-labelledby=day-{before(visit):%Y-%m-%d}]")
    expect(on_its_day.locator(".entry").filter(has_text="VITALE")).to_have_count(1)
    days = feed_days(site, code)
    assert {f"{before(visit):%Y%m%d}", f"{puncture:%Y%m%d}"} <= days
    assert f"{visit:%Y%m%d}" not in days


def begin_correction(site: Site, course: str) -> None:
    """Say that the infusion began a day earlier."""
    page = site.page
    site.open(f"{course}records/")
    page.get_by_role("link", name=re.compile("^Correct ?: Journey, Infusion")).click()
    field = page.get_by_label("When it really happened")
    field.wait_for()
    stands = re.search(r"\d{2}-[A-Z][a-z]{2}-\d{4} \d{2}:\d{2}", page.locator("main").inner_text())
    assert stands is not None
    began = datetime.strptime(stands.group(), "%d-%b-%Y %H:%M").replace(tzinfo=UTC)
    at = began - timedelta(days=1)
    field.fill(f"{at:%d-%b-%Y %H:%M}")
    page.get_by_label("Why this is corrected").fill(_WHY)


def due(site: Site, course: str, item: str, after: datetime = _EVER) -> datetime:
    """When the course's list says that the next `item` is due that nobody has done."""
    page = site.open(f"{course}due/")
    rows = page.locator("li.due").filter(has_text=item).filter(has_not_text="Done on")
    rows.first.wait_for()
    found = [_DAY.search(text) for text in rows.all_text_contents()]
    return min(at for one in found if one and (at := read(one.group(1))) > after)


def on_today(site: Site) -> Locator:
    """The rows of Vitale on the worklist."""
    page = site.open("/today/")
    return page.locator("li.ward__row").filter(has_text="VITALE").locator(".due__row")


def feed_days(site: Site, code: str) -> set[str]:
    """The days on which a new secret feed has an entry of the course."""
    page = site.open("/calendar/feed/")
    with page.expect_navigation():
        page.get_by_role("button", name="Make a new link").click()
    link = urlparse(page.locator(".feed-link").inner_text())
    text = page.request.get(site.address + link.path).text().replace("\r\n ", "")
    entries = text.split("BEGIN:VEVENT")
    return {found.group() for one in entries if code in one
            if (found := re.search(r"(?<=DTSTART;VALUE=DATE:)\d{8}", one))}  # fmt: skip


def read(text: str) -> datetime:
    """A day as pages write it."""
    return datetime.strptime(text, "%d-%b-%Y").replace(tzinfo=UTC)


def day(on: datetime) -> str:
    """As pages write it."""
    return f"{on:%d-%b-%Y}"


def before(on: datetime) -> datetime:
    """The day before."""
    return on - timedelta(days=1)
