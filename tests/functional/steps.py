"""What people do on the pages again and again, in the words of the pages."""

import re
from urllib.parse import urljoin

from playwright.sync_api import Page, expect

from terms.demo import DEMO_PASSWORD
from tests.functional.conftest import Site


def read_labels(site: Site, course: str, person: str, check: str, labels: dict[str, str]) -> None:
    """One person signs in, reads the labels alone and signs; ends on the course's page."""
    page = site.sign_in(person)
    site.open(course)
    page.get_by_role("link", name=check).click()
    begin = page.get_by_role("button", name="Begin the check")
    # `count` takes what is there at once, and the course's page may still be there
    begin.or_(page.get_by_label(next(iter(labels)), exact=True)).wait_for()
    if begin.count():
        begin.click()
    for field, text in labels.items():
        page.get_by_label(field, exact=True).fill(text)
        with page.expect_navigation():
            page.keyboard.press("Enter")  # as the scanner does
    answers = page.get_by_label("Name, birth date, order and expiry")
    answers.first.wait_for()  # `all` takes what is there at once
    for answer in answers.all():
        answer.select_option(index=1)
    page.get_by_label("Your password, to sign").fill(DEMO_PASSWORD)
    save(page, "Sign what I read for")
    expect(page.locator(".error-summary")).to_have_count(0)
    site.open(course)


def find(site: Site, person: str, family: str) -> str:
    """Somebody signs in and opens the course of the demo's patient."""
    page = site.sign_in(person)
    site.open(f"/?view=table&search={family}")
    page.get_by_role("link", name=re.compile(family.upper())).first.click()
    return page.url.removeprefix(site.address)


REASONS = "Reason to go on"  # one for each question of a form


def move(page: Page, label: str, typed: dict[str, str] | None = None) -> None:
    """Press the button of a move and save its form, which leads back to the course."""
    page.get_by_role("link", name=label, exact=True).click()
    for field, value in (typed or {}).items():
        boxes = page.get_by_label(field).all() if field == REASONS else [page.get_by_label(field)]
        assert boxes, f"the form asks no {field}"
        for box in boxes:
            box.fill(value)
    save(page)
    expect(page, page.locator("main").inner_text()).to_have_url(re.compile(r"/courses/\d+/$"))


def save(page: Page, label: str = "Save for") -> None:
    """Press the form's main button and wait for the answer."""
    # the form's own page has long been loaded: only another one is the answer
    with page.expect_navigation():
        page.locator("main").get_by_role("button", name=label).click()


def fill_if_empty(page: Page, field: str) -> None:
    """Give today where the form does not propose it."""
    box = page.get_by_label(field, exact=True)
    if not box.input_value():
        box.fill(today(page))


def option(page: Page, field: str, part: str) -> str:
    """The full text of the choice that contains `part`."""
    page.wait_for_load_state()  # what follows takes what is there at once
    choices = page.get_by_label(field).locator("option").all_text_contents()
    return next(choice for choice in choices if part.lower() in choice.lower())


def today(page: Page) -> str:
    """Today as the board writes it."""
    text = page.request.get(urljoin(page.url, "/")).text()
    found = re.search(r"as of (\d{2}-[A-Z][a-z]{2}-\d{4})", text)
    assert found is not None
    return found.group(1)
