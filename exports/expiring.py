"""The end of a file: expired, deleted, and nothing of it left in the folder."""

from datetime import datetime

import structlog
from django.db import transaction

from audit.recording import Nobody, record
from exports.domain.jobs import JobStatus, moved
from exports.models import ExportJob
from exports.storing import left_behind, throw_away

logger = structlog.get_logger(__name__)
_MOST_AT_ONCE = 500


def expire_files(now: datetime) -> int:
    """Delete the files whose time is over and what nobody knows any more: how many expired.

    First the row, then the file: one that a crash leaves behind is found by the next run.
    """
    gone = _expire(now)
    for name in gone:
        throw_away(name)
    known = ExportJob.objects.filter(status=JobStatus.READY).values_list("file_name", flat=True)
    if left := left_behind(frozenset(known), now):
        logger.warning("export_files_left_behind", files=len(left))
    return len(gone)


@transaction.atomic(durable=True)
def _expire(now: datetime) -> list[str]:
    over = ExportJob.objects.filter(status=JobStatus.READY, expires_at__lte=now)
    jobs = over.order_by("expires_at").select_for_update(no_key=True, skip_locked=True)
    names = []
    for job in jobs[:_MOST_AT_ONCE]:
        names.append(job.file_name)
        job.status, job.file_name = moved(JobStatus.READY, JobStatus.EXPIRED), ""
        job.save(update_fields=["status", "file_name"])
        record(
            actor=Nobody("exports"),
            now=now,
            action="export.expired",
            obj=job,
            centre_id=job.centre_id,
            after={"sha256": job.sha256, "downloads": job.downloads},
        )
    return names
