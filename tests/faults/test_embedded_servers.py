"""The embedded servers start, stop, survive SIGKILL and keep out of each other's way."""

import contextlib
import os
import pty
import shutil
import signal
import sys
import time
from pathlib import Path

import psycopg
import pytest
from redis import Redis

from config.embedded import binaries
from config.embedded.binaries import postgres_programs
from config.embedded.processes import Account, free_port, server_account, spawn, wait_until
from tests.faults import embedded


def write(url: str, value: int) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (value int)")
        connection.execute("INSERT INTO kept VALUES (%s)", [value])


def values(url: str) -> list[object]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("SELECT value FROM kept ORDER BY value")]


def hand_over(folder: Path, *, ordinary: bool) -> None:
    if ordinary:
        account = server_account()
        account.own(folder)


def gone(place: Path) -> bool:
    deadline = time.monotonic() + 30
    while embedded.server_processes(place) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not embedded.server_processes(place)


def test_second_start_finds_data_of_first(open_folder: Path, ordinary: bool) -> None:
    hand_over(open_folder, ordinary=ordinary)
    first = embedded.start(open_folder, ordinary=ordinary)
    write(first.database_url, 1)
    with Redis.from_url(first.redis_url) as client:
        client.set("kept", "1")
    assert first.end() == 128 + signal.SIGTERM
    second = embedded.start(open_folder, ordinary=ordinary)
    try:
        assert values(second.database_url) == [1]
        with Redis.from_url(second.redis_url) as client:
            assert client.get("kept") == b"1"
    finally:
        second.end()
    assert gone(open_folder / "demo")


def test_killing_everything_leaves_data_that_next_start_finds(
    open_folder: Path, ordinary: bool
) -> None:
    hand_over(open_folder, ordinary=ordinary)
    first = embedded.start(open_folder, ordinary=ordinary)
    write(first.database_url, 1)
    servers = embedded.server_processes(open_folder / "demo")
    assert len(servers) > 1
    for pid in (*servers, first.process.pid):
        with contextlib.suppress(ProcessLookupError):  # a child may follow its parent at once
            os.kill(pid, signal.SIGKILL)
    first.process.wait()
    assert (open_folder / "demo" / "postgres" / "postmaster.pid").exists()
    second = embedded.start(open_folder, ordinary=ordinary)
    try:
        assert values(second.database_url) == [1]
    finally:
        second.end()


def test_killed_supervisor_takes_its_servers_with_it(open_folder: Path, ordinary: bool) -> None:
    hand_over(open_folder, ordinary=ordinary)
    running = embedded.start(open_folder, ordinary=ordinary)
    running.process.kill()
    running.process.wait()
    assert gone(open_folder / "demo")


def test_next_start_ends_server_that_outlived_its_supervisor(open_folder: Path) -> None:
    first = embedded.start(open_folder)
    write(first.database_url, 1)
    first.end()
    account = server_account()
    place = embedded.home(open_folder)
    program = postgres_programs(account) / "postgres"
    options = ["-p", str(free_port()), "-h", "127.0.0.1", "-c", "unix_socket_directories="]
    orphan = spawn(
        "orphan",
        [program, "-D", place / "postgres", *options],
        place / "postgres.log",
        account,
        signal.SIGINT,
    )
    assert wait_until((place / "postgres" / "postmaster.pid").exists, orphan)
    second = embedded.start(open_folder)
    try:
        assert orphan.process.wait(10) == 0
        assert values(second.database_url) == [1]
    finally:
        second.end()


