"""Running the embedded servers in processes of their own, as present or ordinary user."""

import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from config.embedded.binaries import postgres_programs, redis_program
from config.embedded.places import home_of
from config.embedded.processes import UNPRIVILEGED, server_account, strays

CHECKOUT = Path(__file__).resolve().parents[2]
# The interpreter may live where an ordinary user cannot reach, so it starts first and then changes.
_AS_ORDINARY = """
import encodings.idna, os, sys
sys.path[:0] = sys.argv[1].split(os.pathsep)
from config.embedded.command import main
os.setgroups([]); os.setgid(int(sys.argv[3])); os.setuid(int(sys.argv[2]))
sys.exit(main(sys.argv[4:]))
"""
SHOW_AND_SLEEP = ("sh", "-c", 'echo "$DATABASE_URL $REDIS_URL $DEMO"; exec sleep 300')


@dataclass(frozen=True)
class Running:
    """A supervisor whose command has printed the addresses."""

    process: subprocess.Popen[str]
    database_url: str
    redis_url: str

    def end(self, signum: signal.Signals = signal.SIGTERM) -> int:
        """Send one signal to the supervisor alone and return its exit code."""
        self.process.send_signal(signum)
        return self.process.wait(60)


def environment(folder: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return our environment without addresses, with the data under `folder`."""
    kept = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL", "DEMO"}}
    return {**kept, "PERCORSO_VAR": str(folder), **(extra or {})}


def command_line(words: Sequence[str], *, ordinary: bool) -> list[str]:
    """Return the words that run `config.embedded`, as an ordinary user when asked."""
    if not ordinary:
        return [sys.executable, "-m", "config.embedded", "run", *words]
    account = server_account()
    # The copies made for `nobody` look like a folder of installed packages.
    sites = [postgres_programs(account).parents[2], redis_program(account).parents[2]]
    user = pwd.getpwnam(UNPRIVILEGED)
    change = [os.pathsep.join(map(str, sites)), str(user.pw_uid), str(user.pw_gid)]
    return [sys.executable, "-c", _AS_ORDINARY, *change, "run", *words]


def start(folder: Path, *options: str, ordinary: bool = False, cwd: Path = CHECKOUT) -> Running:
    """Start a supervisor with a command that sleeps, and wait for its addresses."""
    process = subprocess.Popen(
        command_line([*options, "--", *SHOW_AND_SLEEP], ordinary=ordinary),
        env=environment(folder),
        cwd=cwd,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    with process.stdout:
        words = process.stdout.readline().split()
    if len(words) != 3:
        process.wait(60)
        raise AssertionError("the embedded servers did not start; see their message above")
    return Running(process, words[0], words[1])


def run(
    folder: Path, *words: str, extra: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a supervisor to its end."""
    return subprocess.run(
        command_line(words, ordinary=False),
        env=environment(folder, extra),
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def home(folder: Path, name: str = "demo") -> Path:
    """Return where the servers' files of `folder` are."""
    return home_of(folder / name, server_account())


def server_processes(place: Path) -> list[int]:
    """Return the ids of the server processes that work on the data in `place`."""
    return [
        *strays(place / "postgres", "postgres"),
        *strays(place / "redis", "redis-server"),
    ]
