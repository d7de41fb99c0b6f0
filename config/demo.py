"""`make demo`: embedded servers, the demo's data, and the Procfile's processes, until Ctrl-C."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

from honcho.environ import parse_procfile
from honcho.manager import SIGNALS, Manager
from honcho.process import Popen, Process

from config.embedded import EmbeddedError, servers
from config.embedded.processes import dies_with_parent
from config.environment import CHECKOUT, ConfigurationError, read, var_folder
from terms.demo import DEMO_PASSWORD

LOGINS = (
    ("coordinator", "CAR-T coordinator"),
    ("nurse", "ward nurse"),
    ("nurse2", "ward nurse"),
    ("physician", "haematologist"),
    ("physician2", "haematologist"),
    ("apheresis", "apheresis nurse"),
    ("celllab", "cell lab"),
    ("pharmacist", "pharmacist"),
    ("manager", "data manager"),
    ("quality", "quality"),
    ("admin", "centre administrator"),
)
STEPS = (
    ("migrate", "--verbosity=0"),
    ("createcachetable",),
    ("load_demo", "--if-empty"),
    ("reminders", "sweep"),
)
_SECONDS_TO_ANSWER = 60


class DemoError(Exception):
    """The demo cannot start; the message says why and what to do."""


def main(arguments: Sequence[str]) -> int:
    """Run the demo; exit code 0 after Ctrl-C or SIGTERM, 1 when something failed, with a message.

    With the words `announce ADDRESS` only wait for the site there and print how to sign in.
    """
    signal.signal(signal.SIGTERM, _leave)
    try:
        if arguments[:1] == ["announce"]:
            return _announce(arguments[1])
        port = free_port_of(os.environ)
        with servers(var_folder(os.environ) / "demo", environ=os.environ) as addresses:
            environ = _environment(addresses.database_url, addresses.redis_url, port)
            read(environ)
            for step in STEPS:
                _manage(step, environ)
            return _run_processes(environ)
    except (DemoError, EmbeddedError, ConfigurationError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return 0


def free_port_of(environ: Mapping[str, str]) -> int:
    """Return the port that PORT names, 8000 unset; raises DemoError when it is none or busy."""
    word = environ.get("PORT") or "8000"
    if not word.isdecimal() or not 0 < int(word) < 65536:
        raise DemoError(f"PORT is {word!r}: write a number from 1 to 65535.")
    host = environ.get("HOST") or "127.0.0.1"
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(word)))
        except OSError as error:
            raise DemoError(
                f"Port {word} of {host} is not free ({error.strerror}). End the program that "
                f"listens there, or choose another port: make demo PORT={_another(int(word))}"
            ) from error
    return int(word)


def _another(port: int) -> int:
    return port + 1 if 1024 <= port < 65535 else 8001


def _environment(database_url: str, redis_url: str, port: int) -> dict[str, str]:
    programs = str(Path(sys.executable).parent)
    environ = {
        "DEMO": "1",
        **os.environ,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "PORT": str(port),
        "SITE_URL": f"http://{os.environ.get('HOST') or '127.0.0.1'}:{port}",
        "PATH": os.pathsep.join((programs, os.environ.get("PATH", os.defpath))),
        "PERCORSO_VAR": str(var_folder(os.environ)),
        "PYTHONUNBUFFERED": "1",
    }
    # True but beside the point of a demo: it serves static files from where they are, and root
    # may try it out.
    quiet = "ignore:No directory at,ignore:You're running the worker with superuser"
    environ.setdefault("PYTHONWARNINGS", quiet)
    environ.setdefault("LOG_LEVEL", "WARNING")  # the logins must not scroll away
    return environ


def _manage(words: Sequence[str], environ: Mapping[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=CHECKOUT,
        env=environ,
        preexec_fn=dies_with_parent(signal.SIGTERM),
        check=False,
    )
    if done.returncode:
        raise DemoError(f"manage.py {' '.join(words)} failed; see above.")


class _DemoProcess(Process):  # type: ignore[misc]
    """A Procfile process that ends when the demo is killed, not only when it stops."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._bind_to_demo = dies_with_parent(signal.SIGKILL)

    def run(self, *arguments: Any, **options: Any) -> None:
        """Start the program and pass its lines on, in a process of honcho's own."""
        self._bind_to_demo()
        self._child_ctor = partial(Popen, preexec_fn=dies_with_parent(signal.SIGTERM))
        super().run(*arguments, **options)


class _DemoManager(Manager):  # type: ignore[misc]
    """Stops the processes also when it is told to before it knows all of them.

    Honcho learns their ids from a queue; a signal that came earlier would leave them running.
    """

    def __init__(self) -> None:
        super().__init__()
        self._process_ctor = _DemoProcess
        self._told_early = False

    def terminate(self) -> None:
        """Stop all as soon as all have started."""
        self._told_early = not super()._all_started()
        if not self._told_early:
            super().terminate()

    def _all_started(self) -> bool:
        """Whether every id is known; asked at each turn of the loop."""
        started = bool(super()._all_started())
        if started and self._told_early:
            self.terminate()
        return started


def _run_processes(environ: Mapping[str, str]) -> int:
    """Run what the Procfile names until a signal comes or one of them ends."""
    manager = _DemoManager()
    procfile = parse_procfile((CHECKOUT / "Procfile").read_text())
    for name, command in procfile.processes.items():
        manager.add_process(name, command, env=dict(environ), cwd=str(CHECKOUT))
    address = f"http://{environ.get('HOST') or '127.0.0.1'}:{environ['PORT']}"
    announcer = subprocess.Popen(
        [sys.executable, "-m", "config.demo", "announce", address],
        cwd=CHECKOUT,
        preexec_fn=dies_with_parent(signal.SIGTERM),
    )
    try:
        manager.loop()
    finally:
        announcer.terminate()
        announcer.wait()
    if manager.returncode in {signal_words["rc"] for signal_words in SIGNALS.values()}:
        return 0
    raise DemoError("A process of the demo ended by itself; the lines above name it.")


def _announce(address: str) -> int:
    """Print the address and the logins as soon as the site answers."""
    deadline = time.monotonic() + _SECONDS_TO_ANSWER
    while not _answers(f"{address}/healthz"):
        if time.monotonic() > deadline:
            sys.stderr.write(f"The site does not answer at {address} yet; see the lines above.\n")
            return 1
        time.sleep(0.2)
    logins = "\n".join(f"    {name:<12} {role}" for name, role in LOGINS)
    sys.stdout.write(
        f"\nPercorso is ready: {address}\n\n"
        f"  Sign in with one of these, password {DEMO_PASSWORD}\n{logins}\n\n"
        "  Demo data only: the embedded servers are for trying and testing. Ctrl-C stops all.\n\n"
    )
    sys.stdout.flush()
    return 0


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def _leave(_signum: int, _frame: FrameType | None) -> None:
    sys.exit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
