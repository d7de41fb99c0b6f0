"""`manage.py draw_pathway [--check]`: docs/pathway.md from the tables of moves."""

import inspect
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from pathway import effects
from pathway.domain import (
    bridging_guards,
    collection_guards,
    dose_guards,
    guards,
    identity_guards,
    loss_guards,
    product_guards,
    release_guards,
    review_guards,
    thaw_guards,
)
from pathway.domain.drawing import Following, page, sentence
from patients import consequences
from patients.consequences import Event


class Command(BaseCommand):
    """Writes docs/pathway.md, or tells whether it is stale."""

    help = "Write docs/pathway.md from the tables of moves."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`--check` writes nothing."""
        parser.add_argument("--check", action="store_true", help="exit 1 when the page is stale")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        """Write the page or compare it."""
        target = settings.BASE_DIR / "docs" / "pathway.md"
        modules = (
            guards,
            bridging_guards,
            collection_guards,
            dose_guards,
            product_guards,
            release_guards,
            identity_guards,
            loss_guards,
            review_guards,
            thaw_guards,
        )
        rules = "\n".join(inspect.getsource(module) for module in modules)
        drawn = page(rules, _effects(), _consequences())
        if not check:
            target.write_text(drawn, encoding="utf-8")
        elif not target.exists() or target.read_text(encoding="utf-8") != drawn:
            raise CommandError("docs/pathway.md is stale: run make docs.", returncode=1)


def _effects() -> list[Following]:
    found = [
        Following(f"{machine} → {target}", (sentence(effect),))
        for (machine, target), effect in effects.EFFECTS.items()
    ]
    return found + [
        Following(
            f"product → {target}",
            (f"During lymphodepletion a hold on the infusion opens, with the reason `{reason}`",),
        )
        for target, reason in effects.PRODUCT_HOLDS.items()
    ]


def _consequences() -> list[Following]:
    wired = consequences.wired()
    return [
        Following(
            event.value,
            tuple(
                f"{sentence(step)} (`{step.__module__}.{step.__name__}`)"
                for step in wired.get(event, ())
            ),
        )
        for event in Event
    ]
