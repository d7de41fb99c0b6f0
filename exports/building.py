"""Making the file of a job: from one moment's data, whole or not at all, by whoever is free."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import translation

from accounts.models import User
from exports.choosing import chosen_courses, leaving, who_of
from exports.claiming import Clock, Holding, Lost, claim, finish, give_up
from exports.contents import CONTENTS
from exports.domain.jobs import NO_ROOM, NOT_PERMITTED, NOTHING_LEFT, TOO_LONG
from exports.fetching import permissions_of
from exports.fields.kinds import Level
from exports.models import ExportJob
from exports.pseudonyms import Masked, make_pseudonyms, masked
from exports.storing import Kept, bench, keep, throw_away
from exports.writers.about import About
from exports.writers.csv_file import constant_cells, write_lines
from exports.writers.formats import CSV, FORMATS

logger = structlog.get_logger(__name__)
# A sort of ten million rows takes longer than any page may: the lease is the limit here.
_STATEMENT = "240s"


class Unmakeable(Exception):
    """No file can be made of it, with the code that says why."""


@dataclass(frozen=True)
class Made:
    """A file in its place, and how many courses are in it and left out of it."""

    kept: Kept
    total: int
    left_out: int


def build_next(clock: Clock) -> ExportJob | None:
    """Make the file of the job that has waited longest; None when none waits.

    A database that went away ends the run, and the job is taken up again after its lease; any
    other fault ends the job, and only that.
    """
    job = claim(clock())
    if job is None:
        return None
    made: Made | None = None
    try:
        made = build(job, clock)
        finish(job, made.kept, clock(), total=made.total, left_out=made.left_out)
    except Lost:
        logger.info("export_lost", export=job.pk, attempts=job.attempts)
        throw_away(made.kept.name if made else "")
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        # Its words may hold what a file may not.
        give_up(job, _code(error), clock())
    return job


def _code(error: Exception) -> str:
    if isinstance(error, Unmakeable):
        return str(error)
    if isinstance(error, SoftTimeLimitExceeded):
        return TOO_LONG
    return NO_ROOM if isinstance(error, OSError) else type(error).__name__


def build(job: ExportJob, clock: Clock) -> Made:
    """Write the file of a job that this worker holds, and put it in its place.

    Raises Unmakeable, Lost, and whatever disk and database have against it.
    """
    user = acting(job)
    if not all(user.may(permission) for permission in permissions_of(job)):
        raise Unmakeable(NOT_PERMITTED)
    who, now = who_of(job), clock()
    make_pseudonyms(courses=leaving(chosen_courses(user, who)), actor=user, now=now)
    with bench() as place, translation.override(job.language):
        made = place / "file"
        with one_moment():
            chosen = chosen_courses(user, who)
            courses = masked(leaving(chosen))
            if not courses:
                raise Unmakeable(NOTHING_LEFT)
            left_out = chosen.count() - leaving(chosen).count()
            about = About(
                zone=job.centre.zone,
                level=job.level,
                language=job.language,
                made_at=now,
                courses=len(courses),
                left_out=left_out,
            )
            with closing(Holding(job, len(courses), clock)) as holding:
                _write(made, job, user, courses, about, holding)
        return Made(keep(made, FORMATS[job.format].ending), len(courses), left_out)


def _write(
    path: Path,
    job: ExportJob,
    user: User,
    courses: Mapping[int, Masked],
    about: About,
    holding: Holding,
) -> None:
    """The rows into the file; by COPY where lines need nothing else."""
    content, level = CONTENTS[job.content], Level(job.level)
    if job.format in content.documents:
        documents = content.documents[job.format](user, courses, about.made_at)
        with path.open("w", encoding="utf-8", newline="") as file:
            file.writelines(holding.lines(documents))
        return
    table = content.table(user, courses, level, about.made_at)
    if content.lines and job.format == CSV and level is Level.PSEUDONYMISED:
        lines = content.lines(user, courses, constant_cells(about))
        write_lines(path, table, holding.lines(lines))
    else:
        counted = replace(table, rows=holding.rows(table.rows))
        FORMATS[job.format].write(path, counted, about)


def acting(job: ExportJob) -> User:
    """Who asked for it, at the centre they asked at, with the roles they hold there now."""
    user = User.objects.get(pk=job.requested_by_id)
    user.working_centre = job.centre
    user.forget_roles()
    return user


@contextmanager
def one_moment() -> Iterator[None]:
    """Everything read inside is as it stood at one moment, whatever is written meanwhile."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute(f"SET LOCAL statement_timeout = '{_STATEMENT}'")
        cursor.execute(f"SET LOCAL idle_in_transaction_session_timeout = '{_STATEMENT}'")
        yield
