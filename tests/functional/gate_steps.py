"""Assessing eligibility and passing the gates on the pages, with values in range."""

import re

from playwright.sync_api import Page, expect

from config.demo_data.passing import check_notes, item_notes, recorders
from pathway.domain.gate_rules import Gate
from pathway.domain.rules import PathwayRules
from tests.domain.shipped import shipped
from tests.functional.conftest import Site
from tests.functional.steps import save

RULES = PathwayRules.of(shipped())


def assess(site: Site, course: str, *only: str) -> None:
    """A result for every item, on one form, or for these."""
    page = site.open(f"{course}eligibility/")
    page.get_by_role("link", name="Record results").click()
    for note in item_notes(RULES.items, {}):
        if not only or note.item in only:
            answer(page, note.item, note.value)
            if note.unit:
                answer(page, f"{note.item}-unit", note.unit)
    save(page)
    expect(page).to_have_url(re.compile(r"/eligibility/$"))
    if not only:
        expect(page.get_by_text("No item is open.")).to_be_visible()
    site.open(course)


def meet(site: Site, course: str) -> None:
    """The meeting's minutes, signed at once."""
    page = site.open(f"{course}eligibility/")
    page.get_by_role("link", name="Record the meeting").click()
    page.get_by_label("Participants").fill("Two haematologists, the coordinator")
    page.get_by_role("textbox", name="Minutes").fill("Discussed.")
    page.get_by_label("Decision").select_option(label="Accepted")
    page.get_by_label("Votes in favour").fill("3")
    page.get_by_label("I sign these minutes now").check()
    save(page)
    site.open(course)


def pass_gate(site: Site, course: str, gate: Gate) -> None:
    """Every recorded check of a gate, on one form."""
    page = site.open(f"{course}gates/{gate}/")
    page.get_by_role("link", name="Record checks").click()
    page.wait_for_load_state()  # what follows takes what is there at once
    repeat = page.locator('[name="counts_recovered"]').count() > 0
    for role in recorders(RULES.gates, gate):
        for note in check_notes(RULES.gates, gate, role, repeat=repeat):
            if note.outcome == "not_applicable":
                page.locator(f'[name="{note.check}-none"]').check()
            else:
                answer(page, note.check, note.value or note.outcome)
                if note.unit:
                    answer(page, f"{note.check}-unit", note.unit)
    save(page)
    expect(page).to_have_url(re.compile(rf"/gates/{gate}/$"))
    site.open(course)


def answer(page: Page, code: str, value: str) -> None:
    """Fill the field of an item or a check, or choose its answer."""
    field = page.locator(f'[name="{code}"]')
    if field.evaluate("field => field.tagName") == "SELECT":
        field.select_option(value)
    else:
        field.fill(value)
