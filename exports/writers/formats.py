"""The formats of a file: what each ends in and who writes it; others register here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from exports.tables import Table
from exports.writers.about import About
from exports.writers.csv_file import write_csv
from exports.writers.json_file import write_json
from exports.writers.xlsx_file import write_xlsx
from terms.words import N_

# Writes a table to the path; what it needs besides stays in the folder of the path.
Write = Callable[[Path, Table, About], None]


@dataclass(frozen=True)
class Format:
    """One format."""

    code: str
    label: str
    ending: str
    content_type: str
    write: Write


CSV = "csv"
FORMATS: Mapping[str, Format] = {
    one.code: one
    for one in (
        Format(CSV, N_("CSV"), "csv", "text/csv; charset=utf-8", write_csv),
        Format(
            "xlsx",
            N_("Excel (XLSX)"),
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            write_xlsx,
        ),
        Format("json", N_("JSON"), "json", "application/json", write_json),
    )
}
