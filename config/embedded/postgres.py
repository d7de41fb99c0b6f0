"""The embedded PostgreSQL: made once, started on a free loopback port, asked whether it answers."""

import shutil
import signal
from pathlib import Path

import psycopg
from psycopg import sql

from config.embedded.binaries import POSTGRES_MAJOR, postgres_programs
from config.embedded.errors import EmbeddedError
from config.embedded.places import write_private
from config.embedded.processes import (
    Account,
    Server,
    end_strays,
    free_port,
    run_once,
    spawn,
    tail,
    wait_until,
)

ROLE = "percorso"
# SIGINT is PostgreSQL's fast shutdown: SIGTERM would wait for every client to leave.
_QUIT = signal.SIGINT
_ATTEMPTS = 4


def start_postgres(
    home: Path, account: Account, password: str, *, fast: bool
) -> tuple[Server, str]:
    """Start PostgreSQL on the data in `home` and return it with its URL.

    `fast` gives up durability for speed (tests). Raises EmbeddedError with the log's last lines.
    """
    programs = postgres_programs(account)
    data = home / "postgres"
    end_strays(data, "postgres", _QUIT)
    if not data.exists():
        _make_cluster(programs, data, account, password)
    _check_version(data)
    # Nothing serves this folder now, so a file left by a killed server only misleads:
    # its process id may long belong to someone else.
    (data / "postmaster.pid").unlink(missing_ok=True)
    for _attempt in range(_ATTEMPTS):
        port = free_port()
        command: list[str | Path] = [programs / "postgres", "-D", data, *_settings(port, fast=fast)]
        server = spawn("PostgreSQL", command, home / "postgres.log", account, _QUIT)
        try:
            if wait_until(lambda port=port: _answers(port, password), server):  # type: ignore[misc]
                _make_database(port, password)
                return server, f"postgres://{ROLE}:{password}@127.0.0.1:{port}/{ROLE}"
        except BaseException:
            server.stop()
            raise
        if server.alive():
            server.stop()
            break  # not a port that someone took meanwhile: it hangs
    raise EmbeddedError(f"PostgreSQL did not start; {server.log} ends:\n{tail(server.log)}")


def _settings(port: int, *, fast: bool) -> list[str]:
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",  # a deep checkout would exceed the path limit
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_parameter_max_length_on_error": "0",
    }
    if fast:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]


def _make_cluster(programs: Path, data: Path, account: Account, password: str) -> None:
    fresh = data.with_name("postgres.new")
    shutil.rmtree(fresh, ignore_errors=True)  # of a first start that was cut short
    fresh.mkdir(mode=0o700)
    account.own(fresh)
    secret = data.with_name("initdb.password")
    write_private(secret, password, account)
    try:
        run_once(
            [
                programs / "initdb",
                *("-D", fresh, "-U", "postgres", "--auth=scram-sha-256", f"--pwfile={secret}"),
                *("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
                *("--locale=C", "--no-instructions"),
            ],
            account,
        )
    finally:
        secret.unlink()
    fresh.rename(data)


def _check_version(data: Path) -> None:
    found = (data / "PG_VERSION").read_text().strip()
    if found != POSTGRES_MAJOR:
        raise EmbeddedError(
            f"{data} was made by PostgreSQL {found}; the embedded one is {POSTGRES_MAJOR}. "
            "Dump it with the old version, or remove the folder to start afresh."
        )


def _answers(port: int, password: str) -> bool:
    try:
        _connect(port, password).close()
    except psycopg.OperationalError:
        return False
    return True


def _connect(port: int, password: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(
        host="127.0.0.1",
        port=port,
        user="postgres",
        password=password,
        dbname="postgres",
        connect_timeout=2,
        autocommit=True,
    )


def _make_database(port: int, password: str) -> None:
    """Make the role and database of the site when missing; the role is no superuser, as in use."""
    name = sql.Identifier(ROLE)
    with _connect(port, password) as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
            make = sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}")
            connection.execute(make.format(name, sql.Literal(password)))
        if not connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [ROLE]
        ).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {0} OWNER {0}").format(name))
