"""Units, ranges and readings of laboratory values, on the shipped table of analytes."""

import copy
import tomllib
from datetime import date
from decimal import Decimal

import pytest

from patients.domain.lab_values import Reading, mark_of, read_value, side_of
from patients.domain.ranges import GROUPS, BodyRules, read_body, read_ranges
from protocol.domain.reading import ProtocolProblem, TableReader
from terms.numbers import Measured, read_measured
from terms.quantities import Analyte, to_canonical, to_shown, unit_text
from terms.reading import Unreadable
from tests.domain.shipped import FOLDER, shipped, shipped_ranges

FILE = FOLDER / "brexucel-adult-all.toml"
ANALYTES = {one.code: one for one in shipped_ranges().analytes}
NAMED = (
    *("WBC", "ANC", "ALC", "CD3", "HB", "PLT", "BLASTS_PB", "CRP", "FERRITIN", "FIBRINOGEN"),
    *("LDH", "CREATININE", "CRCL", "BILIRUBIN", "AST", "ALT", "IGG", "CD19", "CD4", "TROPONIN"),
    *("NT_PROBNP", "URIC_ACID", "EBV", "CMV", "HHV6", "ADV", "SARS_COV_2", "BCR_ABL"),
    *("HBV_CORE", "HBV_DNA", "HBV_SURFACE"),
    *("ECOG", "WEIGHT", "HEIGHT"),
)


def test_the_shipped_table_has_every_analyte_that_the_reference_names() -> None:
    assert sorted(ANALYTES) == sorted(NAMED)
    assert [one.code for one in shipped_ranges().of_groups(["body"])] == ["HEIGHT", "WEIGHT"]
    assert shipped_ranges().of_groups([]) == shipped_ranges().analytes
    assert shipped_ranges().labels["ANC"].it == "Neutrofili"
    assert shipped_ranges().analyte("MOOD") is None


@pytest.mark.parametrize(
    ("code", "value", "unit", "canonical"),
    [
        ("ANC", "500", "/uL", "0.5"),
        ("ANC", "0.5", "10*9/L", "0.5"),
        ("ALC", "0.3", "10*3/uL", "0.3"),
        ("PLT", "12000", "/uL", "12"),
        ("HB", "8.4", "g/dL", "84"),
        ("FERRITIN", "3500", "ng/mL", "3500"),
        ("CRP", "6.2", "mg/dL", "62"),
        ("LDH", "240", "U/L", "240"),
        ("IGG", "400", "mg/dL", "4"),
        ("CD3", "150", "/uL", "150"),
        ("CD3", "0.15", "10*9/L", "150"),
        ("FIBRINOGEN", "150", "mg/dL", "1.5"),
        ("CREATININE", "1.2", "mg/dL", "106.08"),
        ("BILIRUBIN", "2", "mg/dL", "34.208"),
        ("TROPONIN", "0.02", "ng/mL", "20"),
        ("HEIGHT", "1.74", "m", "174"),
    ],
)
def test_a_local_unit_becomes_the_canonical_one_exactly(
    code: str, value: str, unit: str, canonical: str
) -> None:
    found = to_canonical(ANALYTES[code], Decimal(value), unit)
    assert found == (Decimal(canonical), ANALYTES[code].unit)


def test_a_unit_without_an_exact_factor_is_kept_as_it_was_reported() -> None:
    copies = "{copies}/mL"
    assert to_canonical(ANALYTES["EBV"], Decimal(1200), copies) == (Decimal(1200), copies)
    with pytest.raises(Unreadable, match="not possible"):
        to_canonical(ANALYTES["EBV"], Decimal(10) ** 12, copies)


def test_a_value_in_the_wrong_unit_names_the_unit_that_fits() -> None:
    with pytest.raises(Unreadable, match=r"Was it measured in mg/dL\?") as caught:
        to_canonical(ANALYTES["FIBRINOGEN"], Decimal(300), "g/L")
    assert caught.value.code == "impossible"


@pytest.mark.parametrize("value", ["-1", "NaN", "Infinity"])
def test_an_impossible_value_is_refused_in_every_unit(value: str) -> None:
    for analyte in ANALYTES.values():
        for unit in analyte.accepted_units:
            with pytest.raises(Unreadable):
                to_canonical(analyte, Decimal(value), unit)


def test_a_value_beyond_the_hard_range_is_refused_and_its_ends_are_not() -> None:
    for analyte in ANALYTES.values():
        for end in analyte.hard:
            assert to_canonical(analyte, end, analyte.unit) == (end, analyte.unit)
        with pytest.raises(Unreadable, match="not possible"):
            to_canonical(analyte, analyte.hard[1] + 1, analyte.unit)


