"""What a recorded value may be and when it is in range: numbers, choices, yes or no, text.

Eligibility items and gate checks share it, so that both judge a value in the same way.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from patients.domain.ranges import read_factors
from protocol.domain.reading import SMALL_CODE, Setting, TableReader
from terms.numbers import read_number
from terms.quantities import Analyte, Span, to_canonical, within
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
    quantity: Analyte | None = None  # of a number: what is possible, what is unusual, its units
    spans: tuple[Setting[Span], ...] = ()  # where those come from

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


def canonical(measure: Measure, typed: str, unit: str = "") -> str:
    """The value as it is kept, a number in the unit of its measure.

    Raises Unreadable for what is blank, of another kind or not possible, and for a number without
    its `unit` where it could be in several.
    """
    written = typed.strip()
    if not written:
        raise Unreadable("blank", N_("Nothing is written here."))
    if measure.kind == "number":
        return _number(measure, read_number(written), unit.strip())
    if measure.kind == "text":
        return _line(written)
    if written not in (measure.choices if measure.kind == "choice" else (YES, NO)):
        raise Unreadable("unknown_choice", N_("Choose one of the answers."))
    return written


def units_of(measure: Measure) -> tuple[str, ...]:
    """The units to choose from; none where a value can be in one only."""
    found = measure.quantity.accepted_units if measure.quantity else ()
    return found if len(found) > 1 else ()


def is_unusual(measure: Measure, value: str) -> bool:
    """Whether a kept value asks to be confirmed before it counts."""
    quantity = measure.quantity
    return quantity is not None and not within(quantity.soft, Decimal(value))


def _number(measure: Measure, number: Decimal, unit: str) -> str:
    if measure.quantity is None:
        return str(number)
    if not unit and units_of(measure):
        raise Unreadable("unit_missing", N_("Say in which unit this is."))
    value, _unit = to_canonical(measure.quantity, number, unit or measure.unit)
    return f"{value:f}"


def _as_kept(measure: Measure, value: str) -> str:
    """A kept value; a number may have places that nobody would type."""
    if measure.kind != "number":
        return canonical(measure, value)
    try:
        return _number(measure, Decimal(value), measure.unit)
    except InvalidOperation:
        raise Unreadable("not_a_number", N_("This is not a number.")) from None


def judge(measure: Measure, value: str) -> Verdict:
    """Compare a kept value with the thresholds. What cannot be read is never in range."""
    try:
        kept = _as_kept(measure, value)
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
        return _read_number(reader, note)
    if kind == "choice":
        return Measure(kind, choices=_choices(reader.child("choices")), note=note)
    if kind == "yes_no" and "wanted" in reader:
        return Measure(kind, wanted=reader.choice("wanted", (YES, NO)), note=note)
    return Measure(kind, note=note)


def _read_number(reader: TableReader, note: Setting[str]) -> Measure:
    """A number: outside `hard` it or its unit is mistyped, outside `soft` it is confirmed."""
    unit = reader.text("unit", 20)
    hard, soft = (reader.decimal_range(key, "0", _LARGEST) for key in ("hard", "soft"))
    (least, most), (low, high) = hard.value, soft.value
    if not least <= low <= high <= most:
        reader.problem("soft", N_("must lie inside the hard range"))
    quantity = Analyte(
        code=unit,
        label=Bilingual(unit, unit),
        group="",
        unit=unit,
        factors=read_factors(reader, unit),
        shown_in=unit,
        decimals=0,
        hard=hard.value,
        soft=soft.value,
    )
    return Measure(
        kind=note.value,
        unit=unit,
        quantity=quantity,
        spans=(hard, soft),
        bounds=read_bounds(reader),
        note=note,
    )


def read_bounds(reader: TableReader) -> dict[str, Setting[Decimal]]:
    """Parse those of `at_least`, `above`, `at_most` and `below` that are there."""
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
