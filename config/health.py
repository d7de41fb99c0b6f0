"""/healthz and /readyz, for whoever watches the site: whether it lives, whether all of it works."""

import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from reminders.clocks import skew, too_far
from reminders.queue import backlog
from reminders.selectors import SWEEP_LATE, last_sweep, oldest_overdue, sweep_is_late

_BROKER_SECONDS = 1
_started = time.monotonic()


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers; asks neither database nor broker."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when database, broker and sweeps work, else 503; says which, names no address.

    For monitoring and alarms: pages are served and right without broker and sweeps, so a load
    balancer should ask /healthz.
    """
    now = timezone.now()
    broker = _broker_answers()
    try:
        reminders, on_time = _reminders(now)
        ahead = skew(timezone.now())
        database = True
    except DatabaseError:
        reminders, on_time, database, ahead = {}, False, False, timedelta(0)
    clocks = {"clock_skew_seconds": round(ahead.total_seconds())} if database else {}
    answer = {"database": _word(database), "broker": _word(broker), **clocks, **reminders}
    works = database and broker and on_time and not too_far(ahead)
    return JsonResponse(answer, status=200 if works else 503)


def _reminders(now: datetime) -> tuple[dict[str, object], bool]:
    """The state of the sweeps and whether it is as it should be."""
    run = last_sweep()
    today = timezone.localdate(now)
    oldest = oldest_overdue(today)
    starting = run is None and time.monotonic() - _started < SWEEP_LATE.total_seconds()
    on_time = starting or not sweep_is_late(run, now)
    unsent = backlog(now)
    since = unsent.oldest_unsent
    return {
        "sweep": "starting" if starting else "ok" if on_time else "late",
        "last_sweep_age_seconds": round((now - run.finished_at).total_seconds()) if run else None,
        "oldest_unsent_seconds": round((now - since).total_seconds()) if since else None,
        "dead_letters": unsent.dead,
        "courses_not_planned": unsent.not_planned,
        "oldest_overdue_days": (today - oldest.window_end).days if oldest else None,
    }, on_time


def _word(works: bool) -> str:
    return "ok" if works else "unreachable"


def _broker_answers() -> bool:
    """Whether the broker answers a ping within a second, connecting within another."""
    try:
        with Redis.from_url(
            settings.CELERY_BROKER_URL,
            socket_connect_timeout=_BROKER_SECONDS,
            socket_timeout=_BROKER_SECONDS,
            retry=Retry(NoBackoff(), 0),
        ) as client:
            return bool(client.ping())
    except RedisError:
        return False
