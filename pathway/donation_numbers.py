"""One donation number belongs to one collection of one patient, in the whole database."""

from collections.abc import Sequence
from dataclasses import replace

from django.db import connection
from django.db.models import QuerySet

from pathway.domain.isbt128 import read_din
from pathway.models import ApheresisAttempt
from terms.refusals import Refusal
from terms.words import N_

_TAKEN = N_("This donation number belongs to another collection: read the label again.")
# Two people who enter the same number at once wait for each other until the first has committed.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('donation-number:' || %s, 0))"


def refuse_taken(din: str, attempt: int | None, *, field: str = "din") -> list[Refusal]:
    """What stands against `din` for the collection `attempt`, None for one that is not kept yet.

    Call inside the transaction that keeps it. Nothing is said of where else it is. Patients and
    courses entered in error hold no number.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [din])
    others = _collections(din).exclude(pk=attempt or 0)
    return [Refusal("din_taken", _TAKEN, field=field)] if din and others.exists() else []


def refuse_numbers(written: Sequence[str]) -> list[Refusal]:
    """What stands against the numbers of a course's past collections, in their order."""
    refusals, seen = [], set[str]()
    for place, text in enumerate(written, start=1):
        field, reading = f"apheresis_{place}_din", read_din(text)
        if not text.strip():
            continue
        if not reading.valid:
            refusals += [replace(reason, field=field) for reason in reading.reasons]
        elif reading.din in seen:
            refusals.append(Refusal("din_taken", _TAKEN, field=field))
        else:
            refusals += refuse_taken(reading.din, None, field=field)
        seen.add(reading.din)
    return refusals


def refuse_shared(din: str) -> list[Refusal]:
    """What stands against a check: after an error was undone, two collections have one number."""
    if not din or _collections(din).count() < len(("one", "another")):
        return []
    message = N_("This donation number is recorded for two collections: correct the wrong one.")
    return [Refusal("din_shared", message)]


def _collections(din: str) -> QuerySet[ApheresisAttempt]:
    return ApheresisAttempt.objects.filter(
        din=din, course__error_cause="", course__patient__error_cause=""
    )
