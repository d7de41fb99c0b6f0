"""What may be recorded together with a companion's move, and reading it as people type it."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import DecimalField

from pathway.domain.exits import EXIT_DETAILS
from pathway.domain.isbt128 import read_din
from pathway.donation_numbers import refuse_taken
from pathway.models import Change, Companion
from terms.numbers import read_number
from terms.reading import Unreadable
from terms.refusals import Refusal
from terms.words import N_

# By machine and target state: fields of the companion's row that the move may fill.
DETAILS: dict[tuple[str, str], tuple[str, ...]] = {
    ("eligibility", "deferred"): ("review_on",),
    ("apheresis", "completed"): ("din",),
    ("apheresis", "adequate"): ("cd3_yield", "din", "waiver_reference"),
    ("apheresis", "inadequate"): ("cd3_yield", "din", "next_step", "waiver_reference"),
    ("apheresis", "aborted"): ("next_step", "waiver_reference"),
    ("product", "at_manufacturer"): ("expected_on",),
    ("product", "manufacturing"): ("expected_on",),
    ("product", "qc"): ("expected_on",),
    ("product", "released"): ("lot", "expires_on", "expected_on"),
    ("product", "stored"): ("storage_position", "deviation_number"),
    ("product", "quarantined"): ("deviation_number",),
    ("product", "thawing"): ("deviation_number",),  # back to the bedside, see below
    ("product", "failed"): ("failure_reason",),
    ("product", "rejected"): ("failure_reason",),
    ("product", "discarded"): ("failure_reason",),
    ("product", "wasted"): ("failure_reason",),
    # Before the check at receipt: what two people compared is not typed over after it.
    ("product", "shipped_to_site"): ("lot", "expires_on"),
    ("bridging", "closed"): ("last_dose_on", "response"),
    ("bridging", "stopped_early"): ("last_dose_on", "response"),
    ("bridging", "on_hold"): ("last_dose_on",),
}

# What a form asks for only on the way from one state.
_ONLY_FROM = {("product", "thawing"): "quarantined"}


def details_of(machine: str, target: str, source: str = "") -> tuple[str, ...]:
    """What may be recorded together with a move of `machine`, the journey among them.

    Said where the move comes from, only what belongs to that way.
    """
    only = _ONLY_FROM.get((machine, target), source)
    if source and source != only:
        return ()
    if machine == "journey":
        return EXIT_DETAILS.get(target, ())
    return DETAILS.get((machine, target), ())


# Days before and after the day of the move between which a date makes sense.
_RANGES = {
    "last_dose_on": (3660, 0),
    "review_on": (0, 1096),
    "expected_on": (366, 1096),
    "expires_on": (3660, 11_000),
}


def apply_details(
    companion: Companion, machine: str, target: str, details: Mapping[str, Any], *, on: date
) -> tuple[tuple[str, ...], list[Refusal]]:
    """Set the given details on `companion`; answer the fields to save and what is against them.

    `on` is the day of the move. Refused is every detail that does not belong to the move, cannot
    be read or cannot have been.
    """
    permitted = details_of(machine, target)
    given = {name: value for name, value in details.items() if value not in (None, "")}
    refusals = [
        Refusal(
            code="unknown_detail",
            message=N_("%(name)s cannot be recorded with this move."),
            params={"name": name},
            field=name,
        )
        for name in given
        if name not in permitted
    ]
    for name in set(given) & set(permitted):
        refusals += _set(companion, name, given[name]) or _refuse_date(companion, machine, name, on)
    return tuple(sorted(set(given) & set(permitted))), refusals


def _set(companion: Companion, name: str, value: Any) -> list[Refusal]:
    if name == "din":
        reading = read_din(str(value))
        companion.din = reading.din  # type: ignore[attr-defined]
        return [*reading.reasons, *refuse_taken(reading.din, companion.pk)]
    column = companion._meta.get_field(name)
    try:
        if isinstance(column, DecimalField) and isinstance(value, str):
            value = read_number(value)
        setattr(companion, name, column.clean(value, companion))  # type: ignore[union-attr]
    except (Unreadable, ValidationError) as unreadable:
        text = (
            unreadable.messages[0] if isinstance(unreadable, ValidationError) else str(unreadable)
        )
        return [Refusal(code="unreadable", message="%(text)s", params={"text": text}, field=name)]
    return []


def _refuse_date(companion: Companion, machine: str, name: str, on: date) -> list[Refusal]:
    """A date far from the move is a slip of the year; a last dose lies after the first."""
    if name not in _RANGES:
        return []
    before, after = (timedelta(days=days) for days in _RANGES[name])
    least, most = on - before, on + after
    if name == "last_dose_on":
        least = max(least, _opened_on(companion, machine, least))
    if least <= getattr(companion, name) <= most:
        return []
    return [
        Refusal(
            code="date_out_of_range",
            message=N_("This date must lie from %(least)s to %(most)s."),
            params={"least": least, "most": most},
            field=name,
        )
    ]


def _opened_on(companion: Companion, machine: str, otherwise: date) -> date:
    """The day the companion was opened: nothing of it was given before."""
    opened = Change.objects.filter(
        course_id=companion.course_id, machine=machine, subject_id=companion.pk, source=""
    ).order_by("-sequence")  # the last correction of it
    return opened.values_list("happened_on", flat=True).first() or otherwise
