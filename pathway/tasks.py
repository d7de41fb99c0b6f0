"""The Celery tasks of this app; beat sends them as config/celery.py says."""

from celery import shared_task
from django.utils import timezone

from pathway.expiring import watch_expiry


@shared_task(name="pathway.expiry")  # type: ignore[untyped-decorator] # celery has no types
def watch_expiry_now() -> None:
    """Tell of every product that has passed its date."""
    watch_expiry(now=timezone.now())
