"""What people do to a file that was asked for: sign it, cancel it, try it again."""

from datetime import datetime

from django.db import transaction

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission, roles_with
from audit.recording import record
from exports.asking import not_fresh
from exports.domain.jobs import JobStatus, may_move, moved, tried_anew
from exports.fields.kinds import Level
from exports.models import ExportJob
from terms.refusals import NotAllowed, Refusal, Refused
from terms.words import N_


@transaction.atomic
def sign_export(
    *, job_id: int, signed_in_at: datetime | None, actor: User, now: datetime
) -> ExportJob:
    """Let a file with names be made for who asked for it.

    Raises ExportJob.DoesNotExist, NotAllowed, and Refused when it does not wait for a signature,
    for one's own, and without a fresh password.
    """
    job = _locked(job_id, actor)
    require(actor, Permission.SIGN_EXPORT)
    refusals = []
    if job.requested_by_id == actor.pk:
        refusals.append(Refusal("two_people", N_("Somebody else has to sign what you asked for.")))
    if job.status != JobStatus.TO_SIGN:
        refusals.append(Refusal("not_waiting", N_("This does not wait for a signature.")))
    refusals += not_fresh(signed_in_at, now)
    if refusals:
        raise Refused(refusals)
    job.signed_by, job.signed_at = actor, now
    _move(job, JobStatus.QUEUED, "export.sign", actor, now, "signed_by", "signed_at")
    return job


@transaction.atomic
def cancel_export(*, job_id: int, actor: User, now: datetime) -> ExportJob:
    """Stop a file on its way; a worker that makes it finds out by itself.

    Who asked for it may, and who could sign it declines so. Raises ExportJob.DoesNotExist,
    NotAllowed, Refused once nothing is left to stop.
    """
    job = _locked(job_id, actor)
    declined = job.status == JobStatus.TO_SIGN and actor.may(Permission.SIGN_EXPORT)
    if not declined:
        require_own(job, actor)
    if not may_move(JobStatus(job.status), JobStatus.CANCELLED):
        raise Refused([Refusal("nothing_to_cancel", N_("This is over: there is nothing to stop."))])
    job.ended_at, job.lease_until = now, None
    _move(job, JobStatus.CANCELLED, "export.cancel", actor, now, "ended_at", "lease_until")
    return job


@transaction.atomic
def retry_export(*, job_id: int, actor: User, now: datetime) -> ExportJob:
    """Make a file that failed once more, from the start.

    Raises ExportJob.DoesNotExist, NotAllowed for another one's, Refused when it has not failed, or
    has names in it: that is asked for anew, with a password.
    """
    job = _locked(job_id, actor)
    require_own(job, actor)
    require(actor, Permission.EXPORT_CODED)
    refusals = []
    if not (job.status == JobStatus.FAILED and may_move(JobStatus.FAILED, JobStatus.QUEUED)):
        refusals.append(Refusal("not_failed", N_("Only what failed is tried again.")))
    if job.level == Level.IDENTIFIED:
        message = N_("A file with names is asked for anew, with your password.")
        refusals.append(Refusal("ask_anew", message))
    if refusals:
        raise Refused(refusals)
    job.attempts = tried_anew(job.attempts)
    job.done, job.error_code, job.ended_at = 0, "", None
    columns = ("attempts", "done", "error_code", "ended_at")
    _move(job, JobStatus.QUEUED, "export.retry", actor, now, *columns)
    return job


def require_own(job: ExportJob, actor: User) -> None:
    """Raise NotAllowed unless `actor` asked for the file."""
    if job.requested_by_id != actor.pk:
        raise NotAllowed(
            [
                Refusal(
                    code="not_yours",
                    message=N_("Only who asked for a file may do this with it."),
                    who_may=roles_with(Permission.EXPORT_CODED),
                )
            ]
        )


def _locked(job_id: int, actor: User) -> ExportJob:
    seen = ExportJob.objects.visible_to(actor).select_related("requested_by", "centre")
    return seen.select_for_update(of=("self",), no_key=True).get(pk=job_id)


def _move(
    job: ExportJob, target: JobStatus, action: str, actor: User, now: datetime, *columns: str
) -> None:
    before = JobStatus(job.status)
    job.status = moved(before, target)
    job.save(update_fields=["status", *columns])
    record(
        actor=actor,
        now=now,
        action=action,
        obj=job,
        before={"status": before},
        after={"status": job.status},
    )
