"""Words of protocols in files: each course in those of its own protocol."""

import csv
import io
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.models import User
from exports.copied_words import words_of
from exports.copying import Told, begun_lines
from exports.course_keys import keys_of
from exports.timeline import names_by_protocol, timeline
from patients.charting import add_entry
from patients.models import Course
from protocol.models import Protocol
from terms.words import Bilingual
from tests.conftest import NOW, PROTOCOL_FILE, make_protocol, referring

_NEUTROPHILS = 'label = { en = "Neutrophils", it = "Neutrofili" }'
_GRANULOCYTES = 'label = { en = "Granulocytes", it = "Granulociti" }'


@pytest.fixture
def another(protocol: Protocol) -> Protocol:
    """The shipped protocol under another code, which calls one analyte otherwise."""
    content = PROTOCOL_FILE.read_text()
    assert _NEUTROPHILS in content
    changed = content.replace(protocol.code, f"{protocol.code}-two")
    return make_protocol(changed.replace(_NEUTROPHILS, _GRANULOCYTES).encode())


def test_each_course_is_told_in_the_words_of_its_own_protocol(
    protocol: Protocol, another: Protocol, coordinator: User
) -> None:
    courses = [referring(one)(coordinator) for one in (protocol, another, protocol)]
    for course in courses:
        values = {"on": "2026-11-10", "analyte": "ANC", "value": "1200", "unit": "/uL"}
        add_entry(course_id=course.pk, kind="lab", values=values, actor=coordinator, now=NOW)
    seen = Course.objects.visible_to(coordinator)
    names = names_by_protocol(Protocol.objects.all())
    text = "".join(begun_lines([*keys_of(seen).values()], names, Told(True, True)))
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    expected = [
        f"Laboratory value: {word}" for word in ("Neutrophils", "Granulocytes", "Neutrophils")
    ]
    assert [row["label"] for row in rows if row["event_code"] == "LAB"] == expected
    shown = [row.label for row in timeline(coordinator, seen) if row.event_code == "LAB"]
    assert shown == expected


_YES, _NO, _UNIT = Bilingual("yes", "sì"), Bilingual("no", "no"), Bilingual("mL", "mL")
_FIRST = {"item.A": _YES, "item.A=one": _YES, "item.A unit": _UNIT, "item.B": _YES, "CRP": _YES}
_SECOND = {"item.A": _NO, "item.A=two": _NO}


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[int, dict[str, Bilingual]]:
    """The names of three protocols, of which the second has fewer and the third none."""
    own: dict[int, dict[str, Any]] = {1: _FIRST, 2: _SECOND, 3: {}}
    monkeypatch.setattr("exports.timeline.names_of", lambda one: own[one.pk])
    protocols: list[Any] = [SimpleNamespace(pk=pk) for pk in (2, 3, 1)]
    return names_by_protocol(protocols)


def test_what_a_protocol_does_not_have_is_named_as_another_names_it(
    names: dict[int, dict[str, Bilingual]],
) -> None:
    assert names[1] == _FIRST
    assert names[2] == {"item.B": _YES, "CRP": _YES, **_SECOND}
    assert names[3] == {}  # nobody can read it


def test_an_item_has_all_of_its_answers_and_its_unit_from_one_protocol(
    names: dict[int, dict[str, Bilingual]],
) -> None:
    words = words_of(names)
    assert words.answers == [(1, "item.A", "one"), (2, "item.A", "two")]
    units = {(row[0], row[4]) for row in words.labels if row[2] == "item.A"}
    assert units == {(1, "mL"), (2, None)}
