"""The timeline of a course for its page: in parts, with routine answers folded into one row."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from django.utils.translation import gettext as _

from desk.shapes import TimelineRow
from exports.labels import source_of
from exports.timeline import TimelineRow as TimelineEntry
from reminders.timeline_schedule import CODES as SCHEDULED
from terms.partial_dates import PartialDate, parse
from terms.quantities import unit_text
from toxicity.timeline_rows import GRADE_CODES

# Grades of single checks, several a day, of which the episodes are told; and reminders, which the
# page lists beside, and whose answers are told by the facts that closed them.
_TOLD_ELSEWHERE = frozenset(code for code, _label in GRADE_CODES.values()) | SCHEDULED
_FEW = 3  # so many of a kind on a day are shown one by one


@dataclass(frozen=True)
class Stretch:
    """A part of the timeline; the latest dated one stands open."""

    label: str
    rows: tuple[TimelineRow, ...]
    open: bool

    @property
    def count(self) -> int:
        """How many events it holds, folded ones too."""
        return sum(len(row.folded) or 1 for row in self.rows)


def stretches(rows: list[TimelineEntry]) -> tuple[Stretch, ...]:
    """The timeline in parts, so that a long follow-up does not bury what is new."""
    labels = {
        "history": _("Before enrolment"),
        "path": _("From enrolment to infusion"),
        "after": _("From day 0"),
        "undated": _("Date not known"),
    }
    parts: dict[str, list[TimelineEntry]] = {key: [] for key in labels}
    for row in rows:
        if row.event_code not in _TOLD_ELSEWHERE:
            parts[_part(row)].append(row)
    dated = [key for key in ("history", "path", "after") if parts[key]]
    return tuple(
        Stretch(labels[key], tuple(_folded(part)), open=key in dated[-1:])
        for key, part in parts.items()
        if part
    )


def _folded(rows: Iterable[TimelineEntry]) -> Iterator[TimelineRow]:
    """One row for the many results and checks of a day, which opens to show each of them.

    Only what was found as a matter of course: a check that is not met, and what is waived or taken
    back, stands for itself.
    """
    for (_on, code), run in groupby(rows, key=lambda row: (row.event_date, row.event_code)):
        entries = tuple(entry(row) for row in run)
        if code not in _BY_THE_DOZEN or len(entries) <= _FEW:
            yield from entries
            continue
        label = _BY_THE_DOZEN[code](len(entries))
        yield replace(entries[0], label=label, value="", source="", recorded="", folded=entries)


_BY_THE_DOZEN: dict[str, Callable[[int], str]] = {
    "ELIGIBILITY_RESULT": lambda count: _("%(count)s items resulted") % {"count": count},
    "GATE_MET": lambda count: _("%(count)s checks met") % {"count": count},
}


def _part(row: TimelineEntry) -> str:
    if row.sort_date is None:
        return "undated"
    if row.rel_day_D0 is not None and row.rel_day_D0 >= 0:
        return "after"
    enrolled = row.rel_day_enrolment is not None and row.rel_day_enrolment >= 0
    return "path" if enrolled else "history"


def entry(row: TimelineEntry) -> TimelineRow:
    """One event as the list of a timeline shows it."""
    on: PartialDate | None = parse(row.event_date) if row.event_date else None
    return TimelineRow(
        on=on,
        label=row.label,
        day=row.rel_day_D0,
        value=f"{row.shown_value} {unit_text(row.unit)}".strip(),
        source=source_of(row.source),
        recorded=row.entered_by,
    )
