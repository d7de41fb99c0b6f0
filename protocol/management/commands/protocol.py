"""`manage.py protocol check FILE…` and `manage.py protocol load FILE`."""

import getpass
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from protocol.domain.loading import ProtocolInvalid, parse
from protocol.sections import registered
from protocol.services import publish
from terms.refusals import Refused


class Command(BaseCommand):
    """Checks protocol files, or publishes one; every fault is printed and the exit code is 1."""

    help = "Check protocol files, or publish one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One file to load, any number to check."""
        actions = parser.add_subparsers(dest="action", required=True)
        check = actions.add_parser("check", help="name every fault of the files")
        check.add_argument("files", nargs="+", type=Path)
        load = actions.add_parser("load", help="publish the version that the file holds")
        load.add_argument("files", nargs=1, type=Path)

    def handle(self, *args: Any, action: str, files: list[Path], **options: Any) -> None:
        """Run the chosen action over the files."""
        faults = [fault for file in files for fault in self._run(action, file)]
        if faults:
            raise CommandError("\n".join(faults), returncode=1)

    def _run(self, action: str, file: Path) -> list[str]:
        try:
            content = file.read_bytes()
        except OSError as fault:
            return [f"{file}: {fault.strerror}"]
        try:
            if action == "check":
                meta = parse(content, str(file), registered()).meta
                self.stdout.write(f"{file}: {meta.code} version {meta.version} is sound")
            else:
                protocol = publish(
                    content=content,
                    filename=str(file),
                    actor_name=f"{getpass.getuser()} (command line)",
                    now=timezone.now(),
                )
                self.stdout.write(f"{protocol.code} version {protocol.version} is published")
        except ProtocolInvalid as invalid:
            return [str(problem) for problem in invalid.problems]
        except Refused as refused:
            return [str(refusal) for refusal in refused.refusals]
        return []
