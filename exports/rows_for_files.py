"""Events of courses as rows of a file: coded, and with pseudonyms and shifted dates where asked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from accounts.models import User
from exports.copied_words import words_of
from exports.copying import Told, batches, copied_batch
from exports.course_keys import keys_of
from exports.domain.pseudonyms import shifted, shifted_day, shifted_value
from exports.fields.kinds import Level
from exports.labels import SOURCES
from exports.pseudonyms import Masked
from exports.tables import Row, columns
from exports.timeline import TimelineRow, names_by_protocol, timeline
from exports.writers.csv import TIMELINE_HEADER
from patients.models import Course
from patients.timeline_columns import CORRECTED
from protocol.models import Protocol
from terms.day_numbers import local_date

EVENT_COLUMNS = columns(
    " ".join(TIMELINE_HEADER),
    number="seq rel_day_D0 rel_day_enrolment",
    day="event_date",
    moment="entered_at",
)
# Their rows are kept until all are there, to stand in the order of their pseudonyms.
_COURSES_AT_A_TIME = 50


def event_rows(
    user: User, courses: Mapping[int, Masked], level: Level, _now: datetime
) -> Iterator[Row]:
    """Every event of `courses` that `user` may see, in their order, those of one together.

    A pseudonymised row holds nothing that the coded file of one's own centre holds besides: no
    code, no true date, nobody of the staff, no source in somebody's words.
    """
    pks = list(courses)
    for begin in range(0, len(pks), _COURSES_AT_A_TIME):
        batch = pks[begin : begin + _COURSES_AT_A_TIME]
        yield from _rows_of(user, {pk: courses[pk] for pk in batch}, level)


def coded_rows(user: User, courses: Mapping[int, Masked]) -> Iterator[Row]:
    """The same with true dates and the course's own code."""
    return _rows_of(user, courses, Level.IDENTIFIED)


def event_lines(
    user: User, courses: Mapping[int, Masked], same: Sequence[str]
) -> Iterator[tuple[str, int]]:
    """The pseudonymised rows of `event_rows` as lines of CSV, sent by COPY: many times as fast.

    Each piece comes with how many courses it begins; a line ends in `same`, cells of every row.
    """
    pks = list(courses)
    # Each once and by its key: their bodies are long, and take long to be told apart.
    followed = Course.objects.filter(pk__in=pks).order_by().values("protocol")
    words = words_of(names_by_protocol(Protocol.objects.filter(pk__in=followed)))
    told = Told(free_text=False, staff=False)
    for batch in batches(pks):
        known = keys_of(Course.objects.visible_to(user).filter(pk__in=batch))
        keys = [
            replace(known[pk], code=courses[pk].code, shift_days=courses[pk].days)
            for pk in batch
            if pk in known
        ]
        beginning = len(batch)
        for piece in copied_batch(keys, words, told, same):
            yield piece, beginning
            beginning = 0


def _rows_of(user: User, batch: Mapping[int, Masked], level: Level) -> Iterator[Row]:
    chosen = Course.objects.visible_to(user).filter(pk__in=batch).select_related("centre")
    codes = {course.code: course for course in chosen}
    told: dict[int, list[TimelineRow]] = {}
    moved = level is Level.PSEUDONYMISED
    for row in timeline(user, chosen.select_related(None), coded=True, moved=moved):
        told.setdefault(codes[row.course].pk, []).append(row)
    for pk, mask in batch.items():
        for row in told.get(pk, []):
            if moved:
                yield _masked(row, mask, codes[row.course].centre.zone)
            else:
                yield _coded(row)


def _coded(row: TimelineRow) -> Row:
    on = date.fromisoformat(row.event_date) if row.date_precision == "day" else row.event_date
    return (
        row.course, row.seq, row.event_code, row.label, on, row.date_precision, row.rel_day_D0,
        row.rel_day_enrolment, row.value, row.unit, row.source, row.entered_by, row.entered_at,
    )  # fmt: skip


def _masked(row: TimelineRow, mask: Masked, zone: ZoneInfo) -> Row:
    text, precision = shifted(row.event_date, mask.days)
    entered = local_date(row.entered_at, zone) if row.entered_at else None
    return (
        mask.code, row.seq, row.event_code, row.label,
        date.fromisoformat(text) if precision == "day" else text, precision,
        row.rel_day_D0, row.rel_day_enrolment,
        shifted_value(row.value, mask.days, dated=row.event_code == CORRECTED), row.unit,
        row.source if row.source in SOURCES else "", "", shifted_day(entered, mask.days),
    )  # fmt: skip
