"""`manage.py protocol check FILE…`, `load FILE`, `publish CODE:VERSION --as USER`, `diff A B`."""

import getpass
import tomllib
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.contrib.auth import authenticate
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import User
from protocol.domain.comparing import Difference, Entry, compare
from protocol.domain.loading import ProtocolInvalid, parse
from protocol.models import Protocol
from protocol.sections import registered
from protocol.selectors import content_of, version_named
from protocol.services import Operator, load, publish_draft
from terms.refusals import Refused

_SIGNS = {"added": "+", "removed": "-", "changed": "~"}


class Command(BaseCommand):
    """Checks, loads, publishes and compares; every fault is printed and the exit code is 1."""

    help = "Check protocol files, load one as a draft, publish a draft, compare two versions."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """A sub-command each."""
        actions = parser.add_subparsers(dest="action", required=True)
        check = actions.add_parser("check", help="name every fault of the files")
        check.add_argument("files", nargs="+", type=Path)
        draft = actions.add_parser("load", help="keep the version that the file holds as a draft")
        draft.add_argument("files", nargs=1, type=Path)
        publish = actions.add_parser("publish", help="put a draft in force, by a second person")
        publish.add_argument("version", help="CODE:VERSION")
        publish.add_argument(
            "--as", dest="username", required=True, help="who publishes; asked for the password"
        )
        diff = actions.add_parser("diff", help="what differs between two versions")
        diff.add_argument("versions", nargs=2, help="CODE:VERSION or a file")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        """Run the chosen action."""
        try:
            faults = getattr(self, f"_{action}")(**options)
        except Refused as refused:
            faults = [str(refusal) for refusal in refused.refusals]
        if faults:
            raise CommandError("\n".join(faults), returncode=1)

    def _check(self, files: list[Path], **_options: Any) -> list[str]:
        faults: list[str] = []
        for file in files:
            try:
                meta = parse(file.read_bytes(), str(file), registered()).meta
            except OSError as fault:
                faults.append(f"{file}: {fault.strerror}")
            except ProtocolInvalid as invalid:
                faults += [str(problem) for problem in invalid.problems]
            else:
                self.stdout.write(f"{file}: {meta.code} version {meta.version} is sound")
        return faults

    def _load(self, files: list[Path], **_options: Any) -> list[str]:
        file = files[0]
        try:
            content = file.read_bytes()
        except OSError as fault:
            return [f"{file}: {fault.strerror}"]
        operator = Operator(f"{getpass.getuser()} (command line)")
        protocol = load(content=content, filename=str(file), actor=operator, now=timezone.now())
        self.stdout.write(f"{protocol.code} version {protocol.version}: {protocol.status}")
        return []

    def _publish(self, version: str, username: str, **_options: Any) -> list[str]:
        draft = version_named(version)
        if draft is None:
            return [f"{version}: no such version"]
        try:
            password = getpass.getpass(f"Password of {username}: ")
        except EOFError:
            return ["nobody can type a password here: run this in a terminal"]
        user = authenticate(username=username, password=password)
        if not isinstance(user, User):
            return [f"{username}: wrong name or password"]
        protocol = publish_draft(protocol_id=draft.pk, actor=user, now=timezone.now())
        self.stdout.write(f"{protocol.code} version {protocol.version} is published")
        return []

    def _diff(self, versions: list[str], **_options: Any) -> list[str]:
        before, after = (_content(name) for name in versions)
        for difference in compare(before, after):
            self.stdout.write(_line(difference))
        return []


def _content(name: str) -> Mapping[str, Any]:
    """The content of `CODE:VERSION` or of a file."""
    found: Protocol | None = version_named(name)
    if found is not None:
        return content_of(found)
    try:
        return tomllib.loads(Path(name).read_text(encoding="utf-8"))
    except OSError as fault:
        raise CommandError(f"{name}: no such version, and {fault.strerror}") from fault
    except ValueError as fault:
        raise CommandError(f"{name}: {fault}") from fault


def _line(difference: Difference) -> str:
    sides = [_said(side) for side in (difference.before, difference.after) if side is not None]
    return f"{_SIGNS[difference.kind]} {difference.key}: {' -> '.join(sides)}"


def _said(entry: Entry) -> str:
    if entry.confirmed is None:
        return str(entry.value)
    confirmed = "confirmed" if entry.confirmed else "not confirmed"
    return f"{entry.value} ({entry.source}; {confirmed})"
