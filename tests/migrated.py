"""A database with every migration in it: made once, copied by each worker of each run."""

import hashlib
import inspect
from pathlib import Path
from typing import Any, cast

import django
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

_PREFIX = "migrated_"
_LOCK = 5_021_934  # of two workers the second one waits for the first one's


def template() -> str:
    """Its name, which says what the migrations say; made when it is not there yet."""
    name, creation = _PREFIX + _digest(), cast(Any, connection.creation)
    with creation._nodb_cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET lock_timeout = 0")
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [_PREFIX])
        there = {row[0] for row in cursor.fetchall()}
        if name not in there:
            for stale in there:
                cursor.execute(f'DROP DATABASE "{stale}"')
            _make(name, cursor)
    return name


def _make(name: str, cursor: Any) -> None:
    kept, known = connection.settings_dict, dict(connection.settings_dict)
    own = kept["TEST"]["NAME"]
    kept["TEST"]["NAME"] = unfinished = f"{name}_new"
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    connection.close()
    kept["TEST"]["NAME"] = own
    kept["NAME"] = settings.DATABASES["default"]["NAME"] = known["NAME"]
    cursor.execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{name}"')


def _digest() -> str:
    """Of every migration there is, ours and those of the packages."""
    found = hashlib.sha256(repr(django.VERSION).encode())
    for key, migration in sorted(MigrationLoader(None).disk_migrations.items()):
        found.update(repr(key).encode() + Path(inspect.getfile(type(migration))).read_bytes())
    return found.hexdigest()[:16]
