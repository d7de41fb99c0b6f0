"""CSV lines: read back as written, and never a formula to a spreadsheet."""

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.writers.csv import TIMELINE_HEADER, line

HEADER = (
    "course,seq,event_code,label,event_date,date_precision,rel_day_D0,rel_day_enrolment,"
    "value,unit,source,entered_by,entered_at"
)
PAYLOADS = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://x.example","click")',
    "+1+1",
    "+39 02 6444",
    "-1+1",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1,2)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "\u00a0=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(1)",
    '"=1+1"',
    "a,=1+1",
    "a;=1+1",
    "a\t=1+1",
    "a\r\n=1+1",
    "DDE(1)",
    "%0A=1+1",
    "--1",
    "-1,5",
    "=",
    "-",
]
# What another separator would make a cell of its own must be inside quotes.
SEPARATORS = (",", ";", "\t")


def read_back(text: str) -> list[list[str]]:
    """The lines as Python's own reader sees them."""
    return list(csv.reader(io.StringIO(text, newline="")))


def test_the_header_is_exactly_the_promised_one() -> None:
    assert ",".join(TIMELINE_HEADER) == HEADER


def test_a_row_keeps_numbers_as_numbers_and_none_as_nothing() -> None:
    entered = datetime(2026, 11, 12, 9, 30, tzinfo=UTC)
    assert line((-3, None, "Laboratory value: CRP", "12.5", "", entered)) == (
        "-3,,Laboratory value: CRP,12.5,,2026-11-12T09:30:00+00:00\r\n"
    )


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_cell_starts_a_formula_whatever_the_separator(payload: str) -> None:
    written = line((payload, "next"))
    assert read_back(written)[0][0].removeprefix("'") == payload
    for separator in SEPARATORS:
        for cells in csv.reader(io.StringIO(written, newline=""), delimiter=separator):
            assert not any(cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
                           for cell in cells)  # fmt: skip


@pytest.mark.parametrize("number", ["-3", "-3.5", "0", "12.50", "7"])
def test_a_text_that_is_a_number_stays_one(number: str) -> None:
    assert line((number,)) == f"{number}\r\n"


@given(st.lists(st.text(st.characters(blacklist_categories=["Cs"])), min_size=2, max_size=5))
def test_any_text_is_read_back_but_for_the_apostrophe(cells: list[str]) -> None:
    [read] = read_back(line(tuple(cells)))
    assert len(read) == len(cells)
    for got, was in zip(read, cells, strict=True):
        assert got in (was, f"'{was}")
