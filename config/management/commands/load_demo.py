"""`manage.py load_demo [--if-empty]`."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.demo_data.loading import is_empty, load


class Command(BaseCommand):
    """Loads the demo; only into an empty database, never in production."""

    help = "Load the four published cases and today's ward into an empty database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One switch."""
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing when there is data already"
        )

    def handle(self, *args: Any, if_empty: bool, **options: Any) -> None:
        """Load, or say why not."""
        if not settings.DEMO:
            raise CommandError(
                "This is a production site (DEMO is off): the demo's logins have a public password."
            )
        if not is_empty():
            if if_empty:
                self.stdout.write("There is data already: nothing loaded.")
                return
            raise CommandError("There is data already: the demo loads into an empty database only.")
        load(timezone.now())
        self.stdout.write("Loaded the four published cases and today's ward.")
