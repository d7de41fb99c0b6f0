"""The timeline of courses in words, from the union of every app's rows, for screen and API."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils.translation import get_language

from accounts.models import User
from accounts.permissions import Permission
from audit.prepared import ask
from exports.assessed_words import ASSESSED, assessed_names, choice_of, subject_of, unit_of
from exports.course_keys import CourseKey, keys_of
from exports.labels import NOT_CHECKED, label_of, value_of
from exports.typed_events import row_tells, without_words
from exports.union import ORDER, Union, told_union
from pathway.domain.reasons import ExitReasons
from pathway.domain.rules import PathwayRules
from pathway.referring import TRANSCRIBED
from pathway.withholding import WITHHELD
from patients.domain.delays import ConsentKinds, DelayReasons
from patients.domain.ranges import Ranges
from patients.models import Course
from patients.models.courses import CourseQuerySet
from patients.timeline_columns import COLUMNS
from protocol.models import Protocol
from protocol.selectors import settings_if_readable
from reminders.domain.items import Schedule
from reminders.timeline_schedule import KEY as SCHEDULE_KEY
from terms.day_numbers import day_number
from terms.words import Bilingual

_COURSES_AT_A_TIME = 200


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


def timeline(
    user: User, courses: CourseQuerySet, *, coded: bool = False, moved: bool = False
) -> Iterator[TimelineRow]:
    """Every event of those `courses` that `user` may see, course by course in the order of dates.

    Events without a date come last. `coded` leaves out free text whoever asks, as a file must, and
    every course whose patient withdrew the use of the data, or may have;
    somebody who may not see identities never gets it, nor who entered a row. What was typed of a
    disease or a drug stays, unless it names the patient or, where dates are to be `moved`, says
    when. Three queries, however many courses; the rows are streamed.
    """
    seen = courses.visible_to(user)
    if coded:
        seen = seen.exclude(WITHHELD)
    index = keys_of(seen)
    protocols = Protocol.objects.filter(pk__in={key.protocol_id for key in index.values()})
    names = names_by_protocol(protocols)
    return _told(user, index, _streamed(sorted(index)), names, coded, moved)


def course_timeline(user: User, course: Course) -> list[TimelineRow]:
    """The timeline of one course for its page, in two queries; the long one is planned once."""
    index = keys_of(Course.objects.visible_to(user).filter(pk=course.pk))
    rows = ask(_in_order(), Union.values(index)) if index else []
    names = dict.fromkeys((key.protocol_id for key in index.values()), names_of(course.protocol))
    return list(_told(user, index, rows, names, coded=False))


def _told(
    user: User,
    index: Mapping[int, CourseKey],
    rows: Iterable[tuple[Any, ...]],
    names: Mapping[int, Mapping[str, Bilingual]],
    coded: bool,
    moved: bool = False,
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
        key, by_code = index[current], coded or not named
        if by_code and row_tells(row, key.telling, dates=moved):
            row |= without_words(row)
        hidden = row["identifying"] and by_code
        yield _row(row, key, seq, names[key.protocol_id], hidden, named)


def _row(
    row: dict[str, Any],
    course: CourseKey,
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
        source=NOT_CHECKED if row["source"] == TRANSCRIBED else row["source"],
        entered_by=row["entered_by"] if named else "",
        entered_at=row["entered_at"],
        sort_date=row["sort_date"],
        words=words,
    )


def _streamed(course_ids: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    """The rows of these courses in their order, so many courses at a time."""
    for begin in range(0, len(course_ids), _COURSES_AT_A_TIME):
        batch = course_ids[begin : begin + _COURSES_AT_A_TIME]
        with connection.cursor() as cursor:
            cursor.execute(_in_order(), Union.values(batch))
            yield from cursor.fetchall()


def _in_order() -> str:
    return f"{told_union().sql} ORDER BY {', '.join(ORDER)}"


def names_by_protocol(protocols: Iterable[Protocol]) -> dict[int, dict[str, Bilingual]]:
    """What each of the protocols calls these; what it does not have is named as another names it.

    An item or a check has all of its answers and its unit from one protocol. Of a protocol that
    nobody can read nothing is known: its codes stand for themselves.
    """
    own = {one.pk: names_of(one) for one in sorted(protocols, key=lambda one: one.pk)}
    every = {key: words for names in own.values() for key, words in names.items()}
    return {
        pk: {key: words for key, words in every.items() if names and subject_of(key) not in names}
        | names
        for pk, names in own.items()
    }


def names_of(protocol: Protocol) -> dict[str, Bilingual]:
    """What a protocol calls its reasons for a delay, kinds of consent, analytes and items."""
    settings = settings_if_readable(protocol)
    if settings is None:
        return {}
    reasons = settings.section("delay_reasons", DelayReasons).by_code
    consents = settings.section("consents", ConsentKinds).by_code
    ends = settings.section("exit_reasons", ExitReasons).by_code
    items = settings.section("schedule", Schedule).items
    return {
        **{code: reason.label for code, reason in reasons.items()},
        **{code: reason.label for code, reason in ends.items()},
        **{code: kind.label for code, kind in consents.items()},
        **settings.section("ranges", Ranges).labels,
        **assessed_names(PathwayRules.of(settings)),
        **{f"{SCHEDULE_KEY}{item.code}": item.label for item in items},
    }


def _relative(on: date | None, anchor: date | None) -> int | None:
    return day_number(on, anchor) if on is not None and anchor is not None else None
