"""Donation numbers: every vector of the reference, every form, and every single slip caught."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pathway.domain.isbt128 import ALPHABET, check_character, checksum, read_din

# number, checksum, flags that carry it, check character (ICCBBA example; computed)
VECTORS = (
    ("G123498654321", 17, "77", "H"),
    ("A999926000001", 8, "68", "8"),
    ("A999926123456", 29, "89", "T"),
    ("W000126000123", 1, "61", "1"),
    ("Z999926999999", 18, "78", "I"),
    ("A999926000006", 35, "95", "Z"),
    ("A999926000005", 0, "60", "0"),
    ("A999926000088", 36, "96", "*"),
    ("1234526000001", 23, "83", "N"),
)
FIRST, SECOND = "ABCDEFGHIJKLMNPQRSTUVWXYZ123456789", "ABCDEFGHIJKLMNPQRSTUVWXYZ0123456789"


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """Any donation number of legal form."""
    digits = draw(st.text("0123456789", min_size=11, max_size=11))
    return draw(st.sampled_from(FIRST)) + draw(st.sampled_from(SECOND)) + digits


@pytest.mark.parametrize(("din", "value", "flags", "letter"), VECTORS)
def test_the_check_of_the_reference(din: str, value: int, flags: str, letter: str) -> None:
    assert checksum(din) == value
    assert check_character(din) == letter
    for text in (din, din + letter, f"={din}{flags}", f"={din}00"):
        reading = read_din(text)
        assert reading.valid, reading.reasons
        assert (reading.din, reading.check_character) == (din, letter)
    assert read_din(f"={din}{flags}").flags == flags


def test_the_arithmetic_needs_no_legal_facility() -> None:
    assert checksum("ABCDE27000069") == 12
    assert check_character("ABCDE27000069") == "C"
    assert [reason.code for reason in read_din("ABCDE27000069").reasons] == ["facility"]


@pytest.mark.parametrize(
    ("text", "scanned", "checked"),
    [
        ("A999926123456", False, False),
        ("A9999 26 123456", False, False),
        ("A9999 26 123456 T", False, True),
        ("  A999926123456T\r\n", False, True),
        ("A9999\u00a026\u00a0123456\u00a0T", False, True),
        ("=A99992612345689", True, True),
        ("=A99992612345600\n", True, False),
        ("= A9999 26 123456 00", True, False),
    ],
)
def test_every_printed_and_scanned_form_is_read(text: str, scanned: bool, checked: bool) -> None:
    reading = read_din(text)
    assert reading.valid
    assert reading.din == "A999926123456"
    assert reading.check_character == "T"
    assert (reading.scanned, reading.checked) == (scanned, checked)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("", ["din_length"]),
        ("G12349865432", ["din_length"]),
        ("G123498654321HH", ["din_length"]),
        ("G12349865432100", ["din_length"]),
        ("A99992612345689", ["din_length"]),
        ("G123498654321G", ["check_character"]),
        ("G123498654321?", ["check_character"]),
        ("g123498654321h", ["small_letters"]),
        ("G123498654321h", ["small_letters"]),
        ("G12349865432O", ["letter_o", "sequence"]),
        ("O123498654321", ["letter_o"]),
        ("0123498654321", ["facility"]),
        ("G1234X8654321", ["year"]),
        ("G12349865432X", ["sequence"]),
        ("GÀ23498654321", ["facility"]),
        ("?????????????", ["facility", "year", "sequence"]),
        ("G12349865432X?", ["sequence", "check_character"]),
        ("G12349865432XH", ["sequence"]),
        ("G٣23498654321", ["facility"]),
        ("=G123498654321", ["scan_length"]),
        ("=G123498654321778", ["scan_length"]),
        ("=", ["scan_length"]),
        ("==G12349865432100", ["scan_length"]),
        ("=G12349865432176", ["flags_check"]),
        ("=G12349865432197", ["unknown_flags"]),
        ("=G1234986543210A", ["unknown_flags"]),
        ("=G12349865432X77", ["sequence"]),
        ("=G12349865432X99", ["sequence", "unknown_flags"]),
    ],
)
def test_what_is_no_donation_number_says_everything_that_is_wrong(
    text: str, codes: list[str]
) -> None:
    reading = read_din(text)
    assert not reading.valid
    assert not reading.checked
    assert [reason.code for reason in reading.reasons] == codes
    assert all(reason.field == "din" for reason in reading.reasons)


@pytest.mark.parametrize(
    ("flags", "group"),
    [
        ("00", "No flag"),
        ("01", "Process control"),
        ("19", "Process control"),
        ("20", "Set by the facility"),
        ("59", "Set by the facility"),
        ("77", "Check of the number"),
        ("99", ""),
        ("A1", ""),
    ],
)
def test_flags_belong_to_a_group_and_never_to_the_number(flags: str, group: str) -> None:
    reading = read_din(f"=G123498654321{flags}")
    assert reading.flag_group == group
    assert reading.din == "G123498654321"


def test_without_flags_there_is_no_group() -> None:
    assert read_din("G123498654321").flag_group == ""


@pytest.mark.parametrize("letter", "OI")
def test_the_check_character_may_be_a_letter_that_no_facility_has(letter: str) -> None:
    found = next(
        din for number in range(1_000) if check_character(din := f"A999926{number:06d}") == letter
    )
    assert read_din(found + letter).valid


@given(din=numbers(), place=st.integers(0, 13), sign=st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_caught(din: str, place: int, sign: str) -> None:
    right = din + check_character(din)
    wrong = right[:place] + sign + right[place + 1 :]
    assume(wrong != right)
    assert read_din(right).checked
    assert not read_din(wrong).valid


@given(din=numbers(), place=st.integers(0, 12))
def test_two_characters_exchanged_are_always_caught(din: str, place: int) -> None:
    right = din + check_character(din)
    wrong = right[:place] + right[place + 1] + right[place] + right[place + 2 :]
    assume(wrong != right)
    assert not read_din(wrong).valid


@given(din=numbers(), place=st.integers(0, 12), sign=st.sampled_from(ALPHABET))
def test_flags_that_carry_the_check_catch_the_same(din: str, place: int, sign: str) -> None:
    flags = f"{60 + checksum(din)}"
    wrong = din[:place] + sign + din[place + 1 :]
    assume(wrong != din)
    assert read_din(f"={din}{flags}").checked
    assert not read_din(f"={wrong}{flags}").valid


@given(st.text(max_size=20))
def test_any_text_is_answered(text: str) -> None:
    reading = read_din(text)
    assert reading.valid == (reading.reasons == ())
    assert reading.valid <= bool(reading.din)
