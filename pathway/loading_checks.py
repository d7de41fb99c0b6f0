"""The identity checks of a course and how each stands, read in one query."""

from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import QuerySet

from audit.prepared import Prepared
from pathway.domain.identity_checks import CheckFacts
from pathway.domain.labels import changed_since
from pathway.identity_snapshots import columns_of, recorded_of, with_labels
from pathway.models import IdentityCheck
from patients.models import Course
from terms.day_numbers import local_date

_SECOND = 2
_COLUMNS = (
    "pk", "kind", "product_id", "snapshot", "opened_at", "deviation__number",
    "scans__number", "scans__mismatches", "scans__scanned_at",
)  # fmt: skip


def checks_of_course(course: Course) -> tuple[CheckFacts, ...]:
    """Every check, in the order in which they were begun: passed, stopped or not finished."""
    rows = groupby(_CHECKS(course.pk), key=lambda row: row[0])
    return tuple(_facts(course, list(scans)) for _check, scans in rows)


def _checks(course: int) -> "QuerySet[IdentityCheck, tuple[Any, ...]]":
    """A row for each scan, one for a check without any."""
    checks = with_labels(IdentityCheck.objects.filter(course=course), "product")
    return checks.order_by("pk", "scans__number").values_list(*_COLUMNS, *columns_of("product"))


_CHECKS = Prepared(_checks)


def _facts(course: Course, rows: list[tuple[Any, ...]]) -> CheckFacts:
    """One check from its row with each of its scans."""
    _pk, kind, product, snapshot, opened_at, deviation, number, mismatches, at = rows[-1][:9]
    stopped = bool(mismatches)
    ended: datetime = at if at is not None else opened_at
    return CheckFacts(
        kind=kind,
        product=product,
        passed=number == _SECOND and not stopped,
        finished=number == _SECOND or stopped,
        at=ended,
        on=local_date(ended, course.centre.zone),
        deviation=deviation or "",
        changed=changed_since(kind, snapshot, recorded_of(course, rows[-1][9:])),
    )
