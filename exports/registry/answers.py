"""What a registry is told: an answer, or that the question does not arise; else it is missing."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from exports.course_records import CourseRecord
from exports.tables import Cell
from patients.models import LabResult, Relapse, Transplant
from patients.models.courses import AnchorKind
from terms.partial_dates import parse

# Of a question that does not arise, such as the date of a therapy that was not given. None is
# what nobody recorded: it is listed as missing.
NOT_ASKED: Final = ""
YES, NO = "yes", "no"
Answers = dict[str, Cell]


def yes_no(known: bool | None) -> str | None:
    """As registries write it; None where nobody knows."""
    return None if known is None else YES if known else NO


def if_yes(answer: Cell, cell: Cell) -> Cell:
    """A detail of what happened: not asked where it did not, missing where nobody knows."""
    return NOT_ASKED if answer == NO else cell


def listed(parts: Iterable[str]) -> str | None:
    """Several answers in one cell, each once; None for none at all."""
    return "; ".join(dict.fromkeys(part for part in parts if part)) or None


def happened_on(record: CourseRecord, kind: AnchorKind) -> date | None:
    """The day on which a date of the course really was."""
    anchor = record.anchor(kind)
    return anchor.actual_on if anchor else None


def is_after(record: CourseRecord, row: Relapse | Transplant) -> bool:
    """Whether it came after the infusion: as somebody said, or as its date says by itself."""
    infused_on = happened_on(record, AnchorKind.INFUSION)
    dated = bool(row.on) and infused_on is not None and parse(row.on).certainly_after(infused_on)
    return row.after_infusion or dated


def measured(
    record: CourseRecord, analyte: str, by: date | None, within_days: int | None = None
) -> Decimal | None:
    """The latest value of a day up to `by`, not older than `within_days`; None without one."""
    if by is None:
        return None
    found = [
        (date.fromisoformat(row.on), row.pk, row.value)
        for row in record.of(LabResult)
        if row.analyte == analyte and len(row.on) == len("2026-01-31") and not row.comparator
        if row.value is not None
    ]
    fit = [one for one in found if one[0] <= by]
    if within_days is not None:
        fit = [one for one in fit if (by - one[0]).days <= within_days]
    return max(fit)[-1] if fit else None


def rounded(value: Decimal | None, places: str) -> Decimal | None:
    """Half of the last place rounds up, as the forms ask: 169.5 cm is 170."""
    return None if value is None else value.quantize(Decimal(places), rounding=ROUND_HALF_UP)


def missing(answers: Mapping[str, Cell]) -> str:
    """The keys that nobody recorded an answer for, in their order."""
    return " ".join(key for key, answer in answers.items() if answer is None)
