"""Results of the laboratory from a file: tried, a name of theirs explained, recorded, seen once."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.functional.conftest import Site, Standing

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


def test_a_file_of_the_laboratory_is_tried_explained_and_recorded_once(
    site: Site, standing: Standing
) -> None:
    page = site.sign_in("coordinator")
    site.open(f"/courses/{standing.followed}/")
    found = re.search(r"NORD-[0-9]{4}", page.content())
    assert found is not None
    code, on = found[0], (timezone.now() - timedelta(days=1)).date()
    lines = [
        "corso;esame;data;ora;valore;unità",
        f"{code};CRP;{on:%d/%m/%Y};08:15;7,75;mg/L",
        f"{code};Gran. neutrofili;{on:%d/%m/%Y};08:15;1234;/uL",
        f"{code};PLT;31/02/2026;;40;10*9/L",
    ]
    page.set_viewport_size({"width": 390, "height": 800})
    site.open("/patients/")
    page.get_by_role("link", name="Import results").click()

    told = page.locator("p[role=status]")

    def send(rows: list[str]) -> None:
        # As spreadsheets in Italy save it.
        content = "\r\n".join(rows).encode("cp1252")
        field = page.get_by_label("CSV file")
        field.set_input_files({"name": "lab.csv", "mimeType": "text/csv", "buffer": content})
        page.get_by_role("button", name="Check the file").click()

    send(lines)
    expect(told).to_contain_text("cannot be recorded as it is")
    faults = page.get_by_role("region", name="Lines to look at")
    expect(faults).to_contain_text("That month has no such day.")
    expect(page.get_by_role("button", name=re.compile("^Record"))).to_have_count(0)
    send(lines[:3])
    expect(page.get_by_role("region", name="Lines to look at")).to_contain_text("is not known")
    page.get_by_label("gran. neutrofili").select_option("ANC")
    page.get_by_role("button", name="Check again").click()
    expect(told).to_contain_text("2 values can be recorded")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Record 2 values").click()
    expect(page.get_by_text("2 values are recorded.")).to_be_visible()
    # The name is remembered, and the same file again writes nothing.
    send(lines[:3])
    expect(page.get_by_text("There already")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Record"))).to_have_count(0)
    site.open(f"/courses/{standing.followed}/")
    expect(page.get_by_text("7.75", exact=False).first).to_be_attached()
