"""Every course of the demo as a FHIR bundle: valid R4, whole in itself, and nobody named in it."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from fhir.resources.R4B.bundle import Bundle
from pypdf import PdfReader

from accounts.models import User
from exports.course_records import read_records
from exports.registry.columns import registry_files
from exports.requesting_one import request_timeline_pdf
from exports.requesting_registry import request_registry
from exports.writers.fhir.bundle import MODELS, bundle
from patients.models import Course, Identifier, Patient
from tests.demo.conftest import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def bundles(demo: None, django_db_blocker: Any) -> Iterator[dict[str, Any]]:
    """The bundle of each course by its code."""
    with django_db_blocker.unblock():
        yield {record.course.code: bundle(record, code=record.course.code, now=NOW)
               for record in read_records(Course.objects.all(), MODELS, grades=True)}  # fmt: skip


def references(value: Any) -> Iterator[str]:
    """Every reference inside a resource."""
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for part in value.values():
            yield from references(part)
    elif isinstance(value, list):
        for part in value:
            yield from references(part)


@pytest.mark.no_cover  # only reads what was made
def test_every_course_is_valid_and_refers_only_to_itself(bundles: dict[str, Any]) -> None:
    assert len(bundles) > 10
    seen = set()
    for code, one in bundles.items():
        Bundle.model_validate_json(json.dumps(one))
        addresses = [entry["fullUrl"] for entry in one["entry"]]
        assert len(addresses) == len(set(addresses)), code
        assert set(references(one)) <= set(addresses), code
        seen |= {entry["resource"]["resourceType"] for entry in one["entry"]}
    assert seen >= {
        "Patient", "Condition", "EpisodeOfCare", "CarePlan", "Flag", "Encounter", "Procedure",
        "Observation", "ServiceRequest", "MedicationAdministration", "MedicationRequest",
        "BiologicallyDerivedProduct", "Task", "Provenance", "AdverseEvent",
    }  # fmt: skip


@pytest.mark.no_cover  # only reads what was made
def test_nobody_is_named_in_any(bundles: dict[str, Any]) -> None:
    text = json.dumps(list(bundles.values()), ensure_ascii=False).lower()
    people: QuerySet[Patient, Any] = Patient.objects.all()
    names = {name for row in people.values_list("family_name", "given_name") for name in row}
    born = {on.isoformat() for on in people.values_list("birth_date", flat=True)}
    numbers = set(Identifier.all_rows.values_list("value", flat=True))
    labels = set(Course.objects.values_list("products__lot", flat=True)) | set(
        Course.objects.values_list("apheresisattempts__din", flat=True)
    )
    for secret in names | born | numbers | labels:
        assert not secret or f'"{secret.lower()}"' not in text, secret
        assert not secret or len(secret) < 6 or secret.lower() not in text, secret


def test_more_courses_cost_no_more_queries(bundles: dict[str, Any]) -> None:
    costs = []
    for codes in (list(bundles)[:1], list(bundles)):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            records = read_records(Course.objects.filter(code__in=codes), MODELS, grades=True)
            for record in records:
                bundle(record, code=record.course.code, now=NOW)
        costs.append(len(queries))
    assert costs[0] <= costs[1] <= 33


def test_registries_are_told_of_the_infused_courses_of_the_demo(bundles: dict[str, Any]) -> None:
    actor = User.objects.get(username="manager")
    for name, file in registry_files().items():
        asked = request_registry(file=file, purpose="report", actor=actor, now=NOW)
        rows = list(csv.DictReader(io.StringIO("".join(asked.pieces), newline="")))
        assert len({row["course"] for row in rows}) >= 4, name
        for row in rows:
            assert all(row[key] == "" for key in row["missing"].split())
        text = json.dumps(rows).lower()
        for family, given in Patient.objects.values_list("family_name", "given_name"):
            assert f'"{family.lower()}' not in text
            assert f'"{given.lower()}' not in text


def test_a_long_timeline_of_the_demo_prints_inside_its_pages(bundles: dict[str, Any]) -> None:
    actor = User.objects.get(username="manager")
    longest = Course.objects.filter(code__in=bundles).order_by("pk")[:1]
    for course in longest:
        _name, made = request_timeline_pdf(course_id=course.pk, actor=actor, now=NOW)
        for page in PdfReader(io.BytesIO(made)).pages:
            spots: list[tuple[float, float]] = []

            def note(
                text: str, cm: list[float], tm: list[float], *_font: object,
                to: list[tuple[float, float]] = spots,
            ) -> None:  # fmt: skip
                if text.strip():
                    to.append((cm[4] + tm[4], cm[5] + tm[5]))

            page.extract_text(visitor_text=note)
            right, top = (float(edge) for edge in page.mediabox[2:])
            assert spots
            assert all(30 < x < right - 30 and 20 < y < top - 20 for x, y in spots)
