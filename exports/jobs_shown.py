"""Jobs as pages and API show them: in words, with how far they are and what can be done."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from accounts.models import User
from accounts.permissions import Permission
from exports.contents import CONTENTS
from exports.domain.jobs import (
    FAULT_NAMES,
    FAULT_OF_THE_SITE,
    FINAL,
    STATUS_NAMES,
    WORKER_LOST,
    JobStatus,
    may_move,
)
from exports.fetching import expired
from exports.fields.kinds import Level
from exports.models import ExportJob, ExportJobQuerySet
from exports.storing import is_there
from exports.writers.formats import FORMATS
from terms.words import N_

LEVEL_NAMES = {
    Level.PSEUDONYMISED: N_("Pseudonymised"),
    Level.IDENTIFIED: N_("With names"),
}
_TONES = {
    JobStatus.TO_SIGN: "hold",
    JobStatus.READY: "ok",
    JobStatus.FAILED: "bad",
    JobStatus.RUNNING: "accent",
}


@dataclass(frozen=True)
class JobView:
    """One job in the reader's language, and what the reader may do with it."""

    job: ExportJob
    what: str
    format: str
    level: str
    status: str
    tone: str
    words: str
    fault: str
    moving: bool
    percent: int
    missing: bool
    may_download: bool
    may_cancel: bool
    may_retry: bool
    may_sign: bool


def jobs_of(user: User) -> ExportJobQuerySet:
    """The jobs that `user` may see, the latest first."""
    seen = ExportJob.objects.visible_to(user)
    return seen.select_related("requested_by", "signed_by", "centre").order_by(
        "-requested_at", "-pk"
    )


def to_sign(user: User) -> int:
    """How many files with names wait for the signature of `user`; asks nothing for who signs none.

    One's own wait for somebody else.
    """
    if not user.may(Permission.SIGN_EXPORT):
        return 0
    waiting = ExportJob.objects.visible_to(user).filter(status=JobStatus.TO_SIGN)
    return waiting.exclude(requested_by=user).count()


def job_view(job: ExportJob, user: User, now: datetime) -> JobView:
    """A job as it stands at `now`."""
    over = expired(job, now)
    status = JobStatus.EXPIRED if over else JobStatus(job.status)
    own = job.requested_by_id == user.pk
    signing = status is JobStatus.TO_SIGN and user.may(Permission.SIGN_EXPORT)
    missing = status is JobStatus.READY and not is_there(job.file_name)
    content, kind = CONTENTS.get(job.content), FORMATS.get(job.format)
    return JobView(
        job=job,
        what=gettext(content.label) if content else job.content,
        format=gettext(kind.label) if kind else job.format,
        level=gettext(LEVEL_NAMES[Level(job.level)]),
        status=status.value,
        tone="bad" if missing else _TONES.get(status, ""),
        words=gettext(STATUS_NAMES[status]),
        fault=_fault(job) if status is JobStatus.FAILED else "",
        moving=status not in FINAL,
        percent=100 * job.done // job.total if job.total else 0,
        missing=missing,
        may_download=own and status is JobStatus.READY and not missing,
        may_cancel=(own or signing) and may_move(status, JobStatus.CANCELLED),
        may_retry=own and status is JobStatus.FAILED and job.level != Level.IDENTIFIED,
        may_sign=signing and not own,
    )


def _fault(job: ExportJob) -> str:
    """What went wrong, and how far it had come."""
    words = gettext(FAULT_NAMES.get(job.error_code, FAULT_OF_THE_SITE))
    if job.error_code == WORKER_LOST:
        reached = gettext("after %(done)s of %(total)s courses")
        return f"{words}, {reached % {'done': job.done, 'total': job.total}}"
    return words if job.error_code in FAULT_NAMES else f"{words} ({job.error_code})"
