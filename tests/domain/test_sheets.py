"""CSV files as spreadsheets write them: read without guessing, or refused as a whole."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terms.refusals import Refused
from terms.sheets import LARGEST, MOST_ROWS, read_sheet

COLUMNS, NEEDED = ("name", "born", "note"), ("name",)


def codes(content: bytes) -> set[str]:
    with pytest.raises(Refused) as refused:
        read_sheet(content, columns=COLUMNS, needed=NEEDED)
    assert {refusal.field for refusal in refused.value.refusals} == {"file"}
    return {refusal.code for refusal in refused.value.refusals}


@pytest.mark.parametrize(
    "content",
    [
        b"name,born\nRossi,1970\n",
        b"name;born\r\nRossi;1970\r\n",
        b"\xef\xbb\xbfName; born \nRossi; 1970 \n",
        b'name,born\n"Rossi",1970',
        b"name,born\n\n , \nRossi,1970\n",
        b"name\tborn\nRossi\t1970\n",
    ],
)
def test_comma_or_semicolon_with_or_without_a_mark(content: bytes) -> None:
    sheet = read_sheet(content, columns=COLUMNS, needed=NEEDED)
    assert [dict(line.cells) for line in sheet.lines] == [{"name": "Rossi", "born": "1970"}]
    assert sheet.sha256 == hashlib.sha256(content).hexdigest()


def test_lines_are_counted_as_a_spreadsheet_counts_them() -> None:
    sheet = read_sheet(b"name\n\nRossi\n", columns=COLUMNS, needed=NEEDED)
    assert sheet.lines[0].number == 3


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", {"column_missing"}),
        (b"name\n", {"empty"}),
        (b"born,born,moon\nx\n", {"column_twice", "unknown_column", "column_missing"}),
        (b"name,\nx,y\n", {"unknown_column"}),
        (b"name\nx,y\n", {"too_wide"}),
        (b"name\n" + b"x" * 3000 + b"\n", {"too_long"}),
        (b"name\n" + b"x\n" * (MOST_ROWS + 1), {"too_many"}),
        (b"x" * (LARGEST + 1), {"too_large"}),
        (b"name\n\xff\xfe\n", {"not_utf8"}),
        (b"PK\x03\x04\x14\0\x06\0name\n", {"not_text"}),
        ("name\nRossi\n".encode("utf-16"), {"not_text"}),
        (b'name\n"Rossi', {"not_csv"}),
        (b'name\n"Ro"ssi\n', {"not_csv"}),
        (b"name\n" + b"x" * 200_000, {"not_csv"}),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(
    content: bytes, expected: set[str]
) -> None:
    assert codes(content) == expected


def test_an_older_encoding_is_read_only_where_one_is_named() -> None:
    sheet = read_sheet(
        'nome,nota\n"Sarà\nlì",µg\n'.encode("cp1252"),
        columns=COLUMNS,
        needed=NEEDED,
        aliases={"nome": "name", "nota": "note"},
        older="cp1252",
    )
    assert [dict(line.cells) for line in sheet.lines] == [{"name": "Sarà\nlì", "note": "µg"}]


@pytest.mark.parametrize(
    ("content", "code"), [(b"name\n\x81\n", "not_utf8"), (b"name\n\xe0\0\n", "not_text")]
)
def test_what_is_no_text_in_the_older_encoding_either_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        read_sheet(content, columns=COLUMNS, needed=NEEDED, older="cp1252")
    assert refused.value.refusals[0].code == code


def test_how_many_lines_a_file_may_have_is_said_by_who_reads_it() -> None:
    with pytest.raises(Refused) as refused:
        read_sheet(b"name\nx\ny\n", columns=COLUMNS, needed=NEEDED, most=1)
    assert refused.value.refusals[0].code == "too_many"


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda t: t.encode("utf-8", "replace")))
def test_any_bytes_are_lines_or_a_refusal(content: bytes) -> None:
    try:
        sheet = read_sheet(b"name\n" + content, columns=COLUMNS, needed=NEEDED)
    except Refused:
        return
    assert all(set(line.cells) == {"name"} for line in sheet.lines)
