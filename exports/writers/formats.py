"""The formats of a file: what each ends in and who writes it; others register here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from exports.tables import Table
from exports.writers.about import About
from exports.writers.csv_file import write_csv
from exports.writers.json_file import write_json
from exports.writers.pdf_file import write_pdf
from exports.writers.xlsx_file import write_xlsx
from terms.words import N_

# Writes a table to the path; what it needs besides stays in the folder of the path.
Write = Callable[[Path, Table, About], None]


@dataclass(frozen=True)
class Format:
    """One format; `writer` is None where a content makes its own lines of it (contents.py).

    `only` are the contents that can be had in it, none named means all; `names` whether it may
    tell who somebody is; `most` how many courses it holds.
    """

    code: str
    label: str
    ending: str
    content_type: str
    writer: Write | None
    only: frozenset[str] = frozenset()
    names: bool = True
    most: int | None = None

    def write(self, path: Path, table: Table, about: About) -> None:
        """Write a table to `path`."""
        assert self.writer is not None, "its content makes the lines"
        self.writer(path, table, about)


CSV, FHIR = "csv", "fhir"
_TIMELINES = frozenset({"timelines"})
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
        # Typst holds all pages at once.
        Format("pdf", N_("PDF"), "pdf", "application/pdf", write_pdf, only=_TIMELINES, most=25),
        Format(
            FHIR,
            N_("FHIR R4: a bundle on each line"),
            "ndjson",
            "application/fhir+ndjson",
            None,
            only=_TIMELINES,
            names=False,
        ),
    )
}


def formats_of(content: str) -> tuple[str, ...]:
    """The formats in which a content can be had."""
    return tuple(code for code, one in FORMATS.items() if not one.only or content in one.only)