def test_an_unknown_unit_is_refused_naming_the_accepted_ones() -> None:
    with pytest.raises(Unreadable, match="use g/dL, g/L"):
        to_canonical(ANALYTES["HB"], Decimal(8), "mmol/L")


def test_every_analyte_is_shown_in_a_unit_it_accepts_and_its_ranges_lie_inside_each_other() -> None:
    for code, analyte in ANALYTES.items():
        assert analyte.code == code
        assert analyte.group in GROUPS
        assert analyte.accepted_units[0] == analyte.shown_in
        assert analyte.factors[analyte.unit] == 1
        for low, high in filter(None, (analyte.soft, analyte.usual)):
            assert analyte.hard[0] <= low <= high <= analyte.hard[1]


@pytest.mark.parametrize(
    ("code", "value", "unit", "shown"),
    [
        ("FIBRINOGEN", "1.18", "g/L", ("118", "mg/dL")),
        ("HB", "84", "g/L", ("8.4", "g/dL")),
        ("CREATININE", "100", "umol/L", ("1.13", "mg/dL")),
        ("CREATININE", "0.0001", "umol/L", ("0.000001131221719457013574660633484", "mg/dL")),
        ("ANC", "0", "10*9/L", ("0", "10*9/L")),
        ("ANC", "7", "grains", ("7", "grains")),
        ("EBV", "1200", "{copies}/mL", ("1200", "{copies}/mL")),
    ],
)
def test_a_stored_value_is_shown_in_the_unit_of_the_centre_and_a_trace_is_no_zero(
    code: str, value: str, unit: str, shown: tuple[str, str]
) -> None:
    assert to_shown(ANALYTES[code], Decimal(value), unit) == (Decimal(shown[0]), shown[1])


@pytest.mark.parametrize(
    ("unit", "text"),
    [
        ("10*9/L", "×10⁹/L"),
        ("ug/L", "µg/L"),
        ("/uL", "/µL"),
        ("10*3/uL", "×10³/µL"),
        ("{copies}/mL", "copies/mL"),
        ("[IU]/mL", "IU/mL"),
        ("umol/L", "µmol/L"),
        ("U/L", "U/L"),
        ("", ""),
    ],
)
def test_a_unit_is_written_as_people_write_it(unit: str, text: str) -> None:
    assert unit_text(unit) == text


@pytest.mark.parametrize(
    ("text", "measured"),
    [
        ("0.5", Measured(Decimal("0.5"))),
        ("<0,1", Measured(Decimal("0.1"), "<")),
        (" > 40000 ", Measured(Decimal(40000), ">")),
    ],
)
def test_a_limit_is_kept_as_a_limit(text: str, measured: Measured) -> None:
    assert read_measured(text) == measured


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1.234", "ambiguous"),
        ("<1.234", "ambiguous"),
        ("<", "blank"),
        ("<<1", "sign"),
        ("<=1", "not_a_number"),
        ("≤1", "sign"),
        ("neg", "not_a_number"),
    ],
)
def test_a_limit_that_cannot_be_read_is_refused(text: str, code: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_measured(text)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("code", "text", "unit", "unusual"),
    [
        ("HB", "8.4", "g/dL", False),
        ("HB", "4.9", "g/dL", True),
        ("HB", "<5", "g/dL", True),
        ("HB", "<6", "g/dL", False),  # may be 5.5
        ("HB", ">19", "g/dL", True),
        ("HB", ">18", "g/dL", False),
        ("ANC", "<0.1", "10*9/L", False),
        ("FERRITIN", "60000", "ng/mL", True),
    ],
)
def test_what_lies_outside_the_soft_range_is_unusual(
    code: str, text: str, unit: str, unusual: bool
) -> None:
    assert read_value(ANALYTES[code], read_measured(text), unit)[1] is unusual


@pytest.mark.parametrize("text", ["<0", "<1", ">25"])
def test_a_limit_that_leaves_nothing_possible_is_refused(text: str) -> None:
    with pytest.raises(Unreadable, match="possible") as caught:
        read_value(ANALYTES["HB"], read_measured(text), "g/dL")
    assert caught.value.code == "impossible"


@pytest.mark.parametrize(
    ("value", "comparator", "below", "above"),
    [
        ("4", "", True, False),
        ("5", "", False, False),
        ("6", "", False, True),
        ("5", "<", True, False),
        ("6", "<", None, None),
        ("5", ">", False, True),
        ("4", ">", None, None),
        (None, "", None, None),
    ],
)
def test_a_limit_tells_no_more_than_it_says(
    value: str | None, comparator: str, below: bool | None, above: bool | None
) -> None:
    reading = Reading(Decimal(value) if value else None, comparator=comparator)
    assert (reading.below(Decimal(5)), reading.above(Decimal(5))) == (below, above)


