"""Counting courses for reports and keeping what was counted, until something of them changes."""

from collections.abc import Iterable
from dataclasses import fields
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from accounts.models import Centre
from exports import (
    cohort_after_sql,
    cohort_facts,
    cohort_follow_sql,
    cohort_product_sql,
    cohort_sql,
)
from exports.cohort_facts import AT_A_TIME, STATEMENT, counted_from, read_courses
from exports.cohort_sql import BASE
from exports.domain import (
    apart,
    completeness,
    counted,
    curves,
    figures,
    incidence,
    indicators,
    severe_icaht,
    statistics,
    summaries,
    tally,
)
from exports.domain.apart import kept_as, parts_said
from exports.domain.counted import Counted
from exports.domain.figures import told_by
from exports.models import CountedCourse, TouchedCourse
from patients.models import Course
from patients.models.courses import CourseQuerySet
from toxicity.domain import chart_values, count_scores, daily, icaht, scores, steroid_doses
from toxicity.scores import facts, many

# Two who count the same courses: the later one waits, or it could keep what is older.
_ONE_COUNTS_AT_A_TIME = 6_120_003
# So many courses whoever reads the report counts by the way: about a second. More is left by an
# upgrade or a large import only, and told.
MOST_BY_THE_WAY = 400
_NOT_KEPT = {"today", "toxic", "items", "delays", "incident_categories"}
# Whoever changes how something is counted has every course counted anew.
_COUNTED_BY = (
    apart, cohort_sql, cohort_product_sql, cohort_after_sql, cohort_follow_sql, cohort_facts,
    completeness, counted, curves, figures, incidence, severe_icaht, indicators, statistics,
    summaries, tally, many, facts, count_scores, scores, chart_values, icaht, daily,
    steroid_doses,
)  # fmt: skip
_SOURCES = [Path(str(one.__file__)).read_bytes() for one in _COUNTED_BY]
RULE = sha256(b"".join([*_SOURCES, STATEMENT.encode(), BASE.encode()])).hexdigest()
_KEPT = tuple(one.name for one in fields(Counted) if one.name not in _NOT_KEPT)
# Every chosen course, and whether what is kept of it no longer stands: a contact in one course of
# a patient counts in all.
_CHOSEN = """
SELECT c.id, coalesce(x.rule <> %s OR x.first_on > %s OR x.last_on < %s, x.course_id IS NULL)
    OR EXISTS (SELECT FROM exports_touchedcourse t JOIN patients_course o ON o.id = t.course_id
               WHERE o.patient_id = c.patient_id AND o.centre_id = c.centre_id)
FROM ({chosen}) c LEFT JOIN exports_countedcourse x ON x.course_id = c.id ORDER BY c.id
"""


_SIBLINGS = """
SELECT DISTINCT o.id FROM patients_course c
JOIN patients_course o ON o.patient_id = c.patient_id AND o.centre_id = c.centre_id
WHERE c.id = ANY(%s)
"""


class StillCounting(Exception):
    """More has to be counted than anybody waits for: `done` of `of` courses stand so far."""

    def __init__(self, done: int, of: int) -> None:
        super().__init__(f"{done} of {of}")
        self.done, self.of = done, of


def brought_up_to_date(
    chosen: CourseQuerySet, *, today: date, zone: str, most: int | None = None
) -> list[int]:
    """The courses of `chosen`; those that were touched, or are of another day, counted anew.

    Where these are more than `most`, so many are counted and kept, and StillCounting is raised:
    whoever asks again and again comes to an end, also where no worker runs.
    """
    sql, params = chosen.order_by().values("id", "patient_id", "centre_id").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_CHOSEN.format(chosen=sql), [RULE, today, today, *params])
        found: list[tuple[int, bool]] = cursor.fetchall()
    stale = [pk for pk, is_stale in found if is_stale]
    now = stale if most is None else stale[:most]
    for begin in range(0, len(now), AT_A_TIME):
        count_anew(now[begin : begin + AT_A_TIME], today=today, zone=zone)
    if len(stale) > len(now):
        raise StillCounting(len(found) - len(stale) + len(now), len(found))
    return [pk for pk, _is_stale in found]


def bring_all_up_to_date(centre: Centre, today: date) -> None:
    """Count every course of a centre that has to be, for the next one who asks."""
    chosen = Course.objects.of_centre(centre.pk)
    brought_up_to_date(chosen, today=today, zone=centre.time_zone)


def count_anew(courses: Iterable[int], *, today: date, zone: str) -> None:
    """Count some courses and the others of their patients as they stand, and keep it.

    In one transaction. A touched course lets also its siblings be counted, and all together.
    What is written meanwhile touches a course again, after the rows that are taken away here.
    """
    pks = _with_siblings(courses)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_COUNTS_AT_A_TIME])
        touched = list(TouchedCourse.objects.filter(course__in=pks).values_list("pk", flat=True))
        found = {one.course_id: one for one in read_courses(pks, today, zone)}
        CountedCourse.objects.bulk_create(
            [_kept(pk, found.get(pk), today) for pk in pks],
            update_conflicts=True,
            unique_fields=["course"],
            update_fields=[
                "rule", "first_on", "last_on", "enrolled", "infused", "known", "told", "apart",
            ],
        )  # fmt: skip
        TouchedCourse.objects.filter(pk__in=touched).delete()


def _with_siblings(courses: Iterable[int]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_SIBLINGS, [list(courses)])
        return [pk for (pk,) in cursor.fetchall()]


def _kept(pk: int, one: Counted | None, today: date) -> CountedCourse:
    return CountedCourse(
        course_id=pk,
        rule=RULE,
        first_on=today,
        last_on=one.holds_until if one else None,
        enrolled=one is not None,
        infused=one is not None and one.infused,
        known=_known(one) if one else {},
        told=told_by(one) if one else [],
        apart=kept_as(parts_said(one)) if one else [],
    )


def _known(one: Counted) -> dict[str, Any]:
    said = {name: getattr(one, name) for name in _KEPT}
    told = {name: str(value) if isinstance(value, date) else value for name, value in said.items()}
    return told | {"toxic": {scale: vars(toxic) for scale, toxic in one.toxic.items()}}


def from_kept(known: dict[str, Any], today: date) -> Counted:
    """A course from what was kept of it."""
    return counted_from({**known, "today": today})
