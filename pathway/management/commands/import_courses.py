"""Enters a file of courses that were under way before Percorso."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import Centre, User
from accounts.wording import in_words
from pathway.importing import import_courses, try_courses
from terms.refusals import Refused
from terms.sheets import LARGEST


class Command(BaseCommand):
    """`manage.py import_courses FILE --centre CODE --as USER [--commit]`."""

    help = "Tries a CSV file of courses line by line; with --commit enters all of them, or none."

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, where and by whom."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--centre", required=True, help="the centre's code")
        parser.add_argument("--as", required=True, dest="username", help="who enters it")
        parser.add_argument("--commit", action="store_true", help="enter it, do not only try")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what becomes of each line, or every reason why not."""
        actor, content = _actor(options["username"], options["centre"]), _read(options["file"])
        work = import_courses if options["commit"] else try_courses
        try:
            report = work(content=content, actor=actor, now=timezone.now())
        except Refused as refused:
            lines = [f"{r.field or r.code}: {in_words(r)}" for r in refused.refusals]
            raise CommandError("\n".join(lines)) from refused
        for outcome in report.outcomes:
            said = [f"{r.field}: {in_words(r)}" for r in outcome.refusals] or [outcome.code or "ok"]
            self.stdout.write(f"{outcome.line}: {'; '.join(said)}")
        if report.faults:
            raise CommandError(f"{report.faults} of {len(report.outcomes)} lines cannot be entered")
        done = "entered" if report.committed else "can be entered; nothing is written yet"
        self.stdout.write(f"{len(report.outcomes)} courses {done}")


def _actor(username: str, code: str) -> User:
    """The person, working at the centre as long as the command runs."""
    try:
        actor = User.objects.get(username=username)
        actor.working_centre = Centre.objects.get(code=code)
    except (User.DoesNotExist, Centre.DoesNotExist) as error:
        raise CommandError("there is no such person, or no such centre") from error
    actor.forget_roles()
    return actor


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(LARGEST + 1)
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}") from error
