"""Names, numbers and dates that somebody typed into a disease, a drug or a donor leave nowhere."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Centre, User
from exports.cohort_rows import cohort_rows
from exports.copying import Told, begun_lines
from exports.course_keys import keys_of
from exports.course_records import read_records
from exports.domain.typed_words import LEFT_OUT
from exports.fields.kinds import Level
from exports.pseudonyms import Masked
from exports.registry.columns import registry_files
from exports.registry.rows import registry_lines
from exports.timeline import course_timeline, names_by_protocol, timeline
from exports.writers.fhir.bundle import MODELS, bundle
from patients.charting import add_entry
from patients.models import Course
from tests.conftest import UserWith
from tests.exporting import asked, csv_rows, in_one_transaction, json_of, made, text_of
from tests.walking import Walk

pytestmark = pytest.mark.walked("to_infusion")


@pytest.fixture
def files(tmp_path: Path) -> Iterator[None]:
    """Where the files of a test go."""
    with in_one_transaction(tmp_path / "exports"):
        yield


@pytest.fixture
def told(walk: Walk, coordinator: User) -> Course:
    """A course whose history names the patient, gives their number, and says when."""
    who = walk.course.patient
    about: dict[str, Any] = {"course_id": walk.course.pk, "actor": coordinator}
    number = who.identifiers.order_by("pk")[0].value
    line = {"drug_class": "chemotherapy"}
    values: list[tuple[str, dict[str, Any]]] = [
        ("diagnosis", {"on": "2021", "disease": f"B-ALL, {who.family_name.upper()}"}),
        ("line", line | {"on": "2021", "treatment": f"FLAG ({number})"}),
        ("line", line | {"on": "2022", "treatment": "Blinatumomab from 03/2022"}),
        ("line", line | {"on": "2023", "treatment": "GIMEMA LAL2317"}),
        ("transplant", {"on": "2022", "kind": "allo", "donor": f"brother of {who.given_name}"}),
    ]
    for kind, said in values:
        add_entry(**about, now=walk.now, kind=kind, values=said)
    return walk.course


def test_whom_somebody_may_not_see_is_in_no_row_of_a_cohort(
    told: Course, other_centre: Centre, user_with: UserWith, walk: Walk
) -> None:
    elsewhere = user_with("data_manager", at=other_centre)
    masks = {told.pk: Masked("P-1", -7)}
    for level in Level:
        assert list(cohort_rows(elsewhere, masks, level, walk.now)) == []
        assert len(list(cohort_rows(user_with("data_manager"), masks, level, walk.now))) == 1


def names_in(course: Course, text: str) -> bool:
    who = course.patient
    number = who.identifiers.order_by("pk")[0].value
    return any(name.lower() in text.lower() for name in (who.family_name, who.given_name, number))


def test_no_pseudonymised_file_tells_who_or_when(
    told: Course, walk: Walk, user_with: UserWith, files: None
) -> None:
    manager = user_with("data_manager")
    jobs = [
        made(asked(manager, walk.now, content=content, format=kind), walk.now)
        for content in ("timelines", "cohort")
        for kind in ("csv", "json")
    ]
    assert not any(names_in(told, text_of(job)) for job in jobs)
    quick, slow = csv_rows(jobs[0]), json_of(jobs[1])["rows"]
    for row, same in zip(quick, slow, strict=True):
        assert (row["label"], row["value"]) == (same["label"], same["value"])
    labels = [row["label"] for row in quick if row["event_code"] in ("DX", "TX_LINE")]
    lines = {"Line of treatment: GIMEMA LAL2317", f"Line of treatment: {LEFT_OUT}"}
    assert {f"Diagnosis: {LEFT_OUT}", *lines} <= set(labels)
    assert labels.count(f"Line of treatment: {LEFT_OUT}") == 2
    assert [row["value"] for row in quick if row["event_code"] == "ALLO"] == [LEFT_OUT]
    [row] = csv_rows(jobs[2])
    assert (row["diagnosis"], row["first_line"], row["allo_hsct"]) == (LEFT_OUT,) * 3


@pytest.mark.parametrize(
    ("on", "donor", "told"),
    [
        ("2025-03-14", "MUD, RIC", "MUD, RIC"),
        ("2025-03", "MUD", "MUD"),
        ("2025", "", "yes"),
        ("", "MUD 10/10", "MUD 10/10"),
    ],
)
def test_a_transplant_tells_no_true_date_in_a_pseudonymised_cohort(
    walk: Walk, user_with: UserWith, files: None, on: str, donor: str, told: str
) -> None:
    walk.note("transplant", on=on, kind="allo", donor=donor)
    job = made(asked(user_with("data_manager"), walk.now, content="cohort"), walk.now)
    [row] = csv_rows(job)
    assert row["allo_hsct"] == told


def test_a_coded_file_tells_when_and_not_who(told: Course, user_with: UserWith) -> None:
    manager = user_with("data_manager")
    seen = Course.objects.visible_to(manager).filter(pk=told.pk)
    names = names_by_protocol([told.protocol])
    text = "".join(begun_lines([*keys_of(seen).values()], names, Told(False, False)))
    assert not names_in(told, text)
    assert "Blinatumomab from 03/2022" in text
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [(row["label"], row["value"]) for row in rows] == [
        (row.label, row.value) for row in timeline(manager, seen, coded=True)
    ]


def test_on_screen_only_who_may_not_read_names_goes_without(
    told: Course, coordinator: User, user_with: UserWith
) -> None:
    words = {
        who.username: " ".join(row.label for row in course_timeline(who, told))
        for who in (coordinator, user_with("data_manager"))
    }
    assert [names_in(told, text) for text in words.values()] == [True, False]


def test_neither_bundle_nor_registry_file_names_the_patient(
    told: Course, coordinator: User, walk: Walk
) -> None:
    [record] = read_records(Course.objects.filter(pk=told.pk), MODELS, grades=True)
    for shift_days in (0, -98):
        said = json.dumps(bundle(record, code="P-1", now=walk.now, shift_days=shift_days))
        assert not names_in(told, said)
        assert json.dumps(LEFT_OUT) in said
    assert not said_of(walk.now, told, coordinator)


def said_of(now: datetime, course: Course, actor: User) -> bool:
    """Whether any file for a registry names the patient."""
    seen = Course.objects.visible_to(actor)
    texts = ["".join(registry_lines(file, actor, seen, now)) for file in registry_files().values()]
    assert any(LEFT_OUT in text for text in texts)
    return any(names_in(course, text) for text in texts)
