"""Timelines as PDF and as FHIR bundles, made beside like every other file."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation
from fhir.resources.R4B.bundle import Bundle

from accounts.models import User
from accounts.wording import day_text
from exports.bundles_for_files import bundle_lines
from exports.contents import CONTENTS
from exports.fields.kinds import Level
from exports.models import Pseudonym
from exports.pseudonyms import Masked
from exports.writers import formats
from exports.writers.formats import FORMATS, formats_of
from patients.charting import add_entry
from patients.models import Course
from terms.refusals import Refused
from tests.conftest import NOW, Refer, UserWith
from tests.exporting import asked, content_of, in_one_transaction, made, text_of
from tests.toxicity_course import DAY_ZERO, infuse
from tests.walking import Walk

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files(tmp_path: Path) -> Iterator[None]:
    """Where the files of a test go."""
    with in_one_transaction(tmp_path / "exports"):
        yield


@pytest.fixture
def manager(user_with: UserWith) -> User:
    """A data manager."""
    return user_with("data_manager")


def codes(actor: User, **wanted: Any) -> set[tuple[str, str]]:
    with pytest.raises(Refused) as refused:
        asked(actor, NOW, **wanted)
    return {(refusal.field, refusal.code) for refusal in refused.value.refusals}


def test_a_print_has_each_course_on_pages_of_its_own(
    course: Course, coordinator: User, manager: User, refer_patient: Refer
) -> None:
    infuse(course)
    add_entry(
        course_id=course.pk, kind="diagnosis", values={"on": "2022-11", "disease": "B-ALL 😀"},
        actor=coordinator, now=NOW,
    )  # fmt: skip
    refer_patient(coordinator)
    job = made(asked(manager, NOW, format="pdf", language="it"), NOW)
    assert (job.status, job.error_code, job.done) == ("ready", "", 2)
    assert content_of(job).startswith(b"%PDF")
    text, mask = text_of(job), Pseudonym.objects.get(course=course)
    heads = [page.partition("\n")[0] for page in text.split("Percorso · ")[1:]]
    of = [head.partition(" ")[0] for head in heads]
    assert sorted(set(of)) == list(dict.fromkeys(of)) == [
        *Pseudonym.objects.order_by("code").values_list("code", flat=True)
    ]  # fmt: skip
    assert all(head.endswith("Pseudonimizzato") for head in heads)
    with translation.override("it"):
        assert day_text(DAY_ZERO + timedelta(days=mask.shift_days)) in text
    assert "[U+1F600]" in text
    for secret in (course.code, "Rossi", "H00001", "1961", coordinator.username, manager.username):
        assert secret not in text


def test_a_print_with_names_says_whose_it_is(course: Course, haematologist: User) -> None:
    job = made(asked(haematologist, NOW, format="pdf", level=Level.IDENTIFIED), NOW)
    text, who = text_of(job), course.patient
    told = " · ".join([course.code, who.family_name, who.given_name, day_text(who.birth_date)])
    assert told in text.replace("\n", " ")
    assert "With names" in text


@pytest.mark.walked("to_infusion")
def test_bundles_stand_on_lines_of_their_own(
    walk: Walk, user_with: UserWith, refer_patient: Refer
) -> None:
    refer_patient(user_with("coordinator"))
    job = made(asked(user_with("data_manager"), walk.now, format="fhir"), walk.now)
    assert (job.status, job.error_code, job.done) == ("ready", "", 2)
    assert job.file_name.endswith(".ndjson")
    bundles = [json.loads(line) for line in text_of(job).splitlines()]
    for one in bundles:
        Bundle.model_validate_json(json.dumps(one))
    values = [one["entry"][0]["resource"]["identifier"][0]["value"] for one in bundles]
    assert values == sorted(Pseudonym.objects.values_list("code", flat=True))
    text, mask = text_of(job), Pseudonym.objects.get(course=walk.course)
    day_zero = walk.course.anchors.get(kind="infusion").actual_on
    assert day_zero is not None
    assert (day_zero + timedelta(days=mask.shift_days)).isoformat() in text
    assert walk.course.code not in text
    assert walk.course.patient.family_name not in text


def test_what_does_not_fit_a_format_is_refused_at_once(
    course: Course, haematologist: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    unfit = {"content": "courses", "format": "fhir", "level": Level.IDENTIFIED}
    assert codes(haematologist, **unfit) == {
        ("format", "not_in_that_format"), ("level", "no_names_in_it"),
    }  # fmt: skip
    few = {**FORMATS, "pdf": formats.Format("pdf", "PDF", "pdf", "application/pdf", None, most=0)}
    monkeypatch.setattr("exports.asking.FORMATS", few)
    assert codes(haematologist, format="pdf") == {("format", "too_many")}
    assert formats_of("courses") == ("csv", "xlsx", "json")
    assert set(formats_of("timelines")) == FORMATS.keys()
    assert CONTENTS["timelines"].documents.keys() == {"fhir"}


def test_a_course_that_is_gone_meanwhile_has_no_line(course: Course, manager: User) -> None:
    assert list(bundle_lines(manager, {0: Masked("P-NONE", -7)}, NOW)) == []
