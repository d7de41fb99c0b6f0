"""Starts the servers whose addresses are not set, and stops them at the end."""

import contextlib
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from config.embedded.errors import EmbeddedError
from config.embedded.places import (
    InUseError,
    home_of,
    locked,
    password_of,
    publish,
    published,
    unpublish,
)
from config.embedded.postgres import start_postgres
from config.embedded.processes import Server, server_account
from config.embedded.redis import start_redis


@dataclass(frozen=True)
class Addresses:
    """Where the database and the broker are, and the servers started here for them."""

    database_url: str
    redis_url: str
    started: tuple[Server, ...] = ()


@contextlib.contextmanager
def servers(
    data: Path, *, fast: bool = False, share: bool = False, environ: Mapping[str, str] | None = None
) -> Iterator[Addresses]:
    """Run PostgreSQL and Redis on the folder `data` for the length of the block.

    DATABASE_URL and REDIS_URL in `environ` point elsewhere: nothing is started for those that are
    set. `fast` gives up durability (tests). `share` joins servers that another process runs on
    the same folder. Raises EmbeddedError, whose message says what to do. Call from the main
    thread: the servers stop when the thread that started them ends.
    """
    given = environ or {}
    database_url, redis_url = given.get("DATABASE_URL", ""), given.get("REDIS_URL", "")
    if database_url and redis_url:
        yield Addresses(database_url, redis_url)
        return
    if sys.platform != "linux":
        raise EmbeddedError("The embedded servers run on Linux: set DATABASE_URL and REDIS_URL.")
    account = server_account()
    home = home_of(data, account)
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(locked(home))
        except InUseError as error:
            if not share:
                raise EmbeddedError(
                    f"The servers of {home} are in use by process {error.pid}. Add --share to use "
                    "them too, or --data NAME for others."
                ) from error
            shared = _wait_published(home)
            yield Addresses(database_url or shared["postgres"], redis_url or shared["redis"])
            return
        unpublish(home)
        password = password_of(home)
        started: list[Server] = []
        if not database_url:
            server, database_url = start_postgres(home, account, password, fast=fast)
            stack.callback(server.stop)
            started.append(server)
        if not redis_url:
            server, redis_url = start_redis(home, account, password, fast=fast)
            stack.callback(server.stop)
            started.append(server)
        publish(home, {"postgres": database_url, "redis": redis_url})
        stack.callback(unpublish, home)
        yield Addresses(database_url, redis_url, tuple(started))


def _wait_published(home: Path, seconds: float = 60.0) -> dict[str, str]:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = published(home)
        if found:
            return found
        time.sleep(0.1)
    raise EmbeddedError(f"The servers of {home} are being started by another process, which hangs.")
