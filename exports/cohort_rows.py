"""The rows of Table 1 and Table 2 of the cohort report as one row per course of a file."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from accounts.models import User
from exports.cohort import CohortFilters, cohort
from exports.cohort_report import table_1, table_2
from exports.domain.counted import DISEASE_STATUS, Counted
from exports.domain.pseudonyms import age_told
from exports.fields.kinds import Level
from exports.pseudonyms import Masked
from exports.tables import Row, columns

# Without the response to the first line: it is free text.
_TABLE_1 = ("diagnosis", "risk", "first_line", "allo_hsct", "days_to_apheresis", "bridging")
_SCALES = ("crs", "icans")
_OF_SCALE = ("grade", "onset_day", "duration_days", "ongoing")
_TABLE_2 = (
    "stay_days", "stay_ongoing", "neutropenia_days", "b_cell_aplasia_months",
    "b_cell_aplasia_ongoing", "ecog", "follow_up_months",
)  # fmt: skip
_TOXIC = tuple(f"{scale}_{name}" for scale in _SCALES for name in _OF_SCALE)
COHORT_COLUMNS = columns(
    " ".join(("course", "age", *_TABLE_1, "status", *_TOXIC, "infections", *_TABLE_2)),
    number="days_to_apheresis stay_days neutropenia_days b_cell_aplasia_months ecog "
    "follow_up_months " + " ".join(name for name in _TOXIC if not name.endswith("ongoing")),
)


def cohort_rows(
    user: User, courses: Mapping[int, Masked], level: Level, now: datetime
) -> Iterator[Row]:
    """A row for each of `courses` that was enrolled, in their order, counted as in the report."""
    found = {one.course_id: one for one in cohort(user, CohortFilters(), now=now).patients}
    for pk, mask in courses.items():
        if pk in found:
            code = mask.code if level is Level.PSEUDONYMISED else found[pk].code
            yield _row(code, found[pk])


def _row(code: str, one: Counted) -> Row:
    before, after = table_1(one), table_2(one)
    status = after["status"] if after["status"] in DISEASE_STATUS else None
    infections = after["infections"]
    return (
        code,
        age_told(one.age),
        *(before[name] for name in _TABLE_1),
        status,
        *(_told(after[scale][name]) for scale in _SCALES for name in _OF_SCALE),
        "; ".join(infections) if infections is not None else None,
        *(_told(after[name]) for name in _TABLE_2),
    )


def _told(value: int | str | bool | None) -> int | str | None:
    """Yes and no as words, which every format has."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value