def test_stale_pid_file_naming_a_living_process_does_not_stop_the_start(open_folder: Path) -> None:
    first = embedded.start(open_folder)
    first.end()
    place = embedded.home(open_folder)
    (place / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{place}/postgres\n1\n1\n")
    embedded.start(open_folder).end()


def test_ctrl_c_in_terminal_reaches_command_once_and_stops_servers(open_folder: Path) -> None:
    counting = (
        "import signal, sys, time\n"
        "seen = []\n"
        "signal.signal(signal.SIGINT, lambda *_: seen.append(1))\n"
        "print('ready', flush=True)\n"
        "while not seen: time.sleep(0.05)\n"
        "time.sleep(0.5)\n"
        "sys.exit(40 + len(seen))\n"
    )
    words = embedded.command_line(["--", sys.executable, "-c", counting], ordinary=False)
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(embedded.CHECKOUT)
        os.execve(words[0], words, embedded.environment(open_folder))  # noqa: S606 - a terminal of its own
    shown = b""
    while b"ready" not in shown:
        shown += os.read(terminal, 1024)
    os.write(terminal, b"\x03")
    _pid, status = os.waitpid(pid, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 41
    assert not embedded.server_processes(embedded.home(open_folder))


def test_interrupt_sent_to_supervisor_alone_reaches_command(open_folder: Path) -> None:
    running = embedded.start(open_folder)
    assert running.end(signal.SIGINT) == 128 + signal.SIGINT
    assert not embedded.server_processes(embedded.home(open_folder))


def test_folder_closed_to_others_keeps_its_mode_and_works(private_folder: Path) -> None:
    running = embedded.start(private_folder)
    try:
        write(running.database_url, 1)
        assert values(running.database_url) == [1]
    finally:
        running.end()
    assert private_folder.stat().st_mode & 0o777 == 0o700


def test_checkouts_in_closed_folders_run_side_by_side(private_folder: Path) -> None:
    started = []
    for name in ("one", "two"):
        checkout = private_folder / name
        for part in ("config", "terms"):
            source = embedded.CHECKOUT / part
            shutil.copytree(source, checkout / part, ignore=lambda *_: ["__pycache__"])
        checkout.chmod(0o700)
        started.append(embedded.start(checkout / "var", cwd=checkout))
    try:
        for value, running in enumerate(started):
            write(running.database_url, value)
        assert [values(running.database_url) for running in started] == [[0], [1]]
    finally:
        for running in started:
            running.end()
        for name in ("one", "two"):
            shutil.rmtree(embedded.home(private_folder / name / "var"))


def test_two_sets_of_data_of_one_checkout_run_side_by_side(open_folder: Path) -> None:
    first = embedded.start(open_folder)
    second = embedded.start(open_folder, "--data", "other", "--fast")
    try:
        write(first.database_url, 1)
        write(second.database_url, 2)
        assert values(first.database_url) == [1]
    finally:
        first.end()
        second.end()


def test_second_supervisor_on_same_data_is_told_who_has_it(open_folder: Path) -> None:
    running = embedded.start(open_folder)
    try:
        refused = embedded.run(open_folder, "--", "true")
        assert refused.returncode == 2
        assert f"in use by process {running.process.pid}" in refused.stderr
        shared = embedded.run(open_folder, "--share", "--", "printenv", "DATABASE_URL")
        assert shared.stdout.strip() == running.database_url
    finally:
        running.end()


def test_set_variables_win_and_nothing_is_started(open_folder: Path) -> None:
    addresses = {"DATABASE_URL": "postgres://elsewhere/site", "REDIS_URL": "redis://elsewhere/0"}
    done = embedded.run(open_folder, "--", "printenv", *addresses, extra=addresses)
    assert done.stdout.split() == list(addresses.values())
    assert not (open_folder / "demo").exists()


def test_set_database_starts_only_redis(open_folder: Path) -> None:
    extra = {"DATABASE_URL": "postgres://elsewhere/site"}
    words = ("--", "printenv", "DATABASE_URL", "REDIS_URL")
    done = embedded.run(open_folder, *words, extra=extra)
    assert done.stdout.startswith("postgres://elsewhere/site\nredis://:")
    assert not (embedded.home(open_folder) / "postgres").exists()


def test_exit_code_is_that_of_command(open_folder: Path) -> None:
    assert embedded.run(open_folder, "--", "sh", "-c", "exit 7").returncode == 7
    missing = embedded.run(open_folder, "--", "no-such-command")
    assert (missing.returncode, missing.stderr) == (
        127,
        "no-such-command: No such file or directory\n",
    )


def test_lost_password_is_said_instead_of_waiting(open_folder: Path) -> None:
    embedded.start(open_folder).end()
    place = embedded.home(open_folder)
    (place / "password").unlink()
    refused = embedded.run(open_folder, "--", "true")
    assert refused.returncode == 2
    assert f"{place / 'password'} is missing" in refused.stderr


def test_programs_that_lost_a_file_are_copied_anew(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binaries, "_COPIES", open_folder)
    someone_else = Account(uid=65534, gid=65534)
    program = binaries.redis_program(someone_else)
    program.unlink()
    assert binaries.redis_program(someone_else) == program
    assert program.is_file()
