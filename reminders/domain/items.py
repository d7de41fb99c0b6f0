"""The follow-up schedule as the protocol lists it: items counted from anchors."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from protocol.domain.loading import SectionParser
from protocol.domain.reading import CAPITAL_CODE, Setting, TableReader
from terms.roles import Role
from terms.words import N_, Bilingual


class SpanUnit(StrEnum):
    """What a span is counted in; months are calendar months, clamped to the month's end."""

    DAYS = "days"
    MONTHS = "months"


@dataclass(frozen=True)
class Span:
    """A length of time such as 28 days or 3 months; negative lies before the anchor."""

    count: int
    unit: SpanUnit


_SPAN = re.compile(r"(-?[0-9]{1,4}) (day|month)s?")

# The codes that patients.models stores for its anchors; a test compares them.
ANCHORS = ("enrolment", "apheresis", "lymphodepletion", "infusion", "discharge", "relapse")
ROLES = tuple(role.value for role in Role)


@dataclass(frozen=True)
class Phase:
    """A stretch of a repeated item: one every `every`, counted from the anchor, up to `until`."""

    every: Setting[Span]
    until: Setting[Span]


@dataclass(frozen=True)
class ScheduleItem:
    """One thing to do, due at `first_offset` from its anchor and then through its phases.

    `window_before` and `window_after` are days around each due date in which it is on time.
    """

    code: str
    label: Bilingual
    role: Setting[str]
    anchor: Setting[str]
    first_offset: Setting[Span]
    phases: tuple[Phase, ...]
    window_before: Setting[int]
    window_after: Setting[int]


@dataclass(frozen=True)
class Schedule:
    """Every item, by code."""

    items: tuple[ScheduleItem, ...]

    def item(self, code: str) -> ScheduleItem:
        """The item called `code`. Raises `KeyError` when there is none."""
        for item in self.items:
            if item.code == code:
                return item
        raise KeyError(code)


def read_span(text: str) -> Span:
    """Read `28 days`, `1 month` or `-7 days`. Raises `ValueError` for anything else."""
    match = _SPAN.fullmatch(text)
    if match is None:
        raise ValueError(text)
    return Span(int(match[1]), SpanUnit(f"{match[2]}s"))


def read_schedule(reader: TableReader) -> Schedule:
    """Parse `[schedule.<ITEM>]` with its `[[schedule.<ITEM>.phases]]`."""
    return Schedule(tuple(_item(code, row) for code, row in reader.children(CAPITAL_CODE)))


def _item(code: str, row: TableReader) -> ScheduleItem:
    return ScheduleItem(
        code=code,
        label=row.bilingual("label"),
        role=row.choice("role", ROLES),
        anchor=row.choice("anchor", ANCHORS),
        first_offset=_span(row, "first_offset"),
        phases=_phases(row) if "phases" in row else (),
        window_before=row.whole_number("window_before", 0, 365),
        window_after=row.whole_number("window_after", 0, 365),
    )


def _phases(row: TableReader) -> tuple[Phase, ...]:
    """Phases follow one another; each must repeat and end in months or in days, not in both."""
    phases = []
    reached: Span | None = None
    for phase in row.rows("phases"):
        every, until = _span(phase, "every"), _span(phase, "until")
        if every.value.count < 1:
            phase.problem("every", N_("must be at least one day or month"))
        if every.value.unit != until.value.unit:
            phase.problem("until", N_("must be in the same unit as every"))
        if reached and (until.value.unit != reached.unit or until.value.count <= reached.count):
            phase.problem("until", N_("must be later than the phase before, in the same unit"))
        reached = until.value
        phases.append(Phase(every, until))
    return tuple(phases)


def _span(reader: TableReader, key: str) -> Setting[Span]:
    stand_in = Span(1, SpanUnit.DAYS)
    return reader.parsed(key, read_span, stand_in, N_("must be such as 28 days or 3 months"))


SECTIONS: Mapping[str, SectionParser] = {"schedule": read_schedule}
