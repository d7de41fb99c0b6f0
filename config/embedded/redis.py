"""The embedded Redis: started on a free loopback port with a password, asked whether it answers."""

import signal
from pathlib import Path

from redis import Redis, RedisError

from config.embedded.binaries import redis_program
from config.embedded.errors import EmbeddedError
from config.embedded.places import write_private
from config.embedded.processes import (
    Account,
    Server,
    end_strays,
    free_port,
    spawn,
    tail,
    wait_until,
)

_QUIT = signal.SIGTERM
_ATTEMPTS = 4


def start_redis(home: Path, account: Account, password: str, *, fast: bool) -> tuple[Server, str]:
    """Start Redis on the data in `home` and return it with its URL.

    `fast` keeps nothing on disk (tests). Raises EmbeddedError with the log's last lines.
    """
    program = redis_program(account)
    data = home / "redis"
    end_strays(data, "redis-server", _QUIT)
    if not data.exists():
        data.mkdir(mode=0o700)
        account.own(data)
    for _attempt in range(_ATTEMPTS):
        port = free_port()
        # In a file: the words of a command line can be read by every user of the machine.
        settings = home / "redis.conf"
        write_private(settings, _settings(port, password, data, fast=fast), account)
        server = spawn("Redis", [program, settings], home / "redis.log", account, _QUIT)
        url = f"redis://:{password}@127.0.0.1:{port}/0"
        try:
            if wait_until(lambda url=url: _answers(url), server):  # type: ignore[misc]
                return server, url
        except BaseException:
            server.stop()
            raise
        if server.alive():
            server.stop()
            break  # not a port that someone took meanwhile: it hangs
    raise EmbeddedError(f"Redis did not start; {server.log} ends:\n{tail(server.log)}")


def _settings(port: int, password: str, data: Path, *, fast: bool) -> str:
    folder = str(data).replace("\\", "\\\\").replace('"', '\\"')
    return "\n".join(
        [
            "bind 127.0.0.1",
            f"port {port}",
            f"requirepass {password}",
            f'dir "{folder}"',
            f"appendonly {'no' if fast else 'yes'}",
            "appendfsync everysec",
            'save ""',
            "maxmemory-policy noeviction",
            "daemonize no",
            "",
        ]
    )


def _answers(url: str) -> bool:
    try:
        with Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2) as client:
            return bool(client.ping())
    except RedisError:
        return False
