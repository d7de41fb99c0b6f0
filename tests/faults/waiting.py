"""Waiting until another connection stands before a lock."""

import time

from django.db import connection

# Not pg_stat_activity: inside a transaction it keeps showing what it showed first.
_BLOCKED = (
    "SELECT count(*) FROM pg_locks "
    "WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
)


def wait_until_blocked() -> None:
    """Return once another connection waits for a lock that this one holds."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(_BLOCKED)
            if cursor.fetchone() != (0,):
                return
        time.sleep(0.02)
    raise AssertionError("nobody waits for a lock")
