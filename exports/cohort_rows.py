"""The rows of Table 1 and Table 2 of the cohort report as one row per course of a file."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from accounts.access import centre_of
from accounts.models import User
from exports.cohort_facts import AT_A_TIME, read_courses
from exports.cohort_report import table_1, table_2
from exports.course_keys import keys_of
from exports.domain.counted import DISEASE_STATUS, Counted
from exports.domain.pseudonyms import age_told
from exports.domain.typed_words import Telling, untelling
from exports.fields.kinds import Level
from exports.pseudonyms import Masked
from exports.tables import Row, columns
from patients.models import Course
from terms.day_numbers import local_date

# Without the response to the first line: it is free text.
_TABLE_1 = ("diagnosis", "risk", "first_line", "allo_hsct", "days_to_apheresis", "bridging")
_TYPED = frozenset({"diagnosis", "first_line", "allo_hsct", "bridging"})
# Before each transplant its day as far as it is known: a true one would tell how far others moved.
_DAY_BEFORE = re.compile(r"(?:(?<=; )|^)(?:19|20)[0-9]{2}(?:-[0-9]{2}){0,2}(?: |$|(?=;))")
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
    centre = centre_of(user)
    today, pks = local_date(now, centre.zone), list(courses)
    for begin in range(0, len(pks), AT_A_TIME):
        found = read_courses(pks[begin : begin + AT_A_TIME], today, centre.time_zone)
        keys = keys_of(Course.objects.visible_to(user).filter(pk__in=[f.course_id for f in found]))
        known = {one.course_id: one for one in found}
        for pk in pks[begin : begin + AT_A_TIME]:
            # Whom `user` may not see has no key, whatever is known of the course.
            if pk not in known or pk not in keys:
                continue
            if level is Level.PSEUDONYMISED:
                yield _row(courses[pk].code, known[pk], keys[pk].telling)
            else:
                yield _row(known[pk].code, known[pk], None)


def _row(code: str, one: Counted, telling: Telling | None) -> Row:
    """What was typed stays, unless it tells when, or who: that is what `telling` says."""
    before, after = table_1(one), table_2(one)
    if telling is not None:
        if before["allo_hsct"]:
            before["allo_hsct"] = _DAY_BEFORE.sub("", before["allo_hsct"]).strip("; ") or "yes"
        typed = {name: before[name] for name in _TYPED if before[name]}
        before |= {name: untelling(text, telling, dates=True) for name, text in typed.items()}
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
