"""The Celery tasks of this app; beat sends them as config/celery.py says."""

import socket

from celery import shared_task
from django.utils import timezone

from reminders.mailing import send_digests
from reminders.sweeping import sweep


@shared_task(name="reminders.sweep")  # type: ignore[untyped-decorator] # celery has no types
def sweep_now() -> None:
    """Sweep once."""
    sweep(now=timezone.now(), host=socket.gethostname())


@shared_task(name="reminders.mail")  # type: ignore[untyped-decorator] # celery has no types
def mail_now() -> None:
    """Send the digests that wait, once."""
    send_digests(now=timezone.now())
