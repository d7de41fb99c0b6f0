"""What a recorded value may be and when it is in range: numbers, choices, yes or no, text.

Eligibility items and gate checks share it, so that both judge a value in the same way.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from protocol.domain.reading import SMALL_CODE, Setting, TableReader
from terms.numbers import read_number
from terms.reading import Unreadable
from terms.words import N_, Bilingual

LONGEST_TEXT = 120
KINDS = ("number", "choice", "yes_no", "text")
YES, NO = "yes", "no"
_BOUNDS = ("at_least", "above", "at_most", "below")
_LARGEST = "1000000"


class Verdict(StrEnum):
    """What the comparison of a value with its thresholds says."""

    IN_RANGE = "in_range"
    OUT_OF_RANGE = "out_of_range"
    UNREADABLE = "unreadable"  # missing, or nothing that can be compared


@dataclass(frozen=True)
class Choice:
    """One answer to choose, and whether it is in range."""

    label: Bilingual
    accepted: Setting[bool]


@dataclass(frozen=True)
class Measure:
    """A kind of value with its thresholds; without any, every readable value is in range."""

    kind: str
    unit: str = ""
    bounds: Mapping[str, Setting[Decimal]] = field(default_factory=dict)  # of _BOUNDS
    choices: Mapping[str, Choice] = field(default_factory=dict)
    wanted: Setting[str] | None = None  # the answer to a yes-no question that is in range
    note: Setting[str] | None = None  # where the kind of value comes from

    @property
    def compared(self) -> bool:
        """Whether a value is weighed at all, and not only kept."""
        weighed = any(not choice.accepted.value for choice in self.choices.values())
        return bool(self.bounds) or weighed or self.wanted is not None

    @property
    def sources(self) -> tuple[Setting[Any], ...]:
        """Where the thresholds come from; for a value only kept, where that comes from."""
        found: list[Setting[Any]] = [*self.bounds.values()]
        found += [choice.accepted for choice in self.choices.values()]
        found += [setting for setting in (self.wanted,) if setting is not None]
        return tuple(found) or tuple(one for one in (self.note,) if one is not None)


def canonical(measure: Measure, typed: str) -> str:
    """The value as it is kept. Raises Unreadable for what is blank or of another kind."""
    written = typed.strip()
    if not written:
        raise Unreadable("blank", N_("Nothing is written here."))
    if measure.kind == "number":
        return str(read_number(written))
    if measure.kind == "text":
        return _line(written)
    if written not in (measure.choices if measure.kind == "choice" else (YES, NO)):
        raise Unreadable("unknown_choice", N_("Choose one of the answers."))
    return written


def judge(measure: Measure, value: str) -> Verdict:
    """Compare a kept value with the thresholds. What cannot be read is never in range."""
    try:
        kept = canonical(measure, value)
    except Unreadable:
        return Verdict.UNREADABLE
    if measure.kind == "number":
        inside = all(_within(name, Decimal(kept), b.value) for name, b in measure.bounds.items())
    elif measure.kind == "choice":
        inside = measure.choices[kept].accepted.value
    else:
        inside = measure.wanted is None or measure.wanted.value == kept
    return Verdict.IN_RANGE if inside else Verdict.OUT_OF_RANGE


def _line(written: str) -> str:
    if len(written) > LONGEST_TEXT:
        raise Unreadable("too_long", N_("This is too long."))
    if not written.isprintable():
        raise Unreadable("not_printable", N_("Write one line of plain text."))
    return written


def _within(name: str, number: Decimal, bound: Decimal) -> bool:
    return {
        "at_least": number >= bound,
        "above": number > bound,
        "at_most": number <= bound,
        "below": number < bound,
    }[name]


def read_measure(reader: TableReader) -> Measure:
    """Parse `kind` and what belongs to it: `unit` and bounds, `choices`, or `wanted`."""
    note = reader.choice("kind", KINDS)
    kind = note.value
    if kind == "number":
        return Measure(kind, unit=reader.text("unit", 20), bounds=_bounds(reader), note=note)
    if kind == "choice":
        return Measure(kind, choices=_choices(reader.child("choices")), note=note)
    if kind == "yes_no" and "wanted" in reader:
        return Measure(kind, wanted=reader.choice("wanted", (YES, NO)), note=note)
    return Measure(kind, note=note)


def _bounds(reader: TableReader) -> dict[str, Setting[Decimal]]:
    bounds = {
        name: reader.decimal_number(name, "0", _LARGEST) for name in _BOUNDS if name in reader
    }
    low = [bounds[name].value for name in ("at_least", "above") if name in bounds]
    high = [bounds[name].value for name in ("at_most", "below") if name in bounds]
    if low and high and max(low) > min(high):
        reader.problem("", N_("leaves no value between its bounds"))
    return bounds


def _choices(reader: TableReader) -> dict[str, Choice]:
    choices = {
        code: Choice(row.bilingual("label"), row.flag("accepted"))
        for code, row in reader.children(SMALL_CODE)
    }
    if not choices:
        reader.problem("", N_("must not be empty"))
    return choices
