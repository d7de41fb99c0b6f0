"""The sweep: rolls the horizon of every course on, a day at a time, and leaves a sign of life."""

import time
from datetime import datetime, timedelta

import structlog
from django.db import transaction

from audit.recording import Nobody
from patients.models import Course
from protocol.domain.loading import ProtocolInvalid
from protocol.selectors import settings_of
from reminders.laying import lay_out
from reminders.models import Plan, SweepRun
from reminders.sending import send_due

logger = structlog.get_logger(__name__)

SWEEP = Nobody("reminders.sweep")
PLANNED_EVERY = timedelta(days=1)
BATCH = 200
# So many batches stay well inside a minute; the next sweep goes on where this one ended.
MOST_BATCHES = 10
RUNS_KEPT = timedelta(days=7)


def sweep(*, now: datetime, host: str) -> SweepRun:
    """Send what is due, lay out anew each course whose plan is over a day old; write a SweepRun.

    What is due goes first: no fault of planning may keep it back.

    Idempotent, and safe beside another sweep: courses that somebody works on are left for the
    next one. Each batch is a transaction of its own, so never call this inside one.
    """
    began = time.monotonic()
    tally = send_due(now)
    planned = 0
    for _ in range(MOST_BATCHES):
        count = _sweep_batch(now)
        planned += count
        if count < BATCH:
            break
    SweepRun.objects.filter(finished_at__lt=now - RUNS_KEPT).delete()
    return SweepRun.objects.create(
        started_at=now,
        finished_at=now + timedelta(seconds=time.monotonic() - began),
        planned=planned,
        sent=tally.sent,
        failed=tally.failed,
        host=host[:80],
    )


@transaction.atomic(durable=True)
def _sweep_batch(now: datetime) -> int:
    """Roll on one batch and return its size."""
    courses = list(
        Course.objects.filter(reminder_plan__planned_at__lt=now - PLANNED_EVERY)
        .select_related("centre", "protocol")
        .order_by("reminder_plan__planned_at", "pk")
        .select_for_update(no_key=True, skip_locked=True, of=("self",))[:BATCH]
    )
    lay_out([course for course in courses if _readable(course)], actor=SWEEP, now=now)
    # Those that cannot be read too: at the head of the queue they would hide all others.
    Plan.objects.filter(course__in=courses).update(planned_at=now)
    return len(courses)


def _readable(course: Course) -> bool:
    try:
        settings_of(course.protocol)
    except ProtocolInvalid:
        logger.exception("protocol_unreadable", course=course.pk, protocol=course.protocol_id)
        return False
    return True
