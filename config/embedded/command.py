"""`python -m config.embedded run`: a command with a database and a broker around it."""

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from types import FrameType

from config.embedded.errors import EmbeddedError
from config.embedded.processes import Server, dies_with_parent
from config.embedded.supervisor import servers
from config.environment import var_folder

_WATCHED = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD}


def main(arguments: Sequence[str]) -> int:
    """Run the command line and return the exit code: the command's own, or 2 with a message."""
    options = _parser().parse_args(arguments)
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not command:
        _parser().error("name a command after --")
    signal.signal(signal.SIGTERM, _leave)
    folder = var_folder(os.environ) / options.data
    try:
        with servers(
            folder, fast=options.fast, share=options.share, environ=os.environ
        ) as addresses:
            environ = {
                **os.environ,
                "DATABASE_URL": addresses.database_url,
                "REDIS_URL": addresses.redis_url,
                "DEMO": os.environ.get("DEMO", "1"),
            }
            return _run(command, environ, addresses.started)
    except EmbeddedError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m config.embedded")
    actions = parser.add_subparsers(required=True)
    run = actions.add_parser(
        "run", help="run a command with DATABASE_URL and REDIS_URL set, starting what is not set"
    )
    run.add_argument("--data", default="demo", help="which set of data under var/ (default: demo)")
    run.add_argument("--fast", action="store_true", help="give up durability, for tests")
    run.add_argument(
        "--share", action="store_true", help="join servers that already run on this data"
    )
    run.add_argument("command", nargs=argparse.REMAINDER, help="-- and the command")
    return parser


def _leave(signum: int, _frame: FrameType | None) -> None:
    sys.exit(128 + signum)


def _run(command: Sequence[str], environ: Mapping[str, str], started: Sequence[Server]) -> int:
    """Run the command in our process group and pass on the signals that only we received."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED)
    try:
        child = subprocess.Popen(command, env=environ, preexec_fn=dies_with_parent(signal.SIGTERM))
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        return 127
    told: set[str] = set()
    while child.poll() is None:
        _tell_dead(started, told)
        received = signal.sigwaitinfo(_WATCHED)
        # Ctrl-C comes from the kernel (code > 0) and has reached the command by itself.
        if received.si_signo != signal.SIGCHLD and received.si_code <= 0:
            child.send_signal(received.si_signo)
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


def _tell_dead(started: Sequence[Server], told: set[str]) -> None:
    for server in started:
        if server.name not in told and not server.alive():
            told.add(server.name)
            sys.stderr.write(f"{server.name} stopped unexpectedly; see {server.log}\n")
