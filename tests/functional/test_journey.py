"""A new patient from referral to follow-up in the browser, each step by somebody of its role."""

import csv
import io
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from playwright.sync_api import Page, expect

from pathway.domain.gate_rules import Gate
from tests.functional.conftest import Site
from tests.functional.gate_steps import assess, meet, pass_gate
from tests.functional.steps import REASONS, fill_if_empty, move, option, read_labels, save, today

PICTURES = Path(__file__).parent.parent.parent / "docs" / "images"
NAME = "ZANETTI, Rosa"
RECEIPT = {
    "Donation number": "=A99992677001200",
    "Lot": "LOT-77001",
    "Chain-of-identity number": "COI-77001",
}
BEDSIDE = {
    "Hospital number": "77001",
    **RECEIPT,
    "Lot on the cassette": "LOT-77001",
    "Dose on the bag (10⁶ CAR+ cells, in all or per kg)": "70",
}
pytestmark = [pytest.mark.browser, pytest.mark.django_db]


def test_a_patient_walks_from_referral_to_follow_up(site: Site, tmp_path: Path) -> None:
    course = refer_with_a_refusal_on_the_way(site)
    enrol_and_accept(site, course)
    collect(site, course)
    manufacture(site, course)
    hold_and_release(site, course)
    deplete(site, course)
    # the protocol asks for two days of rest; the site runs in this process and shares its clock
    with time_machine.travel(datetime.now(UTC) + timedelta(days=2)):
        infuse(site, course)
        discharge(site, course)
        rows = download_timeline(site, course)
    codes = [row["event_code"] for row in rows]
    for code in ("ENROL", "APHERESIS", "LD", "INFUSION", "DISCHARGE", "DELAY"):
        assert code in codes
    assert all("Zanetti" not in "".join(row.values()) for row in rows)
    picture_of_the_board(site, tmp_path)


def refer_with_a_refusal_on_the_way(site: Site) -> str:
    page = site.sign_in("coordinator")
    page.get_by_role("link", name="New patient").click()
    page.get_by_label("Family name").fill("Zanetti")
    page.get_by_label("Given name").fill("Rosa")
    page.get_by_label("Birth date").fill("31/02/1971")
    page.get_by_label("Number", exact=True).fill("77001")
    page.get_by_label("Protocol").select_option(label=option(page, "Protocol", "adult"))
    save(page, "Register and open the course")
    expect(page.locator(".error-summary")).to_contain_text("Birth date")
    expect(page.get_by_label("Family name")).to_have_value("Zanetti")
    page.get_by_label("Birth date").fill("14-Mar-1971")
    page.get_by_label("Protocol").select_option(label=option(page, "Protocol", "brex"))
    save(page, "Register and open the course")
    expect(page).to_have_title(re.compile(NAME))
    course = page.url.removeprefix(site.address)
    # the way on is closed, and the page says everything that is missing
    page.get_by_text("Why not?").first.click()
    expect(page.locator(".moves").first).to_contain_text("Consent is not recorded")
    expect(page.locator(".moves").first).to_contain_text("identity is not verified")
    return course


def enrol_and_accept(site: Site, course: str) -> None:
    page = site.page
    for kind in ("Assessment", "data"):
        page.get_by_role("link", name="Consent", exact=True).click()
        page.get_by_label("Consent to").select_option(label=option(page, "Consent to", kind))
        page.get_by_label("Date").fill(today(page))
        page.get_by_label("Answer").select_option(label="Given")
        save(page)
    page.get_by_role("link", name="Verify the identity").click()
    page.get_by_role("checkbox").first.wait_for()
    for tick in page.get_by_role("checkbox").all():
        tick.check()
    save(page)
    move(page, "Go on to: Eligibility")
    move(page, "Assessing")
    assess(site, course)
    move(page, "On the meeting's list")
    site.sign_in("physician")
    meet(site, course)
    move(page, "Accepted")
    move(page, "Go on to: Leukapheresis")


def collect(site: Site, course: str) -> None:
    page = site.sign_in("apheresis")
    site.open(course)
    page.get_by_role("link", name="New: Apheresis attempt").click()
    page.get_by_label("Planned on").fill(today(page))
    save(page)
    pass_gate(site, course, Gate.COLLECTION)
    site.sign_in("physician")
    site.open(course)
    move(page, "Cleared", {"Reason to go on": "treated elsewhere, seen on paper"})
    site.sign_in("apheresis")
    site.open(course)
    move(page, "Collecting")
    move(page, "Collected, awaiting the count", {"Donation identification number": "A999926770012"})
    site.sign_in("celllab")
    site.open(course)
    move(page, "Adequate", {"CD3+ cells collected": "2,4"})
    page.get_by_role("link", name="New: Product").click()
    page.get_by_label("Order number").fill("ORD-77001")
    save(page)
    move(page, "Material shipped")
    move(page, "Go on to: Manufacturing and bridging")


def manufacture(site: Site, course: str) -> None:
    page = site.page
    for state in ("At the manufacturer", "In manufacture", "Quality control"):
        move(page, state)
    order(page)
    certify(page)
    move(page, "Released", {"Lot": "LOT-77001", "Expires on": "31-Dec-2030"})
    move(page, "On its way back")
    for person in ("celllab", "pharmacist"):
        read_labels(site, course, person, "Identity check at receipt", RECEIPT)
    for state in ("Received", "Stored on site"):
        move(page, state)


