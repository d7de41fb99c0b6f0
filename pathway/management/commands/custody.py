"""Verifies the chains of custody."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.wording import in_words
from pathway.custody_selectors import chain_of
from pathway.models import Product


class Command(BaseCommand):
    """`manage.py custody verify [--course ID]`."""

    help = "Recomputes every hash of the chains of custody; says where one does not hold."

    def add_arguments(self, parser: CommandParser) -> None:
        """What to do, and of which course."""
        parser.add_argument("deed", choices=["verify"])
        parser.add_argument("--course", type=int, help="only the products of this course")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many chains hold. Raises CommandError when one does not."""
        products = Product.objects.order_by("pk")
        if options["course"] is not None:
            products = products.filter(course_id=options["course"])
        faults, number = [], 0
        for product in products.iterator():
            number += 1
            where = f"course {product.course_id}, product {product.pk}"
            faults += [f"{where}: {in_words(fault)}" for fault in chain_of(product).faults]
        if faults:
            raise CommandError("\n".join(faults))
        self.stdout.write(f"{number} chains hold")
