"""`manage.py reminders`: what beat has done each minute, by hand or from cron."""

import socket
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from reminders.mailing import send_digests
from reminders.sweeping import sweep


class Command(BaseCommand):
    """Sweeps or sends e-mail once; harmless beside worker and beat."""

    help = "Send what is due and roll the reminders of every course on; or send e-mail."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to do."""
        parser.add_argument("action", choices=["sweep", "mail"])

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it once and say what was done."""
        if options["action"] == "mail":
            tally = send_digests(timezone.now())
            self.stdout.write(f"{tally.sent} digests sent, {tally.failed} not sent")
            return
        run = sweep(now=timezone.now(), host=socket.gethostname())
        self.stdout.write(f"{run.planned} courses planned")
