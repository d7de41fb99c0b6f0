"""What stands against a value as it was typed: unreadable, not possible, not confirmed."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from pathway.domain.measures import Measure, canonical, is_unusual
from terms.reading import Unreadable
from terms.refusals import Refusal
from terms.words import N_


class Typed(Protocol):
    """A note with a value as somebody typed it."""

    @property
    def value(self) -> str: ...

    @property
    def unit(self) -> str: ...

    @property
    def confirmed(self) -> bool: ...


def typed_numbers(notes: Iterable[tuple[str, Typed]]) -> Mapping[str, str]:
    """By code what was typed in a chosen unit or confirmed as unusual, for the audit trail."""
    return {
        code: f"{note.value} {note.unit}".strip() + (" (confirmed)" if note.confirmed else "")
        for code, note in notes
        if note.unit or note.confirmed
    }


def against_value(
    measure: Measure, typed: str, unit: str, *, confirmed: bool, field: str
) -> list[Refusal]:
    """Everything against keeping `typed` in `unit` as a value of `measure`."""
    try:
        kept = canonical(measure, typed, unit)
    except Unreadable as unreadable:
        return [unreadable.refusal(field)]
    if measure.kind != "number" or confirmed or not is_unusual(measure, kept):
        return []
    return [
        Refusal(
            code="unusual",
            message=N_("%(value)s %(unit)s is unusual: look at it and at its unit, then confirm."),
            params={"value": typed.strip(), "unit": unit or measure.unit},
            field=field,
        )
    ]
