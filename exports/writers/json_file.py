"""A table as one JSON object, written row by row."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

from exports.tables import Cell, Table
from exports.writers.about import About


def write_json(path: Path, table: Table, about: About) -> None:
    """Write what the file says of itself, the columns with their kinds, and a row per line."""
    names = [column.name for column in table.columns]
    head = {
        **dict(about.pairs()),
        "table": table.name,
        "columns": [{"name": c.name, "kind": c.kind.value} for c in table.columns],
    }
    with path.open("w", encoding="utf-8") as file:
        opening = json.dumps(head, ensure_ascii=False, indent=1)
        file.write(f'{opening.removesuffix("}").rstrip()},\n "rows": [')
        before = "\n"
        for row in table.rows:
            cells = {name: _value(cell) for name, cell in zip(names, row, strict=True)}
            file.write(before + json.dumps(cells, ensure_ascii=False, separators=(",", ":")))
            before = ",\n"
        file.write("\n ]\n}\n")


def _value(cell: Cell) -> str | int | float | None:
    """Dates and moments as ISO 8601, decimals as exact text."""
    if isinstance(cell, date):
        return cell.isoformat()
    return f"{cell:f}" if isinstance(cell, Decimal) else cell
