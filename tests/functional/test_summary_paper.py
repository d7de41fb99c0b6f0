"""The printed summary of a course is one sheet, also of a course with a long story."""

import io
from threading import Thread

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Page
from pypdf import PdfReader

from accounts.models import User
from patients.charting import add_entry
from patients.models import Course
from protocol.selectors import content_of
from tests.functional.conftest import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

LONG = "Hyper-CVAD with rituximab, then consolidation"


def test_the_summary_of_a_long_story_is_one_sheet(site: Site) -> None:
    beside = Thread(target=tell_a_long_story)
    beside.start()
    beside.join()
    page = site.sign_in("coordinator")
    card = page.get_by_role("link", name="CATTANEO, Ugo").first.get_attribute("href")
    for language in ("en", "it"):
        say(page, site.address, language)
        site.open(f"{card}summary/")
        words = sheet(page)
        for told in ("CATTANEO, Ugo", "penicillin", LONG, "SARS-CoV-2"):
            assert told in words, (language, told)
        # What has no room is said to be elsewhere: of treatments, of examinations, of what is due.
        left = {"en": "are on the course's page", "it": "sono nella pagina del percorso"}
        assert words.count(left[language]) >= 3, language


def test_each_course_of_the_demo_is_one_sheet(site: Site) -> None:
    page = site.sign_in("coordinator")
    cards = page.locator("main .card a[href^='/courses/']")
    hrefs = set(cards.evaluate_all("all => all.map(one => one.getAttribute('href'))"))
    assert len(hrefs) > 10
    for href in sorted(hrefs):
        site.open(f"{href}summary/")
        sheet(page)


def sheet(page: Page) -> str:
    """The words of the one page that the browser prints."""
    pages = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages
    assert len(pages) == 1, page.title()
    return " ".join(pages[0].extract_text().split())


def say(page: Page, address: str, language: str) -> None:
    """Read the site in `language`."""
    page.context.add_cookies([{"name": "django_language", "value": language, "url": address}])


def tell_a_long_story() -> None:
    """Fill every part of a course's summary, by the services and in a thread of its own."""
    course = Course.objects.get(patient__family_name="Cattaneo")
    entries: list[tuple[str, dict[str, str]]] = [
        ("allergy", {"substance": "penicillin"}),
        ("diagnosis", {"on": "2015", "disease": "B-ALL", "ph_status": "positive"}),
        *(("relapse", {"on": str(2016 + n), "kind": "haematological"}) for n in range(8)),
        *(("line", {"on": str(2004 + n), "treatment": f"{LONG} {n}"}) for n in range(18)),
        *(
            ("marrow", {"on": f"2026-{n:02}", "blasts_percent": "71", "mrd": "not_assessed"})
            for n in range(1, 9)
        ),
    ]
    for code, row in content_of(course.protocol)["ranges"].items():
        number = row["answer"] == "number"
        low = str(row["soft"]["value"][0])
        answer = {"value": low, "unit": row["unit"]} if number else {"result": "negative"}
        entries.append(("lab", {"on": "2026-11-10", "analyte": code, **answer}))
    actor, now = User.objects.get(username="physician"), timezone.now()
    for kind, values in entries:
        add_entry(course_id=course.pk, kind=kind, values=values, actor=actor, now=now)
    connection.close()
