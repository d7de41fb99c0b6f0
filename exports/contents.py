"""What a file can hold: a name, its columns, and its rows; others register theirs here."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from accounts.models import User
from exports.bundles_for_files import bundle_lines
from exports.cohort_rows import COHORT_COLUMNS, cohort_rows
from exports.fields.kinds import Level
from exports.identified import IDENTITY_COLUMNS, with_identity
from exports.pseudonyms import Masked
from exports.rows_for_files import EVENT_COLUMNS, event_lines, event_rows
from exports.tables import Column, Row, Table
from exports.wide import WIDE_COLUMNS, wide_rows
from exports.writers.formats import FHIR
from terms.words import N_

Rows = Callable[[User, Mapping[int, Masked], Level, datetime], Iterator[Row]]
# A quicker way to pseudonymised CSV: pieces of lines, each with how many courses it begins.
Lines = Callable[[User, Mapping[int, Masked], Sequence[str]], Iterator[tuple[str, int]]]


# A document per course on a line of its own, pseudonymised.
Documents = Callable[[User, Mapping[int, Masked], datetime], Iterator[tuple[str, int]]]


@dataclass(frozen=True)
class Content:
    """One thing to export. `rows` gives those of the courses in their order, coded by level."""

    code: str
    label: str
    columns: tuple[Column, ...]
    rows: Rows
    lines: Lines | None = None
    documents: Mapping[str, Documents] = field(default_factory=dict)  # by the format

    def table(
        self, user: User, courses: Mapping[int, Masked], level: Level, now: datetime
    ) -> Table:
        """The table of `courses` at `level`: with names, numbers and birth dates if identified."""
        rows = self.rows(user, courses, level, now)
        if level is not Level.IDENTIFIED:
            return Table(self.code, self.columns, rows)
        columns = (self.columns[0], *IDENTITY_COLUMNS, *self.columns[1:])
        return Table(self.code, columns, with_identity(rows, courses))


CONTENTS: Mapping[str, Content] = {
    content.code: content
    for content in (
        Content(
            "timelines",
            N_("Timelines: a row per event"),
            EVENT_COLUMNS,
            event_rows,
            event_lines,
            {FHIR: bundle_lines},
        ),
        Content("courses", N_("Courses: a row per course"), WIDE_COLUMNS, wide_rows),
        Content("cohort", N_("Cohort report: its tables 1 and 2"), COHORT_COLUMNS, cohort_rows),
    )
}
