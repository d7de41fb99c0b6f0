"""A table as a CSV file; version, time zone and identity level stand in every row."""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from exports.tables import Table
from exports.writers.about import SCHEMA_VERSION, About
from exports.writers.csv import line

# A file of rows has no other place for these that every reader keeps.
CONSTANT_COLUMNS = ("schema_version", "time_zone", "identity_level")
_LINES_AT_A_TIME = 500


def write_lines(path: Path, table: Table, lines: Iterable[str]) -> None:
    """Write the header of `table`, then lines that are made already, in pieces."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(_header(table))
        file.writelines(lines)


def write_csv(path: Path, table: Table, about: About) -> None:
    """Write `table` in UTF-8 with CRLF, without a cell that a spreadsheet would compute."""
    constant = constant_cells(about)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(_header(table))
        lines = (line((*row, *constant)) for row in table.rows)
        while piece := _piece(lines):
            file.write(piece)


def _header(table: Table) -> str:
    return line((*(column.name for column in table.columns), *CONSTANT_COLUMNS))


def constant_cells(about: About) -> tuple[str, ...]:
    """What every row ends in."""
    return (SCHEMA_VERSION, str(about.zone), about.level)


def _piece(lines: Iterator[str]) -> str:
    return "".join(islice(lines, _LINES_AT_A_TIME))
