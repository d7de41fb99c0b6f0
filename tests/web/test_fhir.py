"""A course as a FHIR bundle: who gets it, what it says, what stays here."""

import json
import re
from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from fhir.resources.R4B.bundle import Bundle
from rest_framework.test import APIClient

from accounts.models import User
from audit.models import AuditEvent
from exports.course_records import read_records
from exports.writers.fhir.bundle import MODELS, bundle
from patients.charting import withdraw_consent
from patients.deaths import record_death
from patients.mistaken_facts import mark_fact
from patients.models import Course
from tests.walking import Walk

pytestmark = pytest.mark.walked("to_follow_up")


def told(walk: Walk, **more: Any) -> dict[str, Any]:
    """The bundle of the walk's course, valid."""
    courses = Course.objects.filter(pk=walk.course.pk)
    [record] = read_records(courses, MODELS, grades=True)
    made = bundle(record, **{"code": "P-1", "now": walk.now, **more})
    Bundle.model_validate_json(json.dumps(made))
    return made


def of(made: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """The resources of a type."""
    found = [entry["resource"] for entry in made["entry"]]
    return [one for one in found if one["resourceType"] == kind]


def saying(made: dict[str, Any], kind: str, words: str) -> list[dict[str, Any]]:
    """Those whose code begins with some words."""
    return [one for one in of(made, kind) if one["code"]["text"].startswith(words)]


def days(made: dict[str, Any]) -> list[date]:
    """Every day in a bundle, in its order, but for that of the bundle."""
    text = json.dumps(made["entry"])
    return [date.fromisoformat(one) for one in re.findall(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text)]


def test_a_course_says_what_happened_under_its_code(walk: Walk) -> None:
    made = told(walk)
    [patient], [episode], [plan] = (
        of(made, kind) for kind in ("Patient", "EpisodeOfCare", "CarePlan")
    )
    assert patient["identifier"][0]["value"] == "P-1"
    assert (patient["gender"], "name" in patient, "birthDate" in patient) == (
        "female",
        False,
        False,
    )
    assert (episode["status"], plan["status"]) == ("active", "active")
    steps = [(step["status"], step["period"].get("end")) for step in episode["statusHistory"]]
    assert steps == [("planned", "2026-09-15"), ("active", None)]
    [age] = saying(made, "Observation", "Age at the infusion")
    assert age["valueQuantity"]["value"] == 65
    [infusion] = saying(made, "Procedure", "Infusion of CAR-T cells")
    [bag] = [one for one in of(made, "MedicationAdministration") if "partOf" in one]
    assert (infusion["status"], bag["status"], bag["effectiveDateTime"]) == (
        "completed", "completed", "2026-10-20",
    )  # fmt: skip
    assert bag["medicationCodeableConcept"]["coding"][0]["code"] == "L01XL06"
    [product] = of(made, "BiologicallyDerivedProduct")
    assert (product["status"], product["productCategory"]) == ("unavailable", "cells")
    assert len(of(made, "Provenance")) == 2  # at receipt and at the bedside
    [weight, *_rest] = saying(made, "Observation", "Weight")
    assert weight["code"]["coding"] == [{"system": "http://loinc.org", "code": "29463-7"}]
    grades = saying(made, "Observation", "CRS grade")
    assert [(one["valueInteger"], one["status"]) for one in grades] == [(0, "final")]


def test_what_the_chart_says_is_told_as_far_as_it_is_known(walk: Walk) -> None:
    walk.note("relapse", on="2025-03", kind="mrd", after_infusion="false")
    walk.note("transplant", on="2024", kind="allo", donor="Anna, sister")
    walk.note("marrow", on="2026-10-30", remission="cr", mrd="negative", blasts_percent="1")
    walk.note("marrow", on="2026-10-31", mrd="not_assessed")
    walk.note("imaging", on="2026-10-30", kind="echo", finding="clear", lvef_percent="55")
    walk.note("csf", on="2026-10-30", cytology="negative", flow="not_done")
    walk.note("lab", on="2026-10-30", analyte="CMV", result="positive", value="<50", unit="[IU]/mL")
    walk.note("lab", on="2026-10-30", analyte="CRP", value="12", unit="mg/L")
    made = told(walk)
    assert "Anna" not in json.dumps(made)
    [disease] = [one for one in of(made, "Condition") if one["code"]["text"].startswith("Relapsed")]
    assert disease["clinicalStatus"]["coding"][0]["code"] == "remission"
    [transplant] = saying(made, "Procedure", "Allogeneic")
    assert transplant["performedDateTime"] == "2024"
    [relapse] = saying(made, "Observation", "Relapse, ")
    assert relapse["effectiveDateTime"] == "2025-03"
    [status] = saying(made, "Observation", "Disease status")
    assert status["valueCodeableConcept"]["coding"][0]["code"] == "103338009"
    [cmv] = saying(made, "Observation", "CMV")
    assert (cmv["valueQuantity"]["comparator"], cmv["valueQuantity"]["value"]) == ("<", 50)
    assert cmv["interpretation"][0]["text"] == "Positive"
    [crp] = saying(made, "Observation", "C-reactive")
    assert "coding" not in crp["code"], "no source of its code was read"


def test_a_fact_in_error_is_in_no_bundle(walk: Walk) -> None:
    walk.note("marrow", on="2026-10-30", remission="cr", mrd="negative")
    fact = walk.course.marrowresults.get()
    mark_fact(
        course_id=walk.course.pk, kind="marrow", fact_id=fact.pk, reason="of somebody else",
        actor=walk.by("haematologist"), now=walk.tick(),
    )  # fmt: skip
    assert saying(told(walk), "Observation", "Disease status") == []


def test_every_date_is_moved_by_the_same_days(walk: Walk) -> None:
    walk.note("relapse", on="2025-03", kind="molecular", after_infusion="false")
    made = told(walk, shift_days=-40)
    [bag] = [one for one in of(made, "MedicationAdministration") if "partOf" in one]
    assert bag["effectiveDateTime"] == "2026-09-10"
    [relapse] = saying(made, "Observation", "Relapse, ")
    assert relapse["effectiveDateTime"] == "2025"  # all of the month falls into that year
    real, moved = days(told(walk)), days(made)
    assert len(real) > 50
    assert {(after - before).days for before, after in zip(real, moved, strict=True)} == {-40}


def test_death_and_what_it_leaves_undone(walk: Walk) -> None:
    walk.until(30)
    record_death(
        patient_id=walk.course.patient_id, died_on=date(2026, 11, 18), category="infection",
        cause="Sepsis of Mrs Rossi", actor=walk.by("haematologist"), now=walk.tick(),
    )  # fmt: skip
    made = told(walk)
    [patient], [episode] = of(made, "Patient"), of(made, "EpisodeOfCare")
    assert (patient["deceasedDateTime"], episode["status"]) == ("2026-11-18", "finished")
    [death] = saying(made, "Observation", "Category of the cause of death")
    assert death["valueCodeableConcept"]["text"] == "Infection"
    assert "Sepsis" not in json.dumps(made)
    assert "cancelled" in {task["status"] for task in of(made, "Task")}


def test_who_was_lost_is_said_to_be_lost(walk: Walk) -> None:
    walk.course.journey.stage = "lost"
    walk.course.journey.save()
    [episode] = of(told(walk), "EpisodeOfCare")
    assert (episode["status"], episode["extension"][0]["valueBoolean"]) == ("finished", True)


@time_machine.travel("2026-11-12 09:30Z", tick=False)
def test_page_and_api_answer_the_same_file_and_keep_the_request(
    walk: Walk, coordinator: User
) -> None:
    client, api = Client(), APIClient()
    client.force_login(coordinator)
    api.force_authenticate(coordinator)
    with CaptureQueriesContext(connection) as queries:
        page = client.get(reverse("course_fhir", args=[walk.course.pk]))
    assert len(queries) <= 45
    answer = api.get(f"/api/v1/courses/{walk.course.pk}/fhir/")
    assert page.content == answer.content
    assert answer["Content-Type"] == "application/fhir+json; charset=utf-8"
    name = f"percorso-{walk.course.code}-2026-11-12.fhir.json"
    assert page["Content-Disposition"] == f'attachment; filename="{name}"'
    events = AuditEvent.objects.filter(action="export.fhir", course_id=walk.course.pk)
    assert [event.after for event in events] == [{"scope": walk.course.code, "format": "fhir"}] * 2
    assert b"FHIR bundle" in client.get(reverse("course", args=[walk.course.pk])).content


def test_withdrawn_data_leave_in_no_bundle(walk: Walk, coordinator: User) -> None:
    consent = walk.course.consents.get(kind="data")
    withdraw_consent(
        consent_id=consent.pk, withdrawn_on=walk.now.date(), actor=coordinator, now=walk.tick()
    )
    api = APIClient()
    api.force_authenticate(coordinator)
    answer = api.get(f"/api/v1/courses/{walk.course.pk}/fhir/")
    assert answer.json()["reasons"][0]["code"] == "data_withdrawn"
    assert not AuditEvent.objects.filter(action="export.fhir").exists()
