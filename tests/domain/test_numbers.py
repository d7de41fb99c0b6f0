"""Numbers as people type them, and laboratory values in local units."""

import contextlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terms.numbers import Unreadable, read_number


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
        assert f"{read_number(text):f}" == text.strip().replace(",", ".")


@given(st.decimals(min_value=0, max_value=99999, places=2), st.sampled_from(",."))
def test_every_two_decimal_number_survives_either_separator(value: Decimal, mark: str) -> None:
    assert read_number(str(value).replace(".", mark)) == value
