"""The page of results and many values in one go, on the page and in the API."""

import re
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from patients.charting import add_entry
from patients.models import Course, LabResult
from patients.panels import record_panel
from terms.refusals import NotAllowed, Refused
from tests.conftest import NOW, UserWith

pytestmark = pytest.mark.django_db
ANC = {"analyte": "ANC", "value": "0.4", "unit": "10*9/L"}
HB = {"analyte": "HB", "value": "8.4", "unit": "g/dL"}
EBV = {"analyte": "EBV", "result": "positive", "value": "1200", "unit": "[IU]/mL"}


@pytest.fixture
def page(coordinator: User) -> Client:
    """A coordinator's browser."""
    client = Client()
    client.force_login(coordinator)
    return client


def keep(course: Course, actor: User, *values: dict[str, Any], on: str = "2026-11-10") -> Any:
    """Record a panel."""
    return record_panel(course_id=course.pk, on=on, values=values, actor=actor, now=NOW)


def test_many_values_are_kept_in_one_go(course: Course, coordinator: User) -> None:
    entries = keep(course, coordinator, ANC, HB, EBV)
    assert [entry.on for entry in entries] == ["2026-11-10"] * 3
    assert LabResult.objects.count() == 3


def test_one_fault_keeps_all_of_them_out_and_every_fault_is_named(
    course: Course, coordinator: User, user_with: UserWith
) -> None:
    bad = ({**ANC, "value": "1.234"}, {**HB, "value": "84"}, EBV, EBV)
    with pytest.raises(Refused) as caught:
        keep(course, coordinator, *bad, on="2027-01-01")
    assert [(one.field, one.code) for one in caught.value.refusals] == [
        ("EBV.value", "twice"),
        ("on", "future_date"),
        ("ANC.value", "ambiguous"),
        ("HB.value", "impossible"),
    ]
    with pytest.raises(Refused) as caught:
        keep(course, coordinator)
    assert [one.code for one in caught.value.refusals] == ["empty"]
    with pytest.raises(NotAllowed):
        keep(course, user_with("pharmacist"), ANC)
    assert not LabResult.objects.exists()


def ticked(answer: Any) -> bool:
    """Whether a box of the page is ticked."""
    return re.search(r"<input[^>]* checked[ >]", answer.content.decode()) is not None


def test_the_form_keeps_what_was_typed_and_asks_to_confirm(page: Client, course: Course) -> None:
    url = reverse("results_new", args=[course.pk]) + "?group=counts"
    assert page.get(url).status_code == 200
    typed = {"on": "10-Nov-2026", "HB.value": "4.9", "HB.unit": "g/dL", "ANC.unit": "10*9/L"}
    answer = page.post(url, typed)
    assert answer.status_code == 422
    said = answer.content.decode()
    assert "is unusual for Haemoglobin" in said
    assert 'name="HB.confirmed"' in said
    assert 'value="4.9"' in said
    # A tick is for the value it was asked about: another one, or none at all, asks again.
    tick = re.search(r'name="HB.confirmed" value="([^"]*)"', said)
    assert tick is not None
    for other in ({"HB.confirmed": "on"}, {"HB.confirmed": tick[1], "HB.value": "4.4"}):
        again = page.post(url, typed | other)
        assert again.status_code == 422
        assert not ticked(again)
    assert not LabResult.objects.exists()
    stays = page.post(url, typed | {"HB.confirmed": tick[1], "on": "soon"})
    assert ticked(stays)
    assert page.post(url, typed | {"HB.confirmed": tick[1]}).status_code == 302
    assert LabResult.objects.get().confirmed is True


def test_the_tick_of_one_value_is_for_that_value_too(page: Client, course: Course) -> None:
    url = reverse("chart_entry_new", args=[course.pk, "lab"])
    typed = {"on": "10-Nov-2026", "analyte": "HB", "value": "4,9", "unit": "g/dL"}
    asked = page.post(url, typed | {"confirmed": "on"})
    assert asked.status_code == 422
    tick = {"confirmed": "HB 4,9 g/dL"}
    assert f'value="{tick["confirmed"]}"' in asked.content.decode()
    assert page.post(url, typed | tick | {"value": "4,4"}).status_code == 422
    assert page.post(url, typed | tick).status_code == 302
    assert LabResult.objects.get().confirmed is True


def test_the_table_marks_what_is_out_of_range_and_never_says_normal(
    page: Client, course: Course, coordinator: User
) -> None:
    keep(course, coordinator, ANC, HB, EBV, {"analyte": "WEIGHT", "value": "70", "unit": "kg"})
    keep(course, coordinator, {**HB, "value": "<13"}, on="2026-11-11")
    for kind, values in (
        ("marrow", {"on": "2026-11", "mrd": "negative", "mrd_method": "flow",
                    "mrd_limit_percent": "0.01"}),
        ("imaging", {"on": "2026-11-02", "kind": "pet_ct", "finding": "clear"}),
        ("imaging", {"on": "2026-11-03", "kind": "echo", "finding": "clear", "lvef_percent": "55"}),
        ("csf", {"on": "2026-11-04", "cells_per_ul": "2", "cytology": "negative",
                 "flow": "not_done"}),
        ("lab", {"analyte": "FERRITIN", "value": "3536", "unit": "ng/mL", "context": "letter"}),
    ):  # fmt: skip
        add_entry(course_id=course.pk, kind=kind, values=values, actor=coordinator, now=NOW)
    said = " ".join(page.get(reverse("results", args=[course.pk])).content.decode().split())
    for words in (
        "0.4 ×10⁹/L", "Low", "positive · 1200 IU/mL", "Found", "&lt;13 g/dL", "No range",
        "70 kg", "Not counted.", "No height is recorded.", "Extramedullary disease: not known",
        "Ejection fraction 55 %", "Limit of detection 0.01 %", "Cells 2/µL", "3536 ng/mL",
        "Intrathecal therapy given: not known",
    ):  # fmt: skip
        assert words in said, words
    assert "ormal" not in said
    few = page.get(reverse("results", args=[course.pk]) + "?group=viruses&until=2026-11-10")
    assert "EBV PCR" in few.content.decode()
    assert "Haemoglobin" not in few.content.decode()
    with translation.override("it"):
        page.cookies["django_language"] = "it"
        for name in ("results", "course"):
            assert "0,4 ×10⁹/L" in page.get(reverse(name, args=[course.pk])).content.decode()


def test_the_page_costs_the_same_however_many_values(
    page: Client, course: Course, coordinator: User
) -> None:
    url = reverse("results", args=[course.pk])
    costs = []
    for days in (1, 11):
        for day in range(1, days + 1):
            keep(course, coordinator, ANC, HB, on=date(2026, 10, day).isoformat())
        page.get(url)
        with CaptureQueriesContext(connection) as captured:
            answer = page.get(url + "?until=nonsense&group=mood")
        costs.append(len(captured))
    assert costs[0] == costs[1] <= 16
    assert "Earlier dates" in answer.content.decode()
