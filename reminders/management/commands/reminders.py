"""`manage.py reminders`: what beat has done each minute, by hand or from cron; and why."""

import socket
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q
from django.utils import timezone

from patients.models import Course
from protocol.domain.loading import ProtocolInvalid
from reminders.explaining import explained
from reminders.mailing import send_digests
from reminders.sweeping import sweep


class Command(BaseCommand):
    """Sweeps or sends e-mail once, harmless beside worker and beat; or explains a course."""

    help = "Send what is due and roll the reminders of every course on; send e-mail; explain."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """A sub-command each."""
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("sweep", help="send what is due in the site, roll the horizon on")
        actions.add_parser("mail", help="send the digests whose hour has come")
        explain = actions.add_parser("explain", help="why reminders exist and when they are sent")
        explain.add_argument("course", help="the course's code or its number")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it once and say what was done."""
        if options["action"] == "explain":
            self._explain(options["course"])
        elif options["action"] == "mail":
            tally = send_digests(timezone.now())
            self.stdout.write(f"{tally.sent} digests sent, {tally.failed} not sent")
        else:
            run = sweep(now=timezone.now(), host=socket.gethostname())
            self.stdout.write(f"{run.planned} courses planned")

    def _explain(self, name: str) -> None:
        number = int(name) if name.isascii() and name.isdigit() else 0
        found = Course.objects.filter(Q(code=name) | Q(pk=number))
        course = found.select_related("centre", "protocol").first()
        if course is None:
            raise CommandError(f"there is no course {name}")
        try:
            for line in explained(course):
                self.stdout.write(line)
        except ProtocolInvalid as error:
            raise CommandError(f"the protocol cannot be read: {error}") from error
