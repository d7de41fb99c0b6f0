"""Values and their thresholds: what is kept, what is in range, and what cannot be read."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from pathway.domain.measures import (
    Choice,
    Measure,
    Verdict,
    canonical,
    is_unusual,
    judge,
    read_measure,
    units_of,
)
from pathway.domain.rules import PathwayRules
from patients.domain.ranges import Ranges
from protocol.domain.reading import ProtocolProblem, Setting, TableReader
from terms.reading import Unreadable
from terms.words import Bilingual
from tests.domain.shipped import shipped


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


RULES = PathwayRules.of(shipped("brexucel-adult-all"))
LYMPHOCYTES, BILIRUBIN, OXYGEN, EJECTION, PLATELETS, CLEARANCE = (
    RULES.items.by_code[code].measure for code in ("ALC", "LFT", "SPO2", "LVEF", "CBC_PLT", "CRCL")
)
WHITE = RULES.gates.check("lymphodepletion", "counts_recovered")
DOSES = RULES.gates.check("infusion", "tocilizumab")
assert WHITE is not None
assert DOSES is not None
assert WHITE.measure is not None
assert DOSES.measure is not None


@pytest.mark.parametrize(
    ("measure", "typed", "unit", "code", "words"),
    [
        (OXYGEN, "9200", "", "impossible", "the range is 40 to 100 %"),
        (OXYGEN, "0.98", "", "impossible", "40 to 100"),
        (EJECTION, "4000", "", "impossible", "5 to 95"),
        (PLATELETS, "8000", "10⁹/L", "impossible", "Was it measured in /µL?"),
        (DOSES.measure, "400", "", "impossible", "0 to 50"),
        (BILIRUBIN, "3.5", "", "unit_missing", "in which unit"),
        (LYMPHOCYTES, "150", "", "unit_missing", "in which unit"),
        (LYMPHOCYTES, "1.5", "g/L", "unknown_unit", "10⁹/L"),
    ],
)
def test_a_number_that_cannot_be_names_its_unit_and_is_not_kept(
    measure: Measure, typed: str, unit: str, code: str, words: str
) -> None:
    with pytest.raises(Unreadable) as unreadable:
        canonical(measure, typed, unit)
    assert unreadable.value.code == code
    assert words in str(unreadable.value.refusal("x"))


@pytest.mark.parametrize(
    ("measure", "typed", "unit", "kept", "verdict", "unusual"),
    [
        (BILIRUBIN, "3.5", "mg/dL", "59.8640", Verdict.OUT_OF_RANGE, False),
        (BILIRUBIN, "3.5", "µmol/L", "3.5", Verdict.IN_RANGE, False),
        (LYMPHOCYTES, "150", "/uL", "0.150", Verdict.OUT_OF_RANGE, False),
        (LYMPHOCYTES, "1234", "/uL", "1.234", Verdict.IN_RANGE, False),
        (LYMPHOCYTES, "150", "10⁹/L", "150", Verdict.IN_RANGE, True),
        (WHITE.measure, "800", "10⁹/L", "800", Verdict.IN_RANGE, True),
        (CLEARANCE, "250", "", "250", Verdict.IN_RANGE, True),
        (OXYGEN, "98", "", "98", Verdict.IN_RANGE, False),
    ],
)
def test_a_number_is_kept_in_the_unit_of_its_measure(
    measure: Measure, typed: str, unit: str, kept: str, verdict: Verdict, unusual: bool
) -> None:
    assert canonical(measure, typed, unit) == kept
    assert (judge(measure, kept), is_unusual(measure, kept)) == (verdict, unusual)


def test_what_cannot_be_is_never_in_range_though_it_was_kept_once() -> None:
    assert judge(OXYGEN, "9200") is Verdict.UNREADABLE
    assert judge(PLATELETS, "8000") is Verdict.UNREADABLE
    assert units_of(OXYGEN) == units_of(PICK) == ()
    assert units_of(PLATELETS) == ("10⁹/L", "/uL", "10*3/uL")


@pytest.mark.parametrize("code", ["brexucel-adult-all", "tisacel-young-all"])
def test_numbers_of_an_analyte_are_as_possible_as_the_chart_says(code: str) -> None:
    ranges, rules = shipped(code).section("ranges", Ranges), PathwayRules.of(shipped(code))
    checks = [c.measure for gate in rules.gates.by_gate.values() for c in gate if c.measure]
    seen = 0
    for measure in [*(item.measure for item in rules.items.by_code.values()), *checks]:
        if measure.kind != "number":
            continue
        assert measure.quantity is not None
        assert len(measure.spans) == 2
        analyte = ranges.analyte(measure.spans[0].source.removeprefix("See ranges."))
        if analyte is not None:
            seen += 1
            assert (measure.quantity.hard, measure.quantity.soft) == (analyte.hard, analyte.soft)
            units = measure.quantity.factors
            assert set(analyte.factors.items()) >= {
                pair for pair in units.items() if pair[0] != measure.unit
            }
    assert seen == 10


def of(value: Any) -> dict[str, Any]:
    """A value as the file writes it."""
    return {"value": value, "source": "test", "confirmed": True}


SPANS = {"hard": of([0, 100]), "soft": of([1, 99])}


def test_measures_are_read_from_the_protocol() -> None:
    found, faults = read(
        {"kind": of("number"), "unit": "%", "at_least": of(1), "below": of(2), **SPANS}
    )
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
        ({"kind": of("colour")}, ["items.X.kind", "items.X.unit", "items.X.hard", "items.X.soft"]),
        ({"kind": of("number"), **SPANS}, ["items.X.unit"]),
        ({"kind": of("number"), "unit": "%"}, ["items.X.hard", "items.X.soft"]),
        (
            {"kind": of("number"), "unit": "%", "hard": of([2, 9]), "soft": of([1, 9])},
            ["items.X.soft"],
        ),
        ({"kind": of("number"), "unit": "%", "above": of(5), "below": of(4), **SPANS}, ["items.X"]),
        ({"kind": of("choice"), "choices": {}}, ["items.X.choices"]),
        ({"kind": of("yes_no"), "wanted": of("perhaps")}, ["items.X.wanted"]),
    ],
)
def test_faults_of_a_measure_are_named(table: dict[str, Any], faults: list[str]) -> None:
    assert read(table)[1] == faults
