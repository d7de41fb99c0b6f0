"""Files of timelines: their lines against a plain cursor and a bare COPY over the same union.

Both of these tell the rows as the apps do: no word, day count, pseudonym, order or safe cell. They
take the courses by their ids, as they lie on the disk; a file takes them by their pseudonyms, and
looks at typed words before. So a bare COPY is what the shaping is measured by, not the same file.
"""

import csv
import json
import os
import resource
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from django.db import connection, transaction
from django.db.models import Count
from django.test.utils import CaptureQueriesContext
from psycopg import ServerCursor

from accounts.models import User
from exports.copying import batches
from exports.pseudonyms import make_pseudonyms, masked
from exports.rows_for_files import event_lines
from exports.timeline import course_timeline
from exports.union import Union, naming_union, told_union
from exports.writers.csv import TIMELINE_HEADER, line
from patients.models import Course, LabResult

_EVENTS = 500


@dataclass(frozen=True)
class Files:
    """Seconds for as many rows, and the most that the process held, in MB."""

    rows: int
    file: float
    plain: float
    copy: float
    held: float


@dataclass(frozen=True)
class Timeline:
    """Seconds at the median for the timeline of one course, and for a bare dump of 500 rows."""

    rows: int
    timeline: float
    dump: float
    queries: int


def measure_files(now: datetime) -> Files:
    """Write the pseudonymised file of every course, then read as many rows plainly."""
    actor = User.objects.get(username="coordinator")
    courses = Course.objects.visible_to(actor)
    make_pseudonyms(courses=courses, actor=actor, now=now)
    told_union(), naming_union()  # a process writes both statements once, whatever it sends after
    with TemporaryDirectory() as folder, _unhurried():
        path = Path(folder) / "timelines.csv"
        began = perf_counter()
        with path.open("w", encoding="utf-8", newline="") as file:
            file.write(line(TIMELINE_HEADER))
            file.writelines(piece for piece, _courses in event_lines(actor, masked(courses), ()))
        took = perf_counter() - began
        held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    ids = sorted(masked(courses))
    with _unhurried():
        rows, plain = _plainly(ids)
        return Files(rows, took, plain, _copied(ids), held)


def measure_timeline(rounds: int) -> Timeline:
    """The course with the most results, as its page reads it, beside 500 results as they are."""
    actor = User.objects.get(username="coordinator")
    busiest = Course.objects.visible_to(actor).alias(many=Count("labresults")).order_by("-many")
    course = busiest.select_related("protocol", "centre")[0]
    told, dumped, found = [], [], 0
    for _ in range(rounds):
        began = perf_counter()
        rows = course_timeline(actor, course)
        json.dumps([asdict(row) for row in rows], default=str)
        told.append(perf_counter() - began)
        began = perf_counter()
        json.dumps(list(LabResult.objects.order_by("pk").values()[:_EVENTS]), default=str)
        dumped.append(perf_counter() - began)
        found = len(rows)
    with CaptureQueriesContext(connection) as captured:
        course_timeline(actor, course)
    # As many rows on both sides.
    return Timeline(found, median(told) * _EVENTS / found, median(dumped), len(captured))


@contextmanager
def _unhurried() -> Iterator[None]:
    """No page's limit of time, and what is made here is gone afterwards."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        yield
        transaction.set_rollback(True)


def _plainly(ids: Sequence[int]) -> tuple[int, float]:
    """As anybody would begin: a cursor of the server over the rows, the writer of the library."""
    count, began = 0, perf_counter()
    with Path(os.devnull).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        for batch in batches(ids):
            with ServerCursor(connection.connection, "plain") as cursor:
                cursor.itersize = 2000
                cursor.execute(told_union().sql, Union.values(batch))
                for row in cursor:
                    writer.writerow(row)
                    count += 1
    return count, perf_counter() - began


def _copied(ids: Sequence[int]) -> float:
    began = perf_counter()
    for batch in batches(ids):
        statement = f"COPY ({told_union().of(batch)}) TO STDOUT WITH (FORMAT csv)"
        with connection.cursor() as cursor, cursor.copy(statement, []) as copy:
            for _piece in copy:
                pass
    return perf_counter() - began
