"""Taking a file that is ready: whose it is, whether it is still there, and who took it when."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from audit.recording import record
from exports.choosing import chosen_courses, leaving, who_of
from exports.deciding import require_own
from exports.domain.jobs import JobStatus
from exports.fields.kinds import Level
from exports.models import ExportJob
from exports.storing import path_of
from exports.writers.formats import FORMATS
from terms.day_numbers import local_date
from terms.refusals import Refusal, Refused
from terms.words import N_


@dataclass(frozen=True)
class Fetched:
    """A file to send: where it is, how it is called outside, and what it is."""

    path: Path
    name: str
    content_type: str
    sha256: str


@transaction.atomic
def fetch_export(*, job_id: int, actor: User, now: datetime) -> Fetched:
    """The file of a job, for who asked for it; counted, and in the audit, before a byte is sent.

    Raises ExportJob.DoesNotExist, NotAllowed for another one's and for who may not export any
    more, Refused when it is not ready, expired or missing on the server, and when somebody in it
    withdrew the use of the data since it was made, or does not belong into it any more.
    """
    seen = ExportJob.objects.visible_to(actor).select_related("centre")
    job = seen.select_for_update(of=("self",), no_key=True).get(pk=job_id)
    require_own(job, actor)
    require(actor, *permissions_of(job))
    path = _path(job, now)
    _refuse_withdrawn_since(job, actor)
    job.downloads += 1
    job.save(update_fields=["downloads"])
    record(
        actor=actor,
        now=now,
        action="export.download",
        obj=job,
        after={
            "level": job.level,
            "courses": job.total,
            "sha256": job.sha256,
            "downloads": job.downloads,
        },
    )
    kind = FORMATS[job.format]
    return Fetched(path, name_of(job), kind.content_type, job.sha256)


def permissions_of(job: ExportJob) -> tuple[Permission, ...]:
    """What who asked for it must still be allowed when it is made and when it is taken."""
    if job.level == Level.IDENTIFIED:
        return (Permission.EXPORT_CODED, Permission.EXPORT_IDENTIFIED)
    return (Permission.EXPORT_CODED,)


def name_of(job: ExportJob) -> str:
    """How the file is called outside: codes and a date, plain ASCII."""
    on = local_date(job.requested_at, job.centre.zone)
    ending = FORMATS[job.format].ending
    return f"percorso-{job.content}-{job.centre.code}-{on.isoformat()}-{job.pk}.{ending}"


def expired(job: ExportJob, now: datetime) -> bool:
    """Whether its time is over, deleted already or not."""
    if job.status == JobStatus.EXPIRED:
        return True
    return job.status == JobStatus.READY and job.expires_at is not None and job.expires_at <= now


def _refuse_withdrawn_since(job: ExportJob, actor: User) -> None:
    chosen = chosen_courses(actor, who_of(job))
    left = leaving(chosen).count()
    if left >= job.total and chosen.count() - left <= job.left_out:
        return
    message = N_(
        "Since the file was made a patient withdrew the use of the data, or a course does not "
        "belong into it any more: ask for the file anew."
    )
    raise Refused([Refusal(code="withdrawn_since", message=message)])


def _path(job: ExportJob, now: datetime) -> Path:
    if expired(job, now):
        message = N_("The file has expired and is deleted: ask for it anew.")
        raise Refused([Refusal(code="expired", message=message)])
    if job.status != JobStatus.READY:
        raise Refused([Refusal(code="not_ready", message=N_("The file is not ready."))])
    return path_of(job.file_name)
