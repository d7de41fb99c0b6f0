"""A worker's hold on a job: taking it, saying how far it is, and what came of it."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q

from audit.recording import record
from exports.domain.jobs import MOST_ATTEMPTS, WORKER_LOST, JobStatus, moved, tries
from exports.models import ExportJob
from exports.storing import Kept
from exports.tables import Row

logger = structlog.get_logger(__name__)
Clock = Callable[[], datetime]

# Longer than a batch of rows takes: what a killed worker had is taken up by another after it.
LEASE = timedelta(minutes=5)
# The other workers are for reminders.
MOST_AT_ONCE = 1
_PAUSE_SECONDS = 1.0
_TOLD = ("error_code", "sha256", "total")
_ONE_CLAIMS_AT_A_TIME = 6_015_001


class Lost(Exception):
    """The job is no longer this worker's: cancelled, or its lease ran out and another has it."""


def claim(now: datetime) -> ExportJob | None:
    """The job that has waited longest, taken for a while; None when there is nothing to do.

    What was tried too often ends here, as failed. Never call this inside a transaction.
    """
    while (job := _claim(now)) is not None:
        if tries(job.attempts) <= MOST_ATTEMPTS:
            return job
        give_up(job, WORKER_LOST, now)
    return None


@transaction.atomic(durable=True)
def _claim(now: datetime) -> ExportJob | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_CLAIMS_AT_A_TIME])
    held = ExportJob.objects.filter(status=JobStatus.RUNNING, lease_until__gte=now)
    if held.count() >= MOST_AT_ONCE:
        return None
    free = Q(status=JobStatus.QUEUED) | Q(status=JobStatus.RUNNING, lease_until__lt=now)
    jobs = ExportJob.objects.filter(free).select_related("centre", "requested_by")
    job = (
        jobs.select_for_update(of=("self",), no_key=True, skip_locked=True)
        .order_by("requested_at", "pk")
        .first()
    )
    if job is None:
        return None
    if tries(job.attempts):
        logger.warning("export_taken_up_again", export=job.pk, after=job.done, of=job.total)
    job.status = moved(JobStatus(job.status), JobStatus.RUNNING)
    job.attempts, job.lease_until = job.attempts + 1, now + LEASE
    # How far the lost worker came stays to be seen once it is given up.
    if tries(job.attempts) <= MOST_ATTEMPTS:
        job.done = 0
    job.save(update_fields=["status", "attempts", "lease_until", "done"])
    return job


def give_up(job: ExportJob, code: str, now: datetime) -> None:
    """End a job as failed, if it still is this worker's."""
    values = {"status": moved(JobStatus.RUNNING, JobStatus.FAILED), "error_code": code[:60]}
    if _end(job, now, **values):
        logger.error("export_failed", export=job.pk, error_code=code, attempts=job.attempts)


def finish(job: ExportJob, kept: Kept, now: datetime, *, total: int, left_out: int) -> None:
    """Say that the file is there. Raises Lost when the job went to somebody else meanwhile."""
    ended = _end(
        job,
        now,
        status=moved(JobStatus.RUNNING, JobStatus.READY),
        error_code="",
        file_name=kept.name,
        file_size=kept.size,
        sha256=kept.sha256,
        done=total,
        total=total,
        left_out=left_out,
        expires_at=now + timedelta(hours=settings.EXPORT_HOURS),
    )
    if not ended:
        raise Lost
    logger.info("export_ready", export=job.pk, courses=total, bytes=kept.size)


@transaction.atomic(durable=True)
def _end(job: ExportJob, now: datetime, **values: object) -> bool:
    mine = ExportJob.objects.filter(pk=job.pk, status=JobStatus.RUNNING, attempts=job.attempts)
    changed = mine.update(ended_at=now, lease_until=None, **values)
    if changed:
        record(
            actor=job.requested_by,
            now=now,
            action=f"export.{values['status']}",
            obj=job,
            centre_id=job.centre_id,
            after={
                name: values[name] for name in ("error_code", "sha256", "total") if name in values
            },
        )
    return bool(changed)


def beside() -> BaseDatabaseWrapper:
    """A second connection to the same database."""
    return connection.copy()


class Holding:
    """Says about once a second how many courses of a job are done, and keeps its lease.

    Written through a connection of its own: the rows are read in a transaction that sees and
    changes nothing outside. Raises Lost once the job is no longer this worker's.
    """

    def __init__(self, job: ExportJob, total: int, clock: Clock) -> None:
        self._job, self._total, self._clock = job, total, clock
        self._beside = beside()
        self._told = time.monotonic()

    def rows(self, rows: Iterator[Row]) -> Iterator[Row]:
        """The same rows, counted by their courses, those of one together."""
        done, current = 0, None
        self.tell(0)
        for row in rows:
            if row[0] != current:
                current, done = row[0], done + 1
                self._perhaps(done - 1)
            yield row

    def lines(self, pieces: Iterator[tuple[str, int]]) -> Iterator[str]:
        """The same pieces of lines, counted by the courses that each begins."""
        done = begun = 0
        self.tell(0)
        for piece, beginning in pieces:
            done, begun = (begun, begun + beginning) if beginning else (done, begun)
            self._perhaps(done)
            yield piece

    def _perhaps(self, done: int) -> None:
        if time.monotonic() - self._told >= _PAUSE_SECONDS:
            self.tell(done)

    def tell(self, done: int) -> None:
        """Write it down now."""
        values: list[Any] = [
            done,
            self._total,
            self._clock() + LEASE,
            self._job.pk,
            self._job.attempts,
        ]
        with self._beside.cursor() as cursor:
            cursor.execute(_TELL, values)
            if cursor.rowcount == 0:
                raise Lost
        self._told = time.monotonic()

    def close(self) -> None:
        """Close the connection."""
        self._beside.close()


_TELL = """
    UPDATE exports_exportjob SET done = %s, total = %s, lease_until = %s
    WHERE id = %s AND status = 'running' AND attempts = %s"""
