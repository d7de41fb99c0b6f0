"""Asking for a file shaped for a registry: permission, audit, then its rows."""

from datetime import datetime
from itertools import chain

from django.db import transaction

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from audit.recording import record
from exports.registry.columns import RegistryFile
from exports.registry.rows import registry_lines
from exports.requesting import StreamedFile
from patients.models import Course
from terms.day_numbers import local_date


def request_registry(*, file: RegistryFile, actor: User, now: datetime) -> StreamedFile:
    """A file for a registry of every course that `actor` may see.

    Raises NotAllowed without EXPORT_CODED.
    """
    with transaction.atomic():
        require(actor, Permission.EXPORT_CODED)
        record(actor=actor, now=now, action="export.registry", after={"format": file.name})
    centre = actor.working_centre
    code, on = (centre.code, local_date(now, centre.zone)) if centre else ("", now.date())
    lines = registry_lines(file, actor, Course.objects.visible_to(actor), now)
    # The first rows are read now: a fault becomes an error, not half a file.
    begun = [piece for piece in (next(lines, ""), next(lines, "")) if piece]
    return StreamedFile(f"percorso-{file.name}-{code}-{on.isoformat()}.csv", chain(begun, lines))
