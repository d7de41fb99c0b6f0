"""A table of timelines as PDF: each course on pages of its own, with its name where it has one."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import groupby
from pathlib import Path

from django.utils.translation import gettext as _

from accounts.wording import day_text, partial_text
from exports.labels import source_of, value_of
from exports.tables import Cell, Row, Table
from exports.writers.about import About
from exports.writers.pdf import Printed, day_told, moment_told, set_in_type
from terms.partial_dates import parse
from terms.words import N_

_LEVELS = {"pseudonymised": N_("Pseudonymised"), "identified": N_("With names")}
_NAMES = ("course", "family_name", "given_name", "birth_date")


def write_pdf(path: Path, table: Table, about: About) -> None:
    """Write the timelines of `table` in its order; who made the file stands in no file of codes."""
    at = {column.name: place for place, column in enumerate(table.columns)}
    made_at = about.made_at.astimezone(about.zone)
    said = {"at": moment_told(made_at), "level": _(_LEVELS[about.level])}
    printed = _("Printed at %(at)s · %(level)s") % said
    path.write_bytes(set_in_type(_courses(table.rows, at, about), printed, made_at))


def _courses(rows: Iterator[Row], at: dict[str, int], about: About) -> Iterator[Printed]:
    for _code, run in groupby(rows, key=lambda row: row[0]):
        of = list(run)
        names = [_told(of[0][at[name]]) for name in _NAMES if name in at]
        yield Printed(" · ".join(filter(None, names)), [_cells(row, at, about) for row in of])


def _cells(row: Row, at: dict[str, int], about: About) -> Sequence[str]:
    def cell(name: str) -> Cell:
        return row[at[name]]

    entered = cell("entered_at")
    return (
        _told(cell("event_date")),
        *(_day(cell(name)) for name in ("rel_day_D0", "rel_day_enrolment")),
        str(cell("label")),
        value_of(str(cell("event_code")), str(cell("value"))),
        str(cell("unit")),
        source_of(str(cell("source"))),
        str(cell("entered_by")),
        moment_told(entered.astimezone(about.zone))
        if isinstance(entered, datetime)
        else _told(entered),
    )


def _day(number: Cell) -> str:
    return day_told(number if isinstance(number, int) else None)


def _told(cell: Cell) -> str:
    """A day or part of one as pages show it, any other text as it is."""
    if isinstance(cell, date):
        return day_text(cell)
    text = str(cell or "")
    return partial_text(parse(text)) if text[:4].isdigit() and len(text) in (4, 7) else text
