"""Starting, finding and stopping server processes, as an unprivileged user when we are root."""

import contextlib
import ctypes
import os
import pwd
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from config.embedded.errors import EmbeddedError

UNPRIVILEGED = "nobody"
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Account:
    """The operating-system user that the servers run as; None means the present one."""

    uid: int | None = None
    gid: int | None = None

    @property
    def groups(self) -> list[int] | None:
        """No further groups when the user changes; None leaves them as they are."""
        return None if self.uid is None else []

    def own(self, path: Path) -> None:
        """Hand a path that we made to this user."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


def server_account() -> Account:
    """Return the user for the servers: PostgreSQL refuses to run as root, so `nobody` then."""
    if os.geteuid() != 0:
        return Account()
    try:
        entry = pwd.getpwnam(UNPRIVILEGED)
    except KeyError as error:
        raise EmbeddedError(
            f"PostgreSQL does not run as root and this machine has no user '{UNPRIVILEGED}'. "
            "Run as an ordinary user, or set DATABASE_URL and REDIS_URL."
        ) from error
    return Account(entry.pw_uid, entry.pw_gid)


def dies_with_parent(signum: signal.Signals) -> Callable[[], None]:
    """Return what a child runs before exec: get `signum` should this process be killed."""
    parent = os.getpid()

    def in_child() -> None:
        # After the change of user, which would clear it; the mask must not be inherited either.
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, int(signum))
            if os.getppid() != parent:
                os._exit(1)

    return in_child


def free_port() -> int:
    """Return a TCP port that nothing listens on at 127.0.0.1 right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True)
class Server:
    """One running server and how it likes to be stopped."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    quit_signal: signal.Signals

    def alive(self) -> bool:
        """Tell whether the server's main process still runs."""
        return self.process.poll() is None

    def stop(self, patience: float = 30.0) -> None:
        """Ask it to finish cleanly; after `patience` seconds end its whole process group."""
        if self.alive():
            self.process.send_signal(self.quit_signal)
            try:
                self.process.wait(patience)
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()


def server_environment() -> dict[str, str]:
    """Return the few variables servers get: nothing of ours, above all no passwords."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def spawn(
    name: str,
    command: Sequence[str | Path],
    log: Path,
    account: Account,
    quit_signal: signal.Signals,
) -> Server:
    """Start a server in a session of its own, so that the terminal's Ctrl-C does not reach it."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=server_environment(),
            start_new_session=True,
            preexec_fn=dies_with_parent(quit_signal),
            user=account.uid,
            group=account.gid,
            extra_groups=account.groups,
        )
    return Server(name, process, log, quit_signal)


def run_once(command: Sequence[str | Path], account: Account) -> None:
    """Run a program of the servers to its end; raises EmbeddedError with what it printed."""
    done = subprocess.run(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd="/",
        env=server_environment(),
        preexec_fn=dies_with_parent(signal.SIGKILL),
        check=False,
        user=account.uid,
        group=account.gid,
        extra_groups=account.groups,
    )
    if done.returncode:
        raise EmbeddedError(f"{command[0]} failed:\n{done.stdout}{done.stderr}".strip())


def wait_until(ready: Callable[[], bool], server: Server, seconds: float = 60.0) -> bool:
    """Wait until the server answers; False when it ended or the time ran out."""
    deadline = time.monotonic() + seconds
    while server.alive() and time.monotonic() < deadline:
        if ready():
            return True
        time.sleep(0.05)
    return False


def strays(folder: Path, program: str) -> Iterator[int]:
    """Yield the ids of processes named `program` that still work in `folder`."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            # A shell that someone opened in the folder is not ours to end: the program must match.
            executable = os.readlink(entry / "exe").removesuffix(" (deleted)")
            if Path(executable).name == program and os.readlink(entry / "cwd") == str(folder):
                yield int(entry.name)


def end_strays(folder: Path, program: str, quit_signal: signal.Signals) -> None:
    """Stop servers that a killed supervisor left on `folder`; called under the folder's lock."""
    for signum, patience in ((quit_signal, 15.0), (signal.SIGKILL, 5.0)):
        for pid in strays(folder, program):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signum)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if not any(strays(folder, program)):
                return
            time.sleep(0.05)
    raise EmbeddedError(f"A {program} left on {folder} cannot be stopped.")


def tail(log: Path, lines: int = 15) -> str:
    """Return the last lines of a server's log, for messages."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
