"""Numbers as people type them, and laboratory values in local units."""

import contextlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terms.numbers import Unreadable, read_number
from terms.quantities import ANALYTES, to_canonical


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", "0"),
        ("38", "38"),
        ("38,4", "38.4"),
        ("38.4", "38.4"),
        ("  38,4\u00a0", "38.4"),
        ("0,234", "0.234"),
        ("0.234", "0.234"),
        ("1234", "1234"),
        ("1234,567", "1234.567"),
        ("1,2340", "1.2340"),
        ("1.23", "1.23"),
    ],
)
def test_a_number_is_read_with_comma_or_point(text: str, value: str) -> None:
    assert read_number(text) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "blank"),
        ("  \t", "blank"),
        ("+5", "sign"),
        ("-5", "sign"),
        ("−5", "sign"),
        ("<0.1", "sign"),
        ("1.234", "ambiguous"),
        ("1,234", "ambiguous"),
        ("999.999", "ambiguous"),
        ("1.234,5", "separators"),
        ("1,234.5", "separators"),
        ("1.234.567", "separators"),
        ("1 234", "separators"),
        ("1'234", "separators"),
        (".5", "incomplete"),
        ("5,", "incomplete"),
        ("5e3", "not_a_number"),
        ("1E-2", "not_a_number"),
        ("NaN", "not_a_number"),
        ("inf", "not_a_number"),
        ("abc", "not_a_number"),
        ("38 °C", "not_a_number"),
        ("1_000", "not_a_number"),
        ("007", "not_a_number"),
        ("٣", "not_a_number"),
        ("0x10", "not_a_number"),
        ("1" * 16, "too_long"),
    ],
)
def test_what_is_not_plainly_a_number_is_refused_with_its_reason(text: str, code: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_number(text)
    assert caught.value.code == code


def test_an_ambiguous_number_asks_with_both_readings() -> None:
    with pytest.raises(Unreadable, match=r"write 1234 or 1,2340\.") as caught:
        read_number("1,234")
    assert caught.value.refusal("ferritin").field == "ferritin"


@pytest.mark.parametrize("text", ["1.0", "1,234", "38,4"])
def test_a_whole_number_field_refuses_every_separator(text: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_number(text, decimals_allowed=False)
    assert caught.value.code == "not_whole"


@given(st.text(alphabet="0123456789.,+-eE nNaAiIfF_'%٣½²", max_size=20) | st.text(max_size=20))
def test_whatever_is_read_is_a_finite_number_that_says_what_was_typed(text: str) -> None:
    with contextlib.suppress(Unreadable):
        assert str(read_number(text)) == text.strip().replace(",", ".")


@given(st.decimals(min_value=0, max_value=99999, places=2), st.sampled_from(",."))
def test_every_two_decimal_number_survives_either_separator(value: Decimal, mark: str) -> None:
    assert read_number(str(value).replace(".", mark)) == value


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
    ],
)
def test_a_local_unit_becomes_the_canonical_one_exactly(
    code: str, value: str, unit: str, canonical: str
) -> None:
    assert to_canonical(ANALYTES[code], Decimal(value), unit) == Decimal(canonical)


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
        assert to_canonical(analyte, analyte.hard_min, analyte.unit) == analyte.hard_min
        assert to_canonical(analyte, analyte.hard_max, analyte.unit) == analyte.hard_max
        with pytest.raises(Unreadable, match="not possible"):
            to_canonical(analyte, analyte.hard_max + 1, analyte.unit)


def test_an_unknown_unit_is_refused_naming_the_accepted_ones() -> None:
    with pytest.raises(Unreadable, match="use g/L, g/dL"):
        to_canonical(ANALYTES["HB"], Decimal(8), "mmol/L")


def test_every_analyte_accepts_its_own_unit_and_has_a_range() -> None:
    for code, analyte in ANALYTES.items():
        assert analyte.code == code
        assert analyte.accepted_units[0] == analyte.unit
        assert analyte.factors[analyte.unit] == 1
        assert 0 <= analyte.hard_min < analyte.hard_max
