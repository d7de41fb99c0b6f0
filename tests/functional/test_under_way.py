"""A patient on day +40 comes with the old spreadsheet: entered, seen, then moved on normally."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.functional.conftest import Site
from tests.functional.steps import save

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


def ago(days: int) -> str:
    """A day so long ago at the centre, whose date is another one than UTC's around midnight."""
    return f"{datetime.now(ZoneInfo('Europe/Rome')).date() - timedelta(days=days):%d/%m/%Y}"


def test_a_patient_on_day_40_is_entered_and_goes_on(site: Site) -> None:
    page = site.sign_in("coordinator")
    site.open("/patients/transcribe/")
    fill(page)
    # only what belongs to the stage is shown, and what was typed is never hidden
    page.get_by_label("Stage today").select_option(label="Eligibility")
    expect(page.get_by_label("Enrolled on")).to_be_visible()
    expect(page.get_by_label("Infused on (day 0)")).to_be_hidden()
    page.get_by_label("Stage today").select_option(label="Infusion")
    page.get_by_label("Infused on (day 0)").fill(ago(40))
    page.locator("[name=apheresis_1_result]").select_option(label="Adequate")
    page.get_by_label("Admitted on").fill(ago(45))
    page.get_by_role("button", name="Check and go on").click()
    expect(page.get_by_text("+40")).to_be_visible()
    page.get_by_role("button", name="Enter the course of BIANCO, Clelia").click()
    expect(page).to_have_title(re.compile("BIANCO, Clelia"))
    course = page.url
    expect(page.locator(".rail").get_by_text("Not checked").first).to_be_visible()
    site.open("/")
    card = page.locator(".card", has_text="BIANCO, Clelia")
    expect(card).to_contain_text("Not checked")
    expect(card).to_contain_text("+40")
    site.sign_in("physician")  # whose reason lets a warning yield
    page.goto(course)
    page.get_by_role("link", name="Discharge", exact=True).first.click()
    page.get_by_label(re.compile("^(On|Date|Discharge)")).first.fill(ago(0))
    page.locator("main form button").last.click()
    page.locator(".moves").get_by_role("link", name=re.compile("Follow-up")).first.click()
    # nobody recorded the checks before the discharge here: each asks for a reason
    page.get_by_label("Reason to go on").first.wait_for()
    for reason in page.get_by_label("Reason to go on").all():
        reason.fill("Seen at home by our nurse")
    save(page)
    expect(page.locator("[aria-current=step]")).to_contain_text("Follow-up")
    expect(page.locator("[aria-current=step]")).not_to_contain_text("Not checked")


def fill(page: Page) -> None:
    page.get_by_label("Family name").fill("Bianco")
    page.get_by_label("Given name").fill("Clelia")
    page.get_by_label("Birth date").fill("02/05/1970")
    page.get_by_label("Number", exact=True).fill("77040")
    page.locator("[name=protocol_code]").select_option("brexucel-adult-all")
    page.get_by_label("Referred on").fill(ago(120))
    page.get_by_label("Enrolled on").fill(ago(110))
