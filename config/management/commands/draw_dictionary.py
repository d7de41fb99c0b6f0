"""`manage.py draw_dictionary [--check]`: docs/data-dictionary.md from the columns of the files."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from exports.dictionary.page import page


class Command(BaseCommand):
    """Writes docs/data-dictionary.md, or tells whether it is stale."""

    help = "Write docs/data-dictionary.md from the columns of the files."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`--check` writes nothing."""
        parser.add_argument("--check", action="store_true", help="exit 1 when the page is stale")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        """Write the page or compare it."""
        target = settings.BASE_DIR / "docs" / "data-dictionary.md"
        drawn = page()
        if not check:
            target.write_text(drawn, encoding="utf-8")
        elif not target.exists() or target.read_text(encoding="utf-8") != drawn:
            raise CommandError("docs/data-dictionary.md is stale: run make docs.", returncode=1)
