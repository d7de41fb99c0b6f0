"""Values and their thresholds: what is kept, what is in range, and what cannot be read."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from pathway.domain.measures import Choice, Measure, Verdict, canonical, judge, read_measure
from protocol.domain.reading import ProtocolProblem, Setting, TableReader
from terms.reading import Unreadable
from terms.words import Bilingual


def said(value: Any) -> Setting[Any]:
    """A setting of a test."""
    return Setting(value, "test", confirmed=False)


def number(**bounds: str) -> Measure:
    """A number with bounds."""
    return Measure("number", "%", {name: said(Decimal(text)) for name, text in bounds.items()})


PICK = Measure(
    "choice",
    choices={
        "positive": Choice(Bilingual("Positive", "Positivo"), said(value=True)),
        "negative": Choice(Bilingual("Negative", "Negativo"), said(value=False)),
    },
)
ASKED = Measure("yes_no", wanted=said("no"))


@pytest.mark.parametrize(
    ("measure", "value", "verdict"),
    [
        (number(at_least="92"), "92", Verdict.IN_RANGE),
        (number(at_least="92"), "91.9", Verdict.OUT_OF_RANGE),
        (number(above="40"), "40", Verdict.OUT_OF_RANGE),
        (number(above="40"), "40.1", Verdict.IN_RANGE),
        (number(at_most="4"), "4", Verdict.IN_RANGE),
        (number(at_most="4"), "4.01", Verdict.OUT_OF_RANGE),
        (number(below="2"), "2", Verdict.OUT_OF_RANGE),
        (number(below="2"), "1", Verdict.IN_RANGE),
        (number(at_least="1", below="2"), "0", Verdict.OUT_OF_RANGE),
        (number(), "0", Verdict.IN_RANGE),
        (number(at_least="92"), "", Verdict.UNREADABLE),
        (number(at_least="92"), "ninety", Verdict.UNREADABLE),
        (PICK, "positive", Verdict.IN_RANGE),
        (PICK, "negative", Verdict.OUT_OF_RANGE),
        (PICK, "maybe", Verdict.UNREADABLE),
        (ASKED, "no", Verdict.IN_RANGE),
        (ASKED, "yes", Verdict.OUT_OF_RANGE),
        (ASKED, "maybe", Verdict.UNREADABLE),
        (Measure("yes_no"), "yes", Verdict.IN_RANGE),
        (Measure("text"), "fair", Verdict.IN_RANGE),
        (Measure("text"), " ", Verdict.UNREADABLE),
    ],
)
def test_a_value_is_weighed_and_what_is_unreadable_is_never_in_range(
    measure: Measure, value: str, verdict: Verdict
) -> None:
    assert judge(measure, value) is verdict


@pytest.mark.parametrize(
    ("measure", "typed", "kept"),
    [
        (number(), " 0,5 ", "0.5"),
        (PICK, " positive ", "positive"),
        (ASKED, "yes", "yes"),
        (Measure("text"), " HCT-CI 1; MoCA 28 ", "HCT-CI 1; MoCA 28"),
    ],
)
def test_what_is_typed_is_kept_in_one_form(measure: Measure, typed: str, kept: str) -> None:
    assert canonical(measure, typed) == kept


@pytest.mark.parametrize(
    ("measure", "typed", "code"),
    [
        (number(), "", "blank"),
        (number(), "<5", "sign"),
        (number(), "1.234", "ambiguous"),
        (PICK, "other", "unknown_choice"),
        (ASKED, "sì", "unknown_choice"),
        (Measure("text"), "x" * 121, "too_long"),
        (Measure("text"), "two\nlines", "not_printable"),
    ],
)
def test_what_cannot_be_kept_says_why(measure: Measure, typed: str, code: str) -> None:
    with pytest.raises(Unreadable) as unreadable:
        canonical(measure, typed)
    assert unreadable.value.code == code


@pytest.mark.parametrize(
    ("measure", "compared", "sources"),
    [
        (number(), False, 0),
        (number(below="2"), True, 1),
        (PICK, True, 2),
        (ASKED, True, 1),
        (Measure("text", note=said("text")), False, 1),
    ],
)
def test_it_is_known_whether_a_value_is_compared_and_by_which_source(
    measure: Measure, compared: bool, sources: int
) -> None:
    assert (measure.compared, len(measure.sources)) == (compared, sources)


def read(table: Mapping[str, Any]) -> tuple[Measure, list[str]]:
    """The measure of a table of the protocol, and what is wrong with it."""
    problems: list[ProtocolProblem] = []
    reader = TableReader(table, "file.toml", "items.X", problems)
    measure = read_measure(reader)
    return measure, [problem.dotted_key for problem in problems]


def of(value: Any) -> dict[str, Any]:
    """A value as the file writes it."""
    return {"value": value, "source": "test", "confirmed": True}


def test_measures_are_read_from_the_protocol() -> None:
    found, faults = read({"kind": of("number"), "unit": "%", "at_least": of(1), "below": of(2)})
    assert (faults, set(found.bounds), found.unit) == ([], {"at_least", "below"}, "%")
    label = {"en": "A", "it": "A"}
    choices = {"a": {"label": label, "accepted": of(value=True)}}
    found, faults = read({"kind": of("choice"), "choices": choices})
    assert (faults, found.choices["a"].accepted.value) == ([], True)
    found, faults = read({"kind": of("yes_no"), "wanted": of("yes")})
    assert found.wanted is not None
    assert (faults, found.wanted.value) == ([], "yes")
    for kind in ("yes_no", "text"):
        found, faults = read({"kind": of(kind)})
        assert (faults, found.kind, found.compared) == ([], kind, False)


@pytest.mark.parametrize(
    ("table", "faults"),
    [
        ({"kind": of("colour")}, ["items.X.kind", "items.X.unit"]),
        ({"kind": of("number")}, ["items.X.unit"]),
        ({"kind": of("number"), "unit": "%", "above": of(5), "below": of(4)}, ["items.X"]),
        ({"kind": of("choice"), "choices": {}}, ["items.X.choices"]),
        ({"kind": of("yes_no"), "wanted": of("perhaps")}, ["items.X.wanted"]),
    ],
)
def test_faults_of_a_measure_are_named(table: dict[str, Any], faults: list[str]) -> None:
    assert read(table)[1] == faults
