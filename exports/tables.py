"""A table on its way into a file: columns with their kinds, and rows that are made as they go."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

Cell = str | int | Decimal | date | datetime | None
Row = tuple[Cell, ...]


class CellKind(StrEnum):
    """What the cells of a column are."""

    TEXT = "text"
    NUMBER = "number"
    DAY = "day"  # a date; text where only its month or year is known
    MOMENT = "moment"


@dataclass(frozen=True)
class Column:
    """One column: its name in every format, and what its cells are."""

    name: str
    kind: CellKind = CellKind.TEXT


@dataclass(frozen=True)
class Table:
    """A table whose first column is the course; the rows of a course follow one another."""

    name: str
    columns: tuple[Column, ...]
    rows: Iterator[Row]


def columns(text: str = "", **kinds: str) -> tuple[Column, ...]:
    """Columns as `columns("course name", ...)` says them; other kinds stand in `kinds` by name."""
    of = {name: CellKind(kind) for kind, names in kinds.items() for name in names.split()}
    return tuple(Column(name, of.get(name, CellKind.TEXT)) for name in text.split())
