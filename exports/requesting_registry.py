"""Asking for a file shaped for a registry: permission, purpose, audit, then its rows."""

from datetime import datetime
from itertools import chain

from django.db import transaction

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from audit.recording import record
from exports.registry.columns import RegistryFile
from exports.registry.rows import infused, registry_lines
from exports.requesting import StreamedFile
from pathway.withholding import WITHHELD
from patients.domain.delays import DATA_CONSENT
from patients.models import Consent, Course
from terms.day_numbers import local_date
from terms.refusals import Refusal, Refused
from terms.words import N_


def request_registry(
    *, file: RegistryFile, purpose: str, actor: User, now: datetime
) -> StreamedFile:
    """A file for a registry of every course that `actor` may see.

    Raises NotAllowed without EXPORT_CODED, Refused without a purpose.
    """
    with transaction.atomic():
        require(actor, Permission.EXPORT_CODED)
        if not purpose.strip():
            message = N_("Say what the file is for.")
            raise Refused([Refusal("purpose_needed", message, field="purpose")])
        record(
            actor=actor,
            now=now,
            action="export.registry",
            reason=purpose.strip(),
            after={"format": file.name} | counted(actor),
        )
    centre = actor.working_centre
    code, on = (centre.code, local_date(now, centre.zone)) if centre else ("", now.date())
    lines = registry_lines(file, actor, Course.objects.visible_to(actor), now)
    # The first rows are read now: a fault becomes an error, not half a file.
    begun = [piece for piece in (next(lines, ""), next(lines, "")) if piece]
    return StreamedFile(f"percorso-{file.name}-{code}-{on.isoformat()}.csv", chain(begun, lines))


def counted(actor: User) -> dict[str, int]:
    """How many infused courses a file holds now, how many of them without a recorded word on the
    use of the data, and how many are left out because that was withdrawn, or may have been.
    """
    there = infused(Course.objects.visible_to(actor))
    inside = there.exclude(WITHHELD)
    asked = Consent.objects.filter(kind=DATA_CONSENT).values("course")
    courses = inside.count()
    return {
        "courses": courses,
        "consent_not_recorded": inside.exclude(pk__in=asked).count(),
        "left_out": there.count() - courses,
    }
