"""The sweep: rolls the horizon of every course on, a day at a time, and leaves a sign of life."""

import time
from datetime import datetime, timedelta

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from audit.recording import Nobody
from patients.models import Course
from protocol.domain.loading import ProtocolInvalid
from protocol.selectors import settings_of
from reminders.dispatches import UNREADABLE
from reminders.laying import lay_out
from reminders.models import Plan, PlanPause, SweepRun
from reminders.sending import send_due
from reminders.unplanned import keep_failures, take_back_mended

logger = structlog.get_logger(__name__)

SWEEP = Nobody("reminders.sweep")
PLANNED_EVERY = timedelta(days=1)
BATCH = 200
# So many batches stay well inside a minute; the next sweep goes on where this one ended.
MOST_BATCHES = 10
# No fault of a course: the database is away, or the time is up. The next sweep goes on.
_NOT_THEIRS = (OperationalError, InterfaceError, SoftTimeLimitExceeded)
RUNS_KEPT = timedelta(days=7)


def sweep(*, now: datetime, host: str) -> SweepRun:
    """Send what is due, lay out anew each course whose plan is over a day old; write a SweepRun.

    A course that nobody ever planned is laid out too. One that cannot be is left out, logged,
    counted, kept and told, and tried again a day later. What is due goes first: no fault of
    planning may keep it back.

    Idempotent, and safe beside another sweep: courses that somebody works on are left for the
    next one. Each batch is a transaction of its own, so never call this inside one.
    """
    began = time.monotonic()
    tally = send_due(now)
    planned = failed = 0
    for _ in range(MOST_BATCHES):
        count, faults = _sweep_batch(now)
        planned, failed = planned + count, failed + faults
        if count < BATCH:
            break
    take_back_mended(actor=SWEEP, now=now)
    SweepRun.objects.filter(finished_at__lt=now - RUNS_KEPT).delete()
    return SweepRun.objects.create(
        started_at=now,
        finished_at=now + timedelta(seconds=time.monotonic() - began),
        planned=planned,
        sent=tally.sent,
        failed=tally.failed + failed,
        host=host[:80],
    )


@transaction.atomic(durable=True)
def _sweep_batch(now: datetime) -> tuple[int, int]:
    """Roll on one batch; return its size, and how many of it could not be laid out."""
    courses = list(
        Course.objects.filter(pk__in=_stale(now).union(_never_planned(), all=True))
        .select_related("centre", "protocol")
        .order_by(F("reminder_plan__planned_at").asc(nulls_first=True), "pk")
        .select_for_update(no_key=True, skip_locked=True, of=("self",))[:BATCH]
    )
    readable = [course for course in courses if _readable(course)]
    faults = {course: UNREADABLE for course in courses if course not in readable}
    try:
        with transaction.atomic():
            lay_out(readable, actor=SWEEP, now=now)
    except _NOT_THEIRS:
        raise
    except Exception:
        tried = {course: _laid_out(course, now) for course in readable}
        faults |= {course: code for course, code in tried.items() if code}
    # Those that failed too: at the head of the queue they would hide all others.
    Plan.objects.filter(course__in=courses).update(planned_at=now)
    Plan.objects.bulk_create(
        [Plan(course=course, planned_at=now) for course in faults], ignore_conflicts=True
    )
    keep_failures(faults, actor=SWEEP, now=now)
    return len(courses), len(faults)


def _stale(now: datetime) -> "QuerySet[Plan, int]":
    return Plan.objects.filter(planned_at__lt=now - PLANNED_EVERY).values_list("course", flat=True)


def _never_planned() -> "QuerySet[Course, int]":
    """Courses that nobody ever planned although nothing keeps them from being planned."""
    ended = PlanPause.objects.ending().filter(course=OuterRef("pk"))
    bare = Course.objects.filter(~Exists(ended), reminder_plan=None, error_cause="")
    return bare.values_list("pk", flat=True)


def _laid_out(course: Course, now: datetime) -> str:
    """Lay out one course on its own, after its batch failed; the code of what went wrong again."""
    try:
        with transaction.atomic():
            lay_out([course], actor=SWEEP, now=now)
    except _NOT_THEIRS:
        raise
    except Exception as error:
        logger.exception("course_not_planned", course=course.pk)
        return type(error).__name__
    return ""


def _readable(course: Course) -> bool:
    try:
        settings_of(course.protocol)
    except ProtocolInvalid:
        logger.exception("protocol_unreadable", course=course.pk, protocol=course.protocol_id)
        return False
    return True
