"""Two people at the bedside, each in a browser of their own: a wrong bag stops everything."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from terms.demo import DEMO_PASSWORD
from tests.functional.conftest import Site

NAME, NUMBER, LOT = "FONTANA, Elsa", "70014", "DEMO-LOT-114"
RIGHT, WRONG = "=A99992600011400", "=A99992600010700"
pytestmark = [pytest.mark.browser, pytest.mark.django_db]


def test_two_person_bedside_check_with_a_wrong_bag_first(site: Site, browser: Browser) -> None:
    context = browser.new_context(locale="en-GB")
    doctor = Site(context.new_page(), site.address)
    doctor.page.set_default_timeout(20_000)
    nurse = site.sign_in("nurse")
    nurse.goto(f"{site.address}/?view=table&search=Fontana")
    nurse.get_by_role("link", name=re.compile(NAME)).click()
    course = nurse.url.removeprefix(site.address)
    nurse.get_by_role("link", name="Identity check at the bedside").click()
    nurse.get_by_role("button", name="Begin the check").click()
    read_labels(nurse, RIGHT)
    expect(nurse.get_by_text("The next reading is somebody else")).to_be_visible()
    second = at(doctor, "physician", course)
    second.get_by_role("link", name="Identity check at the bedside").click()
    expect(second.get_by_label("Donation number", exact=True)).to_have_value("")
    read_labels(second, WRONG)
    for page in (second, nurse):
        page.reload()
        stop = page.get_by_role("alert", name="STOP")
        expect(stop).to_contain_text("STOP: do not use this product")
        expect(stop).to_contain_text("Donation number")
    nothing_leads_to_the_infusion(doctor, course)
    context.close()


def nothing_leads_to_the_infusion(site: Site, course: str) -> None:
    """The product is in quarantine, the infusion held, and no reason opens a way."""
    page = site.open(course)
    expect(page.get_by_label("Product", exact=True)).to_contain_text("Quarantined")
    ahead = page.get_by_role("region", name="What comes next")
    expect(ahead).to_contain_text("Identity of the product in doubt")
    page.goto(f"{site.address}{course}moves/infusion/")
    expect(page.get_by_text("found a mismatch: this product is not used")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Save for"))).to_have_count(0)


def at(site: Site, person: str, course: str) -> Page:
    """Somebody signs in and opens the course."""
    site.sign_in(person)
    return site.open(course)


def read_labels(page: Page, din: str) -> None:
    """Scan as a scanner does, with Enter after each code, then answer and sign."""
    labels = {"Hospital number": NUMBER, "Donation number": din, "Lot": LOT}
    labels |= {"Lot on the cassette": LOT, "Chain-of-identity number": "DEMO-COI-0114"}
    labels["Dose on the bag (10⁶ CAR+ cells, in all or per kg)"] = "68"
    for field, text in labels.items():
        page.get_by_label(field, exact=True).fill(text)
        with page.expect_navigation():
            page.keyboard.press("Enter")
    for labelled in ("on wristband and bag", "on the cassette"):
        page.get_by_label(f"Name, birth date, order and expiry {labelled}").select_option(index=1)
    page.get_by_label("Your password, to sign").fill(DEMO_PASSWORD)
    with page.expect_navigation():
        page.get_by_role("button", name=f"Sign what I read for {NAME}").click()
