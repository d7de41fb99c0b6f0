"""Rows as CSV (RFC 4180, UTF-8, CRLF) that no spreadsheet reads as a formula."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from exports.tables import Cell
from pathway.intention import Intended

TIMELINE_HEADER = (
    "course",
    "seq",
    "event_code",
    "label",
    "event_date",
    "date_precision",
    "rel_day_D0",
    "rel_day_enrolment",
    "value",
    "unit",
    "source",
    "entered_by",
    "entered_at",
)
INTENDED_HEADER = (
    "course",
    "enrolled_on",
    "outcome",
    "infused_on",
    "stage",
    "left_stage",
    "ended_on",
    "exit_reason",
    "died_on",
    "data_withdrawn",
)
# What makes a spreadsheet compute instead of show; the full-width forms are folded to these by
# some of them.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# Such as a difference of days: a number may keep its sign.
NUMBER = re.compile(r"-?[0-9]+([.][0-9]+)?")
# A semicolon or a tab separates the cells for half of the spreadsheets of Europe.
_QUOTED = frozenset('",;\t\r\n')


def intended_lines(rows: Iterable[Intended]) -> Iterator[str]:
    """Enrolled courses as text: the header, then one line each; what is withheld stays empty."""
    yield line(INTENDED_HEADER)
    for row in rows:
        days = (row.enrolled_on, row.infused_on, row.ended_on, row.died_on)
        enrolled, infused, ended, died = (on.isoformat() if on else "" for on in days)
        yield line(
            (row.code, enrolled, row.outcome.value, infused, row.stage, row.left, ended,
             row.exit_reason, died, "yes" if row.withheld else "no")
        )  # fmt: skip


def line(cells: tuple[Cell, ...]) -> str:
    """One line with its CRLF. Numbers stay numbers, None is an empty cell, times are ISO 8601."""
    return ",".join(_cell(cell) for cell in cells) + "\r\n"


def _cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, date):  # a moment is one too
        return cell.isoformat()
    if isinstance(cell, int | Decimal):
        return f"{cell}" if isinstance(cell, int) else f"{cell:f}"
    return _quoted(harmless(cell))


def harmless(text: str) -> str:
    """`text` with an apostrophe before what would start a formula, also behind blanks."""
    if NUMBER.fullmatch(text):
        return text
    starts = text.startswith(FORMULA_STARTS) or text.lstrip().startswith(FORMULA_STARTS)
    return f"'{text}" if starts else text


def _quoted(text: str) -> str:
    blank_edge = text != text.strip()
    if not blank_edge and _QUOTED.isdisjoint(text):
        return text
    return '"' + text.replace('"', '""') + '"'