def marked(code: str, value: str | None, unit: str, **more: str) -> str:
    reading = Reading(Decimal(value) if value else None, unit, on=date(2026, 1, 1), **more)
    return mark_of(ANALYTES.get(code), reading)


def test_a_mark_is_set_only_where_it_is_certain() -> None:
    assert marked("HB", "119", "g/L") == "low"
    assert marked("HB", "161", "g/L") == "high"
    assert marked("HB", "140", "g/L") == ""
    assert marked("CRP", "5", "mg/L", comparator="<") == ""
    assert marked("IGG", "3", "g/L", comparator="<") == "low"
    assert marked("FERRITIN", "400", "ug/L", comparator=">") == "high"
    assert marked("FERRITIN", "40", "ug/L", comparator=">") == ""
    assert marked("EBV", None, "", answer="positive") == "positive"
    assert marked("EBV", None, "", answer="negative") == ""
    assert marked("HB", "1", "stone") == ""
    assert marked("MOOD", "1", "") == ""
    assert marked("WEIGHT", "60", "kg") == ""
    assert side_of((Decimal(1), Decimal(2)), Reading(None)) == ""


def faults(section: str, dotted_key: str, value: object) -> list[str]:
    """What is wrong with the shipped section after one key is set, or taken out for None."""
    data = copy.deepcopy(tomllib.loads(FILE.read_text(encoding="utf-8"))[section])
    *path, last = dotted_key.split(".")
    table = data
    for key in path:
        table = table[key]
    if value is None:
        del table[last]
    else:
        table[last] = value
    problems: list[ProtocolProblem] = []
    reader = TableReader(data, "", "", problems)
    (read_ranges if section == "ranges" else read_body)(reader)
    reader.report_unread()
    return [str(problem) for problem in problems]


def setting(value: object) -> dict[str, object]:
    return {"value": value, "source": "test", "confirmed": False}


@pytest.mark.parametrize(
    ("key", "value", "fault"),
    [
        ("HB.group", "mood", "HB.group: must be one of counts"),
        ("HB.answer", "guess", "HB.answer: must be one of number, detection"),
        ("HB.shown_in", setting("stone"), "HB.shown_in: must be one of g/L, g/dL"),
        ("HB.units", {"g/L": 1}, "HB.units.g/L: is the canonical unit already"),
        ("HB.units", {"g/dL": 0}, "HB.units.g/dL: must be a number from 0.00000001"),
        ("HB.units", {"g dL": 1}, "HB.units.g dL: is not a code"),
        ("EBV.kept_units", {"[IU]/mL": "why"}, "EBV.kept_units.[IU]/mL: has a factor already"),
        ("EBV.kept_units", {"{copies}/mL": 2}, "EBV.kept_units.{copies}/mL: must be text"),
        ("HB.hard", setting([200, 10]), "HB.hard: must be two numbers"),
        ("HB.hard", setting([10, 10]), "HB.hard: must leave room between its ends"),
        ("HB.hard", setting(["low", 10]), "HB.hard: must be two numbers"),
        ("HB.hard", setting(7), "HB.hard: must be two numbers"),
        ("HB.hard", setting([1, True]), "HB.hard: must be two numbers"),
        ("HB.hard", setting([1, float("inf")]), "HB.hard: must be two numbers"),
        ("HB.soft", setting([5, 100]), "HB.soft: must lie inside the hard range"),
        ("HB.usual", setting([100, 900]), "HB.usual: must lie inside the hard range"),
        ("HB.decimals", setting(9), "HB.decimals: must be a whole number from 0 to 5"),
        ("HB.colour", "red", "HB.colour: is not a known key"),
        ("WEIGHT.unit", "g", "WEIGHT: must be there with the unit kg"),
        ("HEIGHT", None, "HEIGHT: must be there with the unit cm"),
    ],
)
def test_a_fault_of_the_table_is_named(key: str, value: object, fault: str) -> None:
    assert any(said.startswith(fault) for said in faults("ranges", key, value))


def test_a_fault_of_the_body_rules_is_named() -> None:
    assert faults("body", "surface_formula", setting("guess")) == [
        "surface_formula: must be one of mosteller"
    ]
    assert shipped().section("body", BodyRules).weight_days.value == 14


def test_a_version_may_say_nothing_of_how_far_a_weight_may_go() -> None:
    assert faults("body", "weight_change_percent", setting(0))
    told = tomllib.loads(FILE.read_text(encoding="utf-8"))["body"]
    del told["weight_change_percent"]
    problems: list[ProtocolProblem] = []
    assert read_body(TableReader(told, "", "", problems)).weight_change_percent is None
    assert problems == []


def test_the_shipped_table_is_sound_in_itself() -> None:
    assert faults("ranges", "HB.usual", None) == []
    assert isinstance(ANALYTES["HB"], Analyte)
