"""`manage.py reminders sweep`: what beat has done each minute, by hand or from cron."""

import socket
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from reminders.sweeping import sweep


class Command(BaseCommand):
    """Sweeps once; harmless beside worker and beat."""

    help = "Roll the reminders of every course on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The one action."""
        parser.add_argument("action", choices=["sweep"])

    def handle(self, *args: Any, **options: Any) -> None:
        """Sweep and say how many courses were looked at."""
        run = sweep(now=timezone.now(), host=socket.gethostname())
        self.stdout.write(f"{run.planned} courses planned")
