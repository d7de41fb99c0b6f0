"""No pseudonymised file of the demo holds anything that names one of its people."""

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

from accounts.models import User
from accounts.permissions import ROLE_CHOICES
from accounts.wording import day_text
from exports.contents import CONTENTS
from exports.fields import declared
from exports.fields.kinds import Kind
from exports.models import Pseudonym
from exports.writers.formats import FORMATS, formats_of
from patients.models import Patient
from tests.demo.conftest import NOW
from tests.exporting import asked, in_one_transaction, made, text_of

_NAMING = {Kind.DIRECT, Kind.STAFF, Kind.TEXT}
# Words of fixed lists and numbers that stand in coded columns too, whoever typed them elsewhere.
_SHORTEST = 4
# They say again what stands in other tables, and in words of the site. Of days others are told by
# chance, and answers of a fixed list are typed where others are free.
_COPIES = {"audit.auditevent", "reminders.notice"}
_ANSWERS = {("pathway.gateentry", "value"), ("pathway.eligibilityentry", "value")}
_DAY = re.compile(r"(19|20)[0-9]{2}-[0-9]{2}(-|$)")


def files_of_the_demo(folder: Path) -> dict[str, str]:
    """Every content in every format, about the whole demo, as their readers see them."""
    texts = {}
    with in_one_transaction(folder / "exports"):
        manager = User.objects.get(username="manager")
        for content in CONTENTS:
            for format_code in formats_of(content):
                if FORMATS[format_code].most is not None:
                    continue  # the whole demo is too much paper
                job = made(asked(manager, NOW, content=content, format=format_code), NOW)
                assert job.status == "ready", job.error_code
                texts[f"{content}.{format_code}"] = without_roles(text_of(job))
    return texts


def without_roles(text: str) -> str:
    """Whose task it is, by the role: some users of the demo are called as their role is."""
    for _role, label in ROLE_CHOICES:
        text = text.replace(json.dumps({"text": str(label)}, separators=(",", ":")), "")
    return text


def texts_of(value: Any) -> Iterator[str]:
    """Every text in a value of a column, however deep."""
    if isinstance(value, dict):
        for part in value.values():
            yield from texts_of(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from texts_of(part)
    elif isinstance(value, str):
        yield value.strip()


def naming_texts() -> dict[str, str]:
    """What stands in the demo's columns that are declared as naming somebody, and where."""
    found: dict[str, str] = {}
    for (label, name), kind in declared().items():
        model = apps.get_model(label)
        if kind not in _NAMING or model._meta.get_field(name).is_relation or label in _COPIES:
            continue
        if (label, name) in _ANSWERS:
            continue
        for value in model._base_manager.values_list(name, flat=True):
            for text in texts_of(value):
                counted = kind is Kind.TEXT and text.replace(".", "").isdecimal()
                if len(text) >= _SHORTEST and not counted and not _DAY.match(text):
                    found[text] = f"{label}.{name}"
    return found


def in_clinical_columns() -> set[str]:
    """The texts of columns that may leave: the same text typed elsewhere tells no more."""
    found: set[str] = set()
    for (label, name), kind in declared().items():
        field = apps.get_model(label)._meta.get_field(name)
        if kind in {Kind.CLINICAL, Kind.CODED} and not field.is_relation:
            for value in apps.get_model(label)._base_manager.values_list(name, flat=True):
                found.update(texts_of(value))
    return found


@pytest.mark.django_db
def test_nothing_that_names_somebody_is_in_a_pseudonymised_file(demo: None, tmp_path: Path) -> None:
    files = files_of_the_demo(tmp_path)
    naming, harmless = naming_texts(), in_clinical_columns()
    assert {"CASE-1", "manager"} <= naming.keys()
    assert len(naming.keys() - harmless) > 200
    found = {
        f"{file}: {text!r} of {where}"
        for file, whole in files.items()
        for text, where in naming.items()
        if text not in harmless and text in whole and stands_alone(text, whole)
    }
    assert found == set()
    for on in Patient.objects.values_list("birth_date", flat=True):
        told = (on.isoformat(), f"{on:%d/%m/%Y}", day_text(on))
        assert not any(text in whole for text in told for whole in files.values())
    every_date_is_moved_by_the_days_of_its_pseudonym(files["courses.csv"])


def stands_alone(text: str, whole: str) -> bool:
    """Whether it is there as a word, and not as a part of another one."""
    return re.search(rf"(?<![\w-]){re.escape(text)}(?![\w-])", whole) is not None


def every_date_is_moved_by_the_days_of_its_pseudonym(file: str) -> None:
    rows = list(csv.DictReader(io.StringIO(file, newline="")))
    masks = {mask.code: mask for mask in Pseudonym.objects.select_related("course")}
    assert len({mask.shift_days for mask in masks.values()}) > 3
    codes = [row["course"] for row in rows]
    assert codes == sorted(codes), "the order of referral would tell who is who"
    for row in rows:
        mask = masks[row["course"]]
        back = timedelta(days=-mask.shift_days)
        assert date.fromisoformat(row["referred_on"]) + back == mask.course.referred_on
