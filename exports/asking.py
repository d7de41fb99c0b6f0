"""Asking for a file that is made beside: what, about whom, why, and with names or without."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from accounts.access import centre_of, require
from accounts.models import Centre, User
from accounts.permissions import Permission
from audit.recording import record
from exports.choosing import Who, chosen_courses, leaving
from exports.contents import CONTENTS
from exports.domain.jobs import FINAL, JobStatus
from exports.fields.kinds import Level
from exports.models import ExportJob
from exports.writers.formats import FORMATS
from terms.refusals import Refusal, Refused
from terms.words import N_

LANGUAGES = ("en", "it")
LONGEST_TEXT = 500
# So that nobody keeps the worker from everybody else.
MOST_WAITING = 10
# How long ago a password may have been given for something with names in it.
FRESH = timedelta(minutes=5)


@dataclass(frozen=True)
class Wanted:
    """A file as it is asked for."""

    content: str
    format: str
    purpose: str
    who: Who = field(default_factory=Who)
    language: str = "en"
    level: str = Level.PSEUDONYMISED
    reason: str = ""


@transaction.atomic
def request_export(
    *, wanted: Wanted, signed_in_at: datetime | None, actor: User, now: datetime
) -> ExportJob:
    """Put a file into the queue; one with names waits for a signature unless `actor` may sign.

    `signed_in_at` is when `actor` last gave their password for this. Raises NotAllowed, and
    Refused with everything that stands against it: an unknown choice, no purpose or reason, no
    fresh password, nothing that may leave, too many files on their way.
    """
    require(actor, Permission.EXPORT_CODED)
    identified = wanted.level == Level.IDENTIFIED
    if identified:
        require(actor, Permission.EXPORT_IDENTIFIED)
    centre = centre_of(actor)
    courses = chosen_courses(actor, wanted.who)
    total = leaving(courses).count()
    refusals = [*_unknown(wanted), *_unsaid(wanted), *_unfit(wanted, total)]
    refusals += _against(wanted, total, actor)
    if identified:
        refusals += not_fresh(signed_in_at, now)
    if refusals:
        raise Refused(refusals)
    unsigned = identified and not actor.may(Permission.SIGN_EXPORT)
    job = _job(wanted, centre, actor, now)
    job.status = JobStatus.TO_SIGN if unsigned else JobStatus.QUEUED
    job.signed_in_at = signed_in_at if identified else None
    job.total, job.left_out = total, courses.count() - total
    job.save(force_insert=True)
    _record(job, wanted, actor, now)
    return job


def _job(wanted: Wanted, centre: Centre, actor: User, now: datetime) -> ExportJob:
    return ExportJob(
        centre=centre,
        requested_by=actor,
        requested_at=now,
        content=wanted.content,
        format=wanted.format,
        language=wanted.language,
        level=wanted.level,
        purpose=wanted.purpose.strip(),
        reason=wanted.reason.strip() if wanted.level == Level.IDENTIFIED else "",
        product=wanted.who.product,
        protocol=wanted.who.protocol,
        infused_after=wanted.who.infused_after,
        infused_before=wanted.who.infused_before,
    )


def _record(job: ExportJob, wanted: Wanted, actor: User, now: datetime) -> None:
    told = ("content", "format", "level", "language", "total", "left_out", "status")
    record(
        actor=actor,
        now=now,
        action="export.request",
        obj=job,
        reason="; ".join(filter(None, (job.purpose, job.reason))),
        after={name: getattr(job, name) for name in told} | {"who": asdict(wanted.who)},
    )


def _unknown(wanted: Wanted) -> Iterator[Refusal]:
    known = {
        "content": (wanted.content, CONTENTS),
        "format": (wanted.format, FORMATS),
        "language": (wanted.language, LANGUAGES),
        "level": (wanted.level, tuple(Level)),
    }
    for name, (given, choices) in known.items():
        if given not in choices:
            yield Refusal(
                code="unknown_choice",
                message=N_("“%(given)s” is none of: %(choices)s."),
                params={"given": given, "choices": tuple(choices)},
                field=name,
            )


def _unfit(wanted: Wanted, total: int) -> Iterator[Refusal]:
    """What stands against a format for what is asked for in it."""
    kind = FORMATS.get(wanted.format)
    if kind is None:
        return
    if kind.only and wanted.content in CONTENTS and wanted.content not in kind.only:
        message = N_("This is not made in that format: choose another one.")
        yield Refusal("not_in_that_format", message, field="format")
    if not kind.names and wanted.level == Level.IDENTIFIED:
        yield Refusal("no_names_in_it", N_("That format holds no names."), field="level")
    if kind.most is not None and total > kind.most:
        message = N_(
            "That format holds at most %(most)s courses, these are %(total)s: narrow them, or "
            "choose another one."
        )
        yield Refusal("too_many", message, {"most": kind.most, "total": total}, field="format")


def _unsaid(wanted: Wanted) -> Iterator[Refusal]:
    if not wanted.purpose.strip():
        yield Refusal("purpose_needed", N_("Say what the file is for."), field="purpose")
    if wanted.level == Level.IDENTIFIED and not wanted.reason.strip():
        message = N_("Say why it cannot do without names.")
        yield Refusal("reason_needed", message, field="reason")
    who = wanted.who
    if who.infused_after and who.infused_before and who.infused_after > who.infused_before:
        message = N_("The last day of infusion is before the first.")
        yield Refusal("dates_backwards", message, field="infused_before")


def _against(wanted: Wanted, total: int, actor: User) -> Iterator[Refusal]:
    if not total:
        yield Refusal(
            code="nothing_to_export",
            message=N_(
                "There is nothing to export: no course of yours fits, or every patient withdrew "
                "the use of the data."
            ),
        )
    waiting = ExportJob.objects.filter(requested_by=actor).exclude(status__in=FINAL).count()
    if waiting >= MOST_WAITING:
        yield Refusal(
            code="too_many_waiting",
            message=N_("%(count)s of your files are on their way: wait for one, or cancel it."),
            params={"count": waiting},
        )


def not_fresh(signed_in_at: datetime | None, now: datetime) -> list[Refusal]:
    """What stands against a file with names: nobody gave a password just now."""
    if signed_in_at is not None and timedelta(0) <= now - signed_in_at <= FRESH:
        return []
    message = N_("Type your password again: this file has names in it.")
    return [Refusal(code="sign_in_again", message=message, field="password")]
