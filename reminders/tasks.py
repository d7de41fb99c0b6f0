"""The Celery tasks of this app; beat sends them as config/celery.py says."""

import socket

import structlog
from celery import shared_task
from django.utils import timezone

from reminders.clocks import skew, too_far
from reminders.mailing import send_digests
from reminders.sweeping import sweep

logger = structlog.get_logger(__name__)


@shared_task(name="reminders.sweep")  # type: ignore[untyped-decorator] # celery has no types
def sweep_now() -> None:
    """Sweep once; say so when this worker's clock and the database's are apart."""
    now = timezone.now()
    ahead = skew(now)
    if too_far(ahead):
        logger.error("clock_skew", seconds=round(ahead.total_seconds()))
    sweep(now=now, host=socket.gethostname())


@shared_task(name="reminders.mail")  # type: ignore[untyped-decorator] # celery has no types
def mail_now() -> None:
    """Send the digests that wait, once."""
    send_digests(now=timezone.now())
