"""Laboratory values: answers, limits, confirmations; the latest of each; the body surface."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from audit.models import AuditEvent
from patients import charting
from patients.domain.lab_values import Reading
from patients.models import Course, LabResult
from patients.results import body_surface, latest_results
from protocol.selectors import settings_of
from terms.refusals import Refused
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
TODAY = "2026-11-12"


def add(course: Course, actor: User, **values: Any) -> LabResult:
    """Add a laboratory value of today."""
    entry = charting.add_entry(
        course_id=course.pk, kind="lab", values={"on": TODAY, **values}, actor=actor, now=NOW
    )
    assert isinstance(entry, LabResult)
    entry.refresh_from_db()
    return entry


def refused(course: Course, actor: User, **values: Any) -> set[tuple[str, str]]:
    """What stands against a value, by field and code."""
    with pytest.raises(Refused) as caught:
        add(course, actor, **values)
    assert not LabResult.objects.exists()
    return {(refusal.field, refusal.code) for refusal in caught.value.refusals}


def test_a_value_below_detection_is_kept_as_a_limit(course: Course, coordinator: User) -> None:
    entry = add(course, coordinator, analyte="CRP", value="<0,1", unit="mg/dL")
    assert (entry.comparator, entry.value, entry.unit) == ("<", Decimal(1), "mg/L")
    assert entry.typed == "<0.1 mg/dL"


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        ({"result": "positive"}, (None, "", "", "positive")),
        ({"result": "negative"}, (None, "", "", "negative")),
        (
            {"result": "positive", "value": "1200", "unit": "[IU]/mL"},
            (Decimal(1200), "", "[IU]/mL", "positive"),
        ),
        (
            {"result": "positive", "value": "800", "unit": "{copies}/mL"},
            (Decimal(800), "", "{copies}/mL", "positive"),
        ),
        (
            {"result": "negative", "value": "<50", "unit": "[IU]/mL"},
            (Decimal(50), "<", "[IU]/mL", "negative"),
        ),
        ({"result": "negative", "unit": "[IU]/mL"}, (None, "", "", "negative")),
    ],
)
def test_a_pcr_is_an_answer_with_a_number_or_without(
    course: Course, coordinator: User, values: dict[str, str], kept: tuple[Any, ...]
) -> None:
    entry = add(course, coordinator, analyte="EBV", **values)
    assert (entry.value, entry.comparator, entry.unit, entry.result) == kept


@pytest.mark.parametrize(
    ("values", "reasons"),
    [
        ({"analyte": "EBV"}, {("result", "required")}),
        ({"analyte": "EBV", "value": "1200", "unit": "[IU]/mL"}, {("result", "required")}),
        (
            {"analyte": "EBV", "result": "negative", "value": "1200", "unit": "[IU]/mL"},
            {("value", "negative_with_number")},
        ),
        ({"analyte": "EBV", "result": "maybe"}, {("result", "invalid_choice")}),
        ({"analyte": "HB"}, {("value", "required")}),
        ({"analyte": "HB", "value": "8.4"}, {("unit", "required")}),
        ({"analyte": "HB", "value": "1.234", "unit": "g/dL"}, {("value", "ambiguous")}),
        ({"analyte": "HB", "value": "<1", "unit": "g/dL"}, {("value", "impossible")}),
        (
            {"analyte": "HB", "value": "8.4", "unit": "g/dL", "result": "positive"},
            {("result", "no_answer")},
        ),
        ({"analyte": "HB", "value": "84", "unit": "g/dL"}, {("value", "impossible")}),
        ({"analyte": "HB", "value": "4.9", "unit": "g/dL"}, {("confirmed", "unusual")}),
        (
            {"analyte": "EBV", "value": "5e9", "unit": "stone", "on": "2027-01-01"},
            {("value", "not_a_number"), ("unit", "invalid_choice"), ("on", "future_date")},
        ),
    ],
)
def test_what_cannot_be_is_refused_with_everything_at_once(
    course: Course, coordinator: User, values: dict[str, str], reasons: set[tuple[str, str]]
) -> None:
    assert refused(course, coordinator, **values) == reasons


def test_an_impossible_value_names_the_slip_of_the_unit(course: Course, coordinator: User) -> None:
    with pytest.raises(Refused, match=r"84 g/dL is not possible. Was it measured in g/L\?"):
        add(course, coordinator, analyte="HB", value="84", unit="g/dL")


def test_an_unusual_value_is_saved_once_it_is_confirmed(course: Course, coordinator: User) -> None:
    unusual = add(course, coordinator, analyte="HB", value="4.9", unit="g/dL", confirmed=True)
    usual = add(course, coordinator, analyte="HB", value="8.4", unit="g/dL", confirmed=True)
    assert (unusual.confirmed, usual.confirmed) == (True, False)
    event = AuditEvent.objects.filter(action="lab.add").first()
    assert event is not None
    assert event.after["confirmed"] is True


def test_the_latest_of_each_is_found_in_one_query(course: Course, coordinator: User) -> None:
    settings_of(course.protocol)
    hb = {"analyte": "HB", "unit": "g/dL"}
    add(course, coordinator, **hb, value="9.0", on="2026-11-10")
    add(course, coordinator, **hb, value="8.0", on="2026-11-11")
    add(course, coordinator, **hb, value="8.4", on="2026-11-11")
    add(course, coordinator, **hb, value="7.0", on="", context="from a letter")
    add(course, coordinator, analyte="EBV", result="negative")
    with CaptureQueriesContext(connection) as captured:
        found = latest_results(course, ("HB", "EBV", "ANC"))
    assert len(captured) == 1
    assert found == {
        "HB": Reading(Decimal(84), "g/L", on=date(2026, 11, 11), typed="8.4 g/dL"),
        "EBV": Reading(None, answer="negative", on=date(2026, 11, 12)),
    }
    assert latest_results(course).keys() == {"HB", "EBV"}
    until = latest_results(course, ("HB",), until=date(2026, 11, 10))
    assert until["HB"].value == Decimal(90)


def test_the_body_surface_needs_both_and_both_recent(course: Course, coordinator: User) -> None:
    day = date(2026, 11, 12)
    assert [r.code for r in body_surface(course, day).refusals] == ["no_weight", "no_height"]
    add(course, coordinator, analyte="HEIGHT", value="1.70", unit="m")
    add(course, coordinator, analyte="WEIGHT", value=">69", unit="kg", on="2026-11-09")
    assert [r.code for r in body_surface(course, day).refusals] == ["no_weight"]
    add(course, coordinator, analyte="WEIGHT", value="70.0", unit="kg", on="2026-11-09")
    with CaptureQueriesContext(connection) as captured:
        found = body_surface(course, day)
    assert len(captured) == 1
    assert (found.square_metres, found.formula) == (Decimal("1.82"), "mosteller")
    assert body_surface(course, date(2026, 11, 24)).square_metres is None
    assert body_surface(course, date(2026, 11, 8)).weight is None
