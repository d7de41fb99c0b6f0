"""Timelines as PDF/UA-1 on A4 landscape: set in type by Typst from a template and plain data."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typst
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext
from django.utils.translation import gettext as _

from accounts.wording import day_text, partial_text
from exports.labels import source_of
from exports.timeline import TimelineRow
from exports.writers.glyphs import typeset
from terms.partial_dates import parse
from terms.words import N_

_HERE = Path(__file__).parent
_TEMPLATE = _HERE / "timeline.typ"
# Where packages would be looked for: inside a file, so that there is none and none is fetched.
_NO_PACKAGES = _TEMPLATE / "none"
_NOTE = N_("Characters that this font cannot show stand as their codes, such as [U+1F600].")
_HEADER = (
    gettext_lazy("Date"),
    gettext_lazy("Day from infusion"),
    gettext_lazy("Day from enrolment"),
    gettext_lazy("Event"),
    gettext_lazy("Value"),
    gettext_lazy("Unit"),
    gettext_lazy("Source"),
    gettext_lazy("Entered by"),
    gettext_lazy("Entered at"),
)


@dataclass(frozen=True)
class Printing:
    """What stands on every page: about whom it is, and who printed it when, on local clocks."""

    identity: str
    printed_by: str
    printed_at: datetime


@dataclass(frozen=True)
class Printed:
    """One course on pages of its own: about whom they are, and the cells of its rows."""

    identity: str
    cells: Sequence[Sequence[str]]


def timeline_pdf(rows: Iterable[TimelineRow], printing: Printing) -> bytes:
    """The rows of one course in their order, in the active language."""
    cells = [_cells(row, printing) for row in rows]
    said = {"at": moment_told(printing.printed_at), "by": printing.printed_by}
    printed = _("Printed at %(at)s by %(by)s") % said
    return set_in_type([Printed(printing.identity, cells)], printed, printing.printed_at)


def set_in_type(courses: Iterable[Printed], printed: str, printed_at: datetime) -> bytes:
    """The courses one after another, `printed` on each page.

    Each text is data of the template, so nothing in it is read as markup; a character that the
    fonts lack becomes a code, and the last page says so.
    """
    lines = _Lines()
    title = _("Timeline of the course")
    told = [lines.course(title, course) for course in courses]
    data = {
        "title": told[0]["title"] if len(told) == 1 else _("Timelines"),
        "language": (get_language() or "en").split("-")[0],
        "printed": lines.typeset(printed),
        "courses": told,
        "header": [str(word) for word in _HEADER],
        "notes": [_(_NOTE)] if lines.coded else [],
        "words": {
            "page": pgettext("of a print", "Page"),
            "of": pgettext("page 1 of 2", "of"),
            "nothing": _("Nothing is recorded yet."),
        },
    }
    made: bytes = typst.compile(
        str(_TEMPLATE),
        root=str(_HERE),
        format="pdf",
        pdf_standards="ua-1",
        ignore_system_fonts=True,
        package_path=str(_NO_PACKAGES),
        package_cache_path=str(_NO_PACKAGES),
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        timestamp=printed_at.astimezone(UTC),
    )
    return made


class _Lines:
    """Sets one text after the other, and remembers whether a code stood in any."""

    def __init__(self) -> None:
        self.coded = False

    def typeset(self, text: str) -> str:
        made, coded = typeset(text)
        self.coded = self.coded or coded
        return made

    def course(self, title: str, course: Printed) -> dict[str, Any]:
        """One course as data of the template."""
        identity, count = self.typeset(course.identity), len(course.cells)
        return {
            "title": f"{title} {identity}",
            "identity": f"Percorso · {identity}",
            "about": ngettext("%(n)s event", "%(n)s events", count) % {"n": count},
            "rows": [[self.typeset(cell) for cell in row] for row in course.cells],
        }


def _cells(row: TimelineRow, printing: Printing) -> tuple[str, ...]:
    zone = printing.printed_at.tzinfo
    return (
        partial_text(parse(row.event_date)) if row.event_date else "",
        day_told(row.rel_day_D0),
        day_told(row.rel_day_enrolment),
        row.label,
        row.shown_value,
        row.unit,
        source_of(row.source),
        row.entered_by,
        moment_told(row.entered_at.astimezone(zone)) if row.entered_at else "",
    )


def moment_told(at: datetime) -> str:
    """A moment on its own clock, as pages show it."""
    return f"{day_text(at.date())} {at:%H:%M}"


def day_told(number: int | None) -> str:
    """With its sign, as pages show it; a minus and no hyphen."""
    if number is None:
        return ""
    return f"+{number}" if number > 0 else f"{number}".replace("-", "−")
