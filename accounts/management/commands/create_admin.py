"""Opens the first centre of a production site with its administrator."""

import getpass
import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.managing import NewUser
from accounts.opening import open_centre
from accounts.wording import in_words
from terms.refusals import Refused
from terms.roles import Role


class Command(BaseCommand):
    """`manage.py create_admin`; the password is never an argument, where others could read it."""

    help = (
        "Opens a centre and makes its administrator. The password comes from "
        "INITIAL_ADMIN_PASSWORD or INITIAL_ADMIN_PASSWORD_FILE, else it is asked for."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the centre and the administrator."""
        parser.add_argument("--centre-code", required=True, help="short code, such as BO")
        parser.add_argument("--centre-name", required=True)
        parser.add_argument("--time-zone", default="Europe/Rome")
        parser.add_argument("--username", required=True)
        parser.add_argument("--given-name", required=True)
        parser.add_argument("--family-name", required=True)
        parser.add_argument("--email", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        """Open the centre, or print every reason why not."""
        administrator = NewUser(
            username=options["username"],
            given_name=options["given_name"],
            family_name=options["family_name"],
            password=_password(),
            roles=(Role.CENTRE_ADMIN,),
            email=options["email"],
        )
        try:
            open_centre(
                code=options["centre_code"],
                name=options["centre_name"],
                time_zone=options["time_zone"],
                administrator=administrator,
                now=timezone.now(),
            )
        except Refused as refused:
            reasons = [f"{each.field or each.code}: {in_words(each)}" for each in refused.refusals]
            raise CommandError("\n".join(reasons)) from refused
        self.stdout.write(f"Centre {options['centre_code']} opened; sign in to make the others.")


def _password() -> str:
    file = os.environ.get("INITIAL_ADMIN_PASSWORD_FILE")
    if file:
        return Path(file).read_text().strip()
    return os.environ.get("INITIAL_ADMIN_PASSWORD") or getpass.getpass("Password: ")
