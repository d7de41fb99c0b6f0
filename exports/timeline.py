"""The timeline of courses: every app's uniform rows in one UNION ALL, for screen and files."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import DateField, OuterRef, QuerySet, Subquery
from django.utils.translation import get_language

from accounts.models import User
from accounts.permissions import Permission
from exports.assessed_words import ASSESSED, assessed_names, choice_of, unit_of
from exports.labels import label_of, value_of
from pathway import timeline_assessed, timeline_papers
from pathway import timeline_rows as pathway_rows
from pathway.domain.reasons import ExitReasons
from pathway.domain.rules import PathwayRules
from pathway.referring import TRANSCRIBED
from pathway.withholding import WITHHELD
from patients import timeline_rows as patients_rows
from patients.domain.delays import ConsentKinds, DelayReasons
from patients.domain.ranges import Ranges
from patients.models import Anchor, Course
from patients.models.courses import AnchorKind, CourseQuerySet
from patients.timeline_columns import COLUMNS
from protocol.models import Protocol
from protocol.selectors import settings_of
from reminders import timeline_tasks
from terms.day_numbers import day_number
from terms.words import Bilingual
from toxicity import timeline_given
from toxicity import timeline_rows as toxicity_rows

# Every app with something to tell. Each answers querysets of the same columns, in this order.
SOURCES: "tuple[Callable[[QuerySet[Course]], list[Any]], ...]" = (
    patients_rows.rows,
    pathway_rows.rows,
    timeline_papers.rows,
    timeline_assessed.rows,
    toxicity_rows.rows,
    timeline_given.rows,
    timeline_tasks.rows,
)
_ROWS_AT_A_TIME = 2000
# A file leaves without the page that says so: it says so itself.
_NOT_CHECKED = "transcribed, not checked"
# Stands for the course in the statement that is kept; no other parameter is negative.
_ANY_COURSE = -1


@dataclass(frozen=True)
class TimelineRow:
    """One event of a course.

    `event_date` is ISO text as far as it is known (`2021`, `2022-03`, `2022-03-14`), empty when it
    is not. The relative days are counted between dates, None unless both days are known. `value`
    is as stored; `shown_value` is what a person reads.
    """

    course: str
    seq: int
    event_code: str
    label: str
    event_date: str
    date_precision: str
    rel_day_D0: int | None  # noqa: N815 - the name of the column in the file
    rel_day_enrolment: int | None
    value: str
    unit: str
    source: str
    entered_by: str
    entered_at: datetime | None
    sort_date: date | None = field(repr=False, default=None)
    words: Bilingual | None = field(repr=False, default=None)  # of an answer of a fixed list

    @property
    def shown_value(self) -> str:
        """The value in the active language where it is a word."""
        if self.words is not None:
            return self.words.in_language(get_language() or "en")
        return value_of(self.event_code, self.value)


@dataclass(frozen=True)
class _Course:
    """What the rows of one course are counted from."""

    code: str
    infused_on: date | None
    enrolled_on: date | None


def timeline(user: User, courses: CourseQuerySet, *, coded: bool = False) -> Iterator[TimelineRow]:
    """Every event of those `courses` that `user` may see, course by course in the order of dates.

    Events without a date come last. `coded` leaves out free text whoever asks, as a file must, and
    every course whose patient withdrew the use of the data, or may have;
    somebody who may not see identities never gets it, nor who entered a row. Three queries,
    however many courses; the rows are streamed.
    """
    seen = courses.visible_to(user)
    if coded:
        seen = seen.exclude(WITHHELD)
    protocols = Protocol.objects.filter(pk__in=seen.order_by().values("protocol"))
    return _told(user, _index(seen), _streamed(seen), _names(protocols), coded)


def course_timeline(user: User, course: Course) -> list[TimelineRow]:
    """The timeline of one course for its page, in two queries."""
    index = _index(Course.objects.visible_to(user).filter(pk=course.pk))
    return list(_told(user, index, _of_one(course.pk), _names([course.protocol]), coded=False))


def _told(
    user: User,
    index: Mapping[int, _Course],
    rows: Iterable[tuple[Any, ...]],
    names: Mapping[str, Bilingual],
    coded: bool,
) -> Iterator[TimelineRow]:
    named = user.may(Permission.SEE_IDENTITY)
    current, seq = None, 0
    for values in rows:
        row = dict(zip(COLUMNS, values, strict=True))
        # Referred between the two queries, or not visible: no row without its course.
        if row["course_id"] not in index:
            continue
        seq = seq + 1 if row["course_id"] == current else 1
        current = row["course_id"]
        hidden = row["identifying"] and (coded or not named)
        yield _row(row, index[current], seq, names, hidden, named)


def _row(
    row: dict[str, Any],
    course: _Course,
    seq: int,
    names: Mapping[str, Bilingual],
    hidden: bool,
    named: bool,
) -> TimelineRow:
    on = row["sort_date"] if row["date_precision"] == "day" else None
    code, value, unit, words = row["event_code"], row["value"], row["unit"], None
    if code in ASSESSED:
        words, unit = choice_of(row["label"], value, names), unit_of(row["label"], value, names)
        hidden = hidden and words is None
    return TimelineRow(
        course=course.code,
        seq=seq,
        event_code=code,
        label=label_of(code, row["label"], names),
        event_date=row["event_date"] or "",
        date_precision=row["date_precision"],
        rel_day_D0=_relative(on, course.infused_on),
        rel_day_enrolment=_relative(on, course.enrolled_on),
        value="" if hidden else value,
        unit=unit,
        source=_NOT_CHECKED if row["source"] == TRANSCRIBED else row["source"],
        entered_by=row["entered_by"] if named else "",
        entered_at=row["entered_at"],
        sort_date=row["sort_date"],
        words=words,
    )


def _streamed(courses: QuerySet[Course]) -> Iterator[tuple[Any, ...]]:
    return _union(courses).iterator(chunk_size=_ROWS_AT_A_TIME)


def _of_one(course_id: int) -> list[tuple[Any, ...]]:
    sql, params = _sql_of_one()
    with connection.cursor() as cursor:
        cursor.execute(sql, [course_id if param == _ANY_COURSE else param for param in params])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


@cache
def _sql_of_one() -> tuple[str, tuple[Any, ...]]:
    """The union for one course, written once: Django takes ten times as long as PostgreSQL."""
    sql, params = _union(Course.objects.filter(pk=_ANY_COURSE)).query.sql_with_params()
    return sql, tuple(params)


def _union(courses: QuerySet[Course]) -> "QuerySet[Any, Any]":
    first, *rest = (part for rows in SOURCES for part in rows(courses))
    # Within one day as entered; the codes only make the order the same every time.
    order = ("course_id", "sort_date", "entered_at", "event_code", "label", "value")
    rows: QuerySet[Any, Any] = first.values_list(*COLUMNS).union(*rest, all=True).order_by(*order)
    return rows


def _index(courses: QuerySet[Course]) -> dict[int, _Course]:
    found = courses.order_by().values_list(
        "pk", "code", _actual(AnchorKind.INFUSION), _actual(AnchorKind.ENROLMENT)
    )
    return {
        pk: _Course(code, infused_on, enrolled_on) for pk, code, infused_on, enrolled_on in found
    }


def _actual(kind: AnchorKind) -> Subquery:
    happened = Anchor.objects.filter(course=OuterRef("pk"), kind=kind, actual_on__isnull=False)
    latest = happened.order_by("-occurrence").values("actual_on")[:1]
    return Subquery(latest, output_field=DateField())


def _names(protocols: Iterable[Protocol]) -> dict[str, Bilingual]:
    """What the protocols call their reasons for a delay, kinds of consent and analytes."""
    names = {}
    for protocol in protocols:
        settings = settings_of(protocol)
        reasons = settings.section("delay_reasons", DelayReasons).by_code
        consents = settings.section("consents", ConsentKinds).by_code
        ends = settings.section("exit_reasons", ExitReasons).by_code
        names.update({code: reason.label for code, reason in reasons.items()})
        names.update({code: reason.label for code, reason in ends.items()})
        names.update({code: kind.label for code, kind in consents.items()})
        names.update(settings.section("ranges", Ranges).labels)
        names.update(assessed_names(PathwayRules.of(settings)))
    return names


def _relative(on: date | None, anchor: date | None) -> int | None:
    return day_number(on, anchor) if on is not None and anchor is not None else None
