"""Timelines as files: the union of the screen, worded, coded and counted in SQL, sent by COPY.

Only whole lines pass through Python, so that millions of events leave nearly as fast as PostgreSQL
finds them, in the memory of a few lines.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import chain, islice
from typing import Any, TypeVar

from django.db import connection, transaction

from exports.copied_sql import COPY, SUBJECTS
from exports.copied_words import OPEN_SUBJECTS, Names, Words, words_of
from exports.course_keys import CourseKey
from exports.labels import NOT_CHECKED, SOURCES
from exports.typed_events import TYPED, row_tells
from exports.union import naming_union, told_union
from exports.writers.csv import TIMELINE_HEADER, line
from pathway.referring import TRANSCRIBED

_COURSES_AT_A_TIME = 500  # as many as PostgreSQL sorts in the memory it is given here
_LINES_AT_A_TIME = 500
# For this statement only: compiling it takes longer than running it, a batch is sorted and joined
# in memory, and the planner, which guesses high, would sort it anew for every table of words.
_PLANNED = "SET LOCAL jit = off; SET LOCAL work_mem = '64MB'; SET LOCAL enable_mergejoin = off"

# No row may come between looking at what was typed and sending it.
_ONE_MOMENT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"

# What the statement is told of each course; whom the words of others name is looked at before.
_SENT = [column.name for column in fields(CourseKey) if column.name != "telling"]
_TYPED_COLUMNS = ("event_code", "label", "course_id", "value", "unit")

_K = TypeVar("_K", int, CourseKey)


@dataclass(frozen=True)
class Told:
    """What a file may tell: `free_text` somebody typed about a person, `staff` who entered it."""

    free_text: bool
    staff: bool


def begun_lines(keys: Sequence[CourseKey], names: Names, told: Told) -> Iterator[str]:
    """The timelines of these courses as CSV in pieces, the header first, labels in the language.

    `names` are the protocols' words, as `exports.timeline.names_by_protocol` reads them. Whoever
    asks has seen to it that every course of `keys` may leave. The first courses are read at once
    and the connection is free when this returns; the others are read as somebody takes the pieces.
    """
    first, *rest = batches(keys) or [()]
    words = words_of(names)
    begun = [line(TIMELINE_HEADER), *copied_batch(first, words, told)]
    return chain(begun, *(copied_batch(batch, words, told) for batch in rest))


def batches(keys: Sequence[_K]) -> list[Sequence[_K]]:
    """`keys` of courses in their order, so many at a time."""
    starts = range(0, len(keys), _COURSES_AT_A_TIME)
    return [keys[start : start + _COURSES_AT_A_TIME] for start in starts]


def copied_batch(
    batch: Sequence[CourseKey], words: Words, told: Told, same: Sequence[str] = ()
) -> Iterator[str]:
    """The lines of one batch without a header, the courses in its order, in pieces.

    Each line ends in the cells `same`. The connection is taken until the last piece.
    """
    ids = [key.course_id for key in batch]
    alone = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if alone:
            cursor.execute(_ONE_MOMENT)
        cursor.execute(_PLANNED)
        subjects = SUBJECTS.format(union=naming_union().of(ids))
        cursor.execute(subjects, [sorted(TYPED), sorted(OPEN_SUBJECTS)])
        found = cursor.fetchall()
        tables = words.tables(dict.fromkeys(row[:2] for row in found))
        keys = [[getattr(key, name) for key in batch] for name in _SENT]
        said = [told.free_text, told.staff, TRANSCRIBED, NOT_CHECKED, ["", *SOURCES]]
        union, more = told_union().of(ids), ", %s::text" * len(same)
        values = [*said, *keys, *tables, *_telling(found, batch, told), *same]
        # Django's cursor that counts queries takes no values with a COPY.
        with cursor.cursor.copy(COPY.format(union=union, same=more), values) as rows:
            yield from _pieces(rows)


def _telling(
    found: Iterable[tuple[Any, ...]], batch: Sequence[CourseKey], told: Told
) -> list[list[Any]]:
    """The columns of the rows whose typed words say who it is; when it was, where dates move."""
    keys = {key.course_id: key for key in batch if not told.free_text}
    rows = [dict(zip(_TYPED_COLUMNS, row, strict=True)) for row in found]
    telling = [
        row
        for row in rows
        if (key := keys.get(row["course_id"])) is not None
        and row_tells(row, key.telling, dates=key.shift_days != 0)
    ]
    return [[row[name] for row in telling] for name in _TYPED_COLUMNS]


def _pieces(rows: Iterable[memoryview]) -> Iterator[str]:
    """The rows so many at a time and never one by one; the last piece is empty."""
    lines, piece = iter(rows), b"begun"
    while piece:
        piece = b"".join(islice(lines, _LINES_AT_A_TIME))
        yield _ended(piece)


def _ended(piece: bytes) -> str:
    """Lines end as RFC 4180 has them, and so do those inside of a cell."""
    return piece.decode().replace("\r", "").replace("\n", "\r\n")
