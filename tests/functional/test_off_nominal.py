"""The days that do not go to plan, in the browser: each step by somebody whose role may make it."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from playwright.sync_api import Page, expect

from pathway.domain.gate_rules import Gate
from tests.functional.conftest import Site
from tests.functional.gate_steps import assess, pass_gate
from tests.functional.steps import find, move, read_labels, save, today

LABELS = {
    "Hospital number": "70015", "Donation number": "=A99992600011500", "Lot": "DEMO-LOT-115",
    "Lot on the cassette": "DEMO-LOT-115", "Chain-of-identity number": "DEMO-COI-0115",
    "Dose on the bag (10⁶ CAR+ cells, in all or per kg)": "1",
}  # fmt: skip
pytestmark = [pytest.mark.browser, pytest.mark.django_db]


def test_death_during_bridging_and_its_undo(site: Site) -> None:
    course = find(site, "coordinator", "Ferraro")
    page, before = site.page, standing(site, course)
    assert "SARS-CoV-2" in before["ahead"]
    assert "On hold · inotuzumab" in before["beside"]
    page.get_by_role("link", name="Record the patient's death").click()
    page.get_by_label("Date of death").fill(today(page))
    save(page, "Save for FERRARO, Livia")
    expect(page.locator(".identity")).to_contain_text("Died")
    expect(page.get_by_text("Look at what becomes of the product")).to_be_visible()
    during = standing(site, course)
    assert "SARS-CoV-2" not in during["ahead"]
    assert "Stopped early · inotuzumab" in during["beside"]
    assert "Go on to: Lymphodepletion\nWhy not?" in during["ahead"]
    # gone from the board, found among all patients
    site.open("/?search=Ferraro")
    expect(page.locator(".card")).to_have_count(0)
    page.get_by_role("link", name="ended courses too").click()
    expect(page.get_by_role("link", name=re.compile("FERRARO"))).to_be_visible()
    site.open(course)
    page.get_by_role("link", name="Withdraw the death record").click()
    save(page, "Save for FERRARO, Livia")
    expect(page.locator(".error-summary")).to_contain_text("Reason")
    page.get_by_label("Reason").fill("Entered for the wrong patient")
    save(page, "Save for FERRARO, Livia")
    assert standing(site, course) == before


def test_failed_manufacture_with_a_second_collection(site: Site) -> None:
    """Under the second protocol: nothing of this is hard-wired to the first."""
    course = find(site, "coordinator", "Neri")
    page = site.page
    page.get_by_role("link", name="Manufacture failed", exact=True).click()
    page.get_by_label("Reason", exact=True).fill("The cells did not grow")
    save(page)
    expect(page.locator(".error-summary")).to_contain_text("Reason for the loss")
    page.get_by_label("Reason for the loss").select_option(label="Poor growth")
    save(page)
    expect(page.get_by_text("Manufacture failed · DEMO-113")).to_be_visible()
    page.get_by_text("Why not?").first.click()
    expect(page.locator(".moves").first).to_contain_text("product")
    move(page, "Back to: Leukapheresis", {"Reason": "A second collection"})
    site.sign_in("apheresis")
    site.open(course)
    page.get_by_role("link", name="New: Apheresis attempt").click()
    page.get_by_label("Planned on").fill(today(page))
    save(page)
    # what was resulted before the first collection is too old for the second
    site.sign_in("physician")
    assess(site, course, "VIRO")
    site.sign_in("apheresis")
    pass_gate(site, course, Gate.COLLECTION)
    move(page, "Cleared", {"Reason to go on": "the slot was told by telephone"})
    move(page, "Collecting")
    move(page, "Collected, awaiting the count", {"Donation identification number": "A999926000213"})
    site.sign_in("celllab")
    site.open(course)
    move(page, "Adequate", {"CD3+ cells collected": "2,4"})
    page.get_by_role("link", name="New: Product").click()
    page.get_by_label("Order number").fill("DEMO-213")
    save(page)
    move(page, "Material shipped")
    move(page, "Go on to: Manufacturing and bridging")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Manufacturing and bridging")
    beside = standing(site, course)["beside"]
    for told in ("Manufacture failed · DEMO-113", "Material shipped · DEMO-213"):
        assert told in beside


def test_an_infusion_held_for_fifteen_days_repeats_the_lymphodepletion(site: Site) -> None:
    course = find(site, "physician", "Galli")
    page, start = site.page, datetime.now(UTC)
    page.get_by_role("link", name="End this hold").click()
    page.get_by_label("Ended on").fill(today(page))
    save(page)
    pass_gate(site, course, Gate.INFUSION)
    # too long ago: the thaw asks for a repeat, and the day of infusion is planned anew
    page.get_by_role("link", name="Thawing", exact=True).click()
    expect(page.locator("main")).to_contain_text("A repeat lymphodepletion is considered")
    site.open(course)
    page.get_by_role("link", name="Plan a date").click()
    page.get_by_label("What").select_option(label="Infusion (day 0)")
    there = start.astimezone(ZoneInfo("Europe/Rome"))  # around midnight another date than UTC's
    page.get_by_label("Planned on").fill(f"{there + timedelta(days=4):%d-%b-%Y}")
    page.get_by_role("textbox", name="Reason").fill("Lymphodepletion is repeated")
    save(page)
    expect(page.get_by_text("Nothing is saved yet.")).to_be_visible()
    save(page)
    page.get_by_role("link", name="New: Lymphodepletion", exact=True).click()
    page.get_by_label("Regimen").fill("Flu/Cy repeated")
    save(page)
    pass_gate(site, course, Gate.LYMPHODEPLETION)
    start = datetime.now(UTC)  # no dose lies before what was recorded until here
    for day, numbers in enumerate(((1,), (2,), (3, 4))):
        # the site runs in this process and shares its clock; nobody stays signed in for days
        with time_machine.travel(start + timedelta(days=day)):
            site.sign_in("nurse")
            give(site, course, numbers)
            if day == 2:
                site.open(course)
                move(page, "Complete")
    with time_machine.travel(start + timedelta(days=4)):
        site.sign_in("physician")
        pass_gate(site, course, Gate.INFUSION)
        site.sign_in("celllab")
        site.open(course)
        move(page, "Thawing")
        site.sign_in("physician")
        for person in ("nurse", "physician"):
            read_labels(site, course, person, "Identity check at the bedside", LABELS)
        move(page, "Go on to: Infusion")
        move(page, "Infused", {"Reason to go on": "the times are on paper"})
        expect(page.get_by_role("heading", level=1)).to_contain_text("Infusion")
        beside = standing(site, course)["beside"]
    assert "Complete · Flu/Cy repeated" in beside
    assert "Infused · DEMO-115" in beside


def give(site: Site, course: str, numbers: tuple[int, ...]) -> None:
    """Mark doses of the repeated lymphodepletion as given, now and as ordered."""
    page = site.open(course)
    page.get_by_role("link", name="Doses Flu/Cy repeated").click()
    for number in numbers:
        page.get_by_role("link", name=f"Mark as given {number}").click()
        counted = re.search(r"= ([0-9.,]+) mg", page.locator("main").inner_text())
        assert counted, "the form says how much the surface asks for"
        page.get_by_label("Amount given").fill(counted[1])
        page.get_by_label("Reason for the difference").fill("the day is that of the repetition")
        save(page)
        expect(page, page.locator("main").inner_text()).to_have_url(re.compile(r"/doses/$"))
        expect(page.get_by_role("link", name=f"Mark as given {number}")).to_have_count(0)


def standing(site: Site, course: str) -> dict[str, str]:
    """What the course page says of the journey, of what comes next and of what runs beside it."""
    page: Page = site.open(course)
    return {
        "rail": page.locator(".rail").inner_text(),
        "ahead": page.get_by_role("region", name="What comes next").inner_text(),
        "beside": page.locator(".section", has=page.locator("#companions")).inner_text(),
    }
