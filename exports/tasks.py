"""The Celery tasks of this app; beat sends them as config/celery.py says."""

from celery import shared_task
from django.utils import timezone

from accounts.models import Centre
from exports.building import build_next
from exports.counting import bring_all_up_to_date
from exports.expiring import expire_files
from terms.day_numbers import local_date

# Longer than any other task may take: so many rows are on their way. The lease is renewed.
_SOFT_SECONDS, _HARD_SECONDS = 3300, 3600


@shared_task(  # type: ignore[untyped-decorator] # celery has no types
    name="exports.build", soft_time_limit=_SOFT_SECONDS, time_limit=_HARD_SECONDS
)
def build_now() -> None:
    """Make the files that wait, one after another."""
    while build_next(timezone.now) is not None:
        pass


@shared_task(name="exports.expire")  # type: ignore[untyped-decorator] # celery has no types
def expire_now() -> None:
    """Delete the files whose time is over."""
    expire_files(timezone.now())


@shared_task(  # type: ignore[untyped-decorator] # celery has no types
    name="exports.count", soft_time_limit=_SOFT_SECONDS, time_limit=_HARD_SECONDS
)
def count_now() -> None:
    """Count what has changed, so that nobody who asks for the cohort report waits for it."""
    now = timezone.now()
    for centre in Centre.objects.all():
        bring_all_up_to_date(centre, local_date(now, centre.zone))