def order(page: Page) -> None:
    """What the manufacturer confirmed: the number that all labels carry."""
    product = page.get_by_label("Product", exact=True)
    product.get_by_role("link", name="Papers").last.click()
    page.get_by_role("region", name="Order and expected dates").get_by_role("link").click()
    page.get_by_label("Chain-of-identity ID").fill("COI-77001")
    save(page)


def certify(page: Page) -> None:
    """The certificate says the dose; without it nothing is released, and no bag thawed."""
    product = page.get_by_label("Product", exact=True)
    product.get_by_role("link", name="Papers").last.click()
    page.get_by_role("region", name="Certificate of analysis").get_by_role("link").click()
    page.get_by_label("Issued on").fill(today(page))
    page.get_by_label("Dose (10⁶ CAR+/kg)").fill("1,0")
    page.get_by_label("Total dose (10⁶ CAR+)").fill("70")
    save(page)


def hold_and_release(site: Site, course: str) -> None:
    page = site.sign_in("physician")
    site.open(course)
    page.get_by_role("link", name="Hold a step").click()
    page.get_by_label("Step held").select_option(label="Lymphodepletion")
    page.get_by_label("Reason").select_option(label="EBV reactivation")
    page.get_by_label("Managed with").fill("rituximab")
    fill_if_empty(page, "Since")
    save(page)
    page.get_by_text("Why not?").first.click()
    expect(page.locator(".moves").first).to_contain_text("EBV reactivation")
    site.open("/?held=1")
    expect(page.get_by_role("link", name=NAME)).to_be_visible()
    site.open(course)
    page.get_by_role("link", name="End this hold").click()
    fill_if_empty(page, "Ended on")
    save(page)
    pass_gate(site, course, Gate.LYMPHODEPLETION)
    move(page, "Go on to: Lymphodepletion", {"Reason to go on": "weighed on the ward: 70 kg"})


def deplete(site: Site, course: str) -> None:
    page = site.page
    page.get_by_role("link", name="Admit").click()
    page.get_by_label("Unit").select_option(label="Ward")
    fill_if_empty(page, "On")
    save(page)
    page.get_by_role("link", name="New: Lymphodepletion").click()
    page.get_by_label("Regimen").fill("Fludarabine, cyclophosphamide")
    save(page)
    page.get_by_role("link", name="Plan a date").click()
    page.get_by_label("What").select_option(label="Infusion (day 0)")
    page.get_by_label("Planned on").fill(today(page))
    save(page)
    page.get_by_role("link", name="Doses Fludarabine, cyclophosphamide").click()
    for number in range(1, 5):
        page.get_by_role("link", name=f"Mark as given {number}").click()
        page.get_by_label("Reason for the difference").fill("all on one day")
        save(page)
        # how much was given is on paper, and the first dose is not on its day
        asked = page.get_by_label(REASONS).all()
        assert asked or number > 1
        for box in asked:
            box.fill("on paper, all on one day")
        if asked:
            save(page)
        expect(page.get_by_role("link", name=f"Correct {number}")).to_be_visible()
    site.open(course)
    move(page, "Complete")


def infuse(site: Site, course: str) -> None:
    site.sign_in("physician")
    pass_gate(site, course, Gate.INFUSION)
    page = site.page
    site.open(course)
    move(page, "Thawing", {"Reason to go on": "weighed on the ward: 70 kg"})
    for person in ("nurse", "physician"):
        read_labels(site, course, person, "Identity check at the bedside", BEDSIDE)
    move(page, "Go on to: Infusion")
    move(page, "Infused", {"Reason to go on": "the times are on paper"})


def discharge(site: Site, course: str) -> None:
    page = site.page
    pass_gate(site, course, Gate.DISCHARGE)
    page.get_by_role("link", name="Discharge", exact=True).click()
    fill_if_empty(page, "Discharged on")
    save(page)
    # No check was logged on the way: the gate knows of none and asks for a reason.
    move(page, "Go on to: Follow-up", {"Reason to go on": "assessed on paper: CRS 0, ICANS 0"})
    expect(page.get_by_role("heading", level=1)).to_contain_text("Follow-up")


def download_timeline(site: Site, course: str) -> list[dict[str, str]]:
    page = site.sign_in("coordinator")
    site.open(course)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    path = download.value.path()
    return list(csv.DictReader(io.StringIO(Path(path).read_text(encoding="utf-8-sig"))))


def picture_of_the_board(site: Site, tmp_path: Path) -> None:
    """The README's screenshot; written over only when asked, so that a test run changes nothing."""
    page = site.open("/")
    for case in ("CASE-1", "CASE-2", "CASE-3", "CASE-4"):
        page.get_by_label("Search").fill(case)
        page.get_by_role("button", name="Show", exact=True).click()
        expect(page.locator(".card")).to_have_count(1)
    site.open("/")
    folder = PICTURES if os.environ.get("UPDATE_PICTURES") == "1" else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / "board.png", full_page=True)
    assert (folder / "board.png").stat().st_size > 20_000
    page.get_by_label("Search").fill("Zanetti")
    page.get_by_role("button", name="Show", exact=True).click()
    page.get_by_role("link", name=NAME).click()
    page.screenshot(path=folder / "course.png")
