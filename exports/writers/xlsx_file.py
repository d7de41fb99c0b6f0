"""A table as a workbook: typed cells, frozen header, filters, never a formula."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from exports.tables import Cell, CellKind, Row, Table
from exports.writers.about import About

# What a sheet and a cell can hold: a longer table goes on in another sheet.
MOST_ROWS, LONGEST_CELL = 1_048_576, 32_767
_CUT = " […]"
_WIDTHS = {CellKind.TEXT: 18, CellKind.NUMBER: 10, CellKind.DAY: 12, CellKind.MOMENT: 18}


def write_xlsx(path: Path, table: Table, about: About, most_rows: int = MOST_ROWS) -> None:
    """Write `table` row by row, in constant memory, and a sheet about the file.

    What somebody typed is text in every cell, whatever it begins with.
    """
    options = {
        "constant_memory": True,
        "tmpdir": str(path.parent),
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with Workbook(str(path), options) as book:
        # The file itself says nothing of its own moment: that stands in the sheet about it.
        book.set_properties({"created": about.made_at.replace(tzinfo=None)})
        formats = {
            CellKind.DAY: book.add_format({"num_format": "yyyy-mm-dd"}),
            CellKind.MOMENT: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        bold = book.add_format({"bold": True})
        rows, number = iter(table.rows), 1
        first = next(rows, None)
        while first is not None or number == 1:
            name = table.name if number == 1 else f"{table.name} {number}"
            sheet = book.add_worksheet(name)
            _head(sheet, table, bold)
            some = chain((first,), rows) if first is not None else rows
            count = _fill(sheet, islice(some, most_rows - 1), formats, about.zone)
            sheet.autofilter(0, 0, max(count, 1), len(table.columns) - 1)
            first, number = next(rows, None), number + 1
        _about(book.add_worksheet("about"), about, bold)


def _head(sheet: Worksheet, table: Table, bold: Any) -> None:
    sheet.freeze_panes(1, 1)
    for place, column in enumerate(table.columns):
        sheet.set_column(place, place, _WIDTHS[column.kind])
        sheet.write_string(0, place, column.name, bold)


def _fill(sheet: Worksheet, rows: Iterator[Row], formats: Any, zone: ZoneInfo) -> int:
    """Write the rows below the header: how many."""
    count = 0
    for count, row in enumerate(rows, 1):
        for place, cell in enumerate(row):
            _write(sheet, (count, place), cell, formats, zone)
    return count


def _write(sheet: Worksheet, at: tuple[int, int], cell: Cell, formats: Any, zone: ZoneInfo) -> None:
    if cell is None or cell == "":
        return
    if isinstance(cell, datetime):
        # A workbook knows no zones: the clocks are the centre's, as the sheet about it says.
        local = cell.astimezone(zone).replace(tzinfo=None)
        sheet.write_datetime(*at, local, formats[CellKind.MOMENT])
    elif isinstance(cell, date):
        sheet.write_datetime(*at, cell, formats[CellKind.DAY])
    elif isinstance(cell, int | Decimal):
        sheet.write_number(*at, cell)
    else:
        text = cell if len(cell) <= LONGEST_CELL else cell[: LONGEST_CELL - len(_CUT)] + _CUT
        sheet.write_string(*at, text)


def _about(sheet: Worksheet, about: About, bold: Any) -> None:
    sheet.set_column(0, 0, 20)
    sheet.set_column(1, 1, 32)
    for number, (name, value) in enumerate(about.pairs()):
        sheet.write_string(number, 0, name, bold)
        sheet.write_string(number, 1, str(value))
