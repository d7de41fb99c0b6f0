"""Whether the clock of a process and that of the database agree: what is due depends on both."""

from datetime import datetime, timedelta

from django.db import connection

# Beyond it something is sent early or late, and the two disagree on what came first.
MOST_SKEW = timedelta(seconds=60)


def skew(now: datetime) -> timedelta:
    """How far `now`, just read, is ahead of the database's clock; negative when behind."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (there,) = cursor.fetchone()
    ahead: timedelta = now - there
    return ahead


def too_far(ahead: timedelta) -> bool:
    """Whether the clocks are so far apart that somebody has to look."""
    return abs(ahead) > MOST_SKEW
