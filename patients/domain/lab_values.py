"""What a laboratory value says: where it lies, whether it is unusual, what may be told from it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from terms.numbers import Measured
from terms.quantities import Analyte, Span, to_canonical, unit_text, within
from terms.reading import Unreadable
from terms.words import N_

POSITIVE, NEGATIVE = "positive", "negative"
LOW, HIGH = "low", "high"


@dataclass(frozen=True)
class Reading:
    """One value of an analyte as it is kept: a number, a limit of one, an answer, or both.

    `comparator` is `<` for a value below detection and `>` for one above what was counted: then
    `value` is that limit, not a measurement. `answer` is positive, negative or empty.
    """

    value: Decimal | None
    unit: str = ""
    comparator: str = ""
    answer: str = ""
    on: date | None = None
    typed: str = ""

    def below(self, limit: Decimal) -> bool | None:
        """Whether the value lies below `limit`, in its own unit; None when that cannot be told."""
        if self.value is None:
            return None
        if self.comparator == "<":
            return True if self.value <= limit else None
        if self.comparator == ">":
            return False if self.value >= limit else None
        return self.value < limit

    def above(self, limit: Decimal) -> bool | None:
        """Whether the value lies above `limit`, in its own unit; None when that cannot be told."""
        if self.value is None:
            return None
        if self.comparator == "<":
            return False if self.value <= limit else None
        if self.comparator == ">":
            return True if self.value >= limit else None
        return self.value > limit


def read_value(analyte: Analyte, measured: Measured, unit: str) -> tuple[Reading, bool]:
    """A typed value as it is kept, and whether it is unusual.

    Raises `Unreadable` for a unit that is not accepted and for what is not possible, also for a
    limit that leaves nothing possible beyond it.
    """
    value, kept_unit = to_canonical(analyte, measured.value, unit)
    low, high = analyte.hard
    empty = {"<": value <= low, ">": value >= high}.get(measured.comparator, False)
    if empty:
        raise Unreadable(
            "impossible",
            N_("%(value)s %(unit)s leaves nothing possible: check the number and the unit."),
            {"value": str(measured), "unit": unit_text(unit)},
        )
    reading = Reading(value, kept_unit, measured.comparator)
    return reading, side_of(analyte.soft, reading) != ""


def mark_of(analyte: Analyte | None, reading: Reading) -> str:
    """`low` or `high` beside the usual range, `positive` where something was found, else empty.

    Empty never means normal: there may be no usual range, or a limit that tells nothing.
    """
    if reading.answer == POSITIVE:
        return POSITIVE
    if analyte is None or analyte.usual is None or reading.unit != analyte.unit:
        return ""
    return side_of(analyte.usual, reading)


def side_of(span: Span, reading: Reading) -> str:
    """On which side of `span` the reading certainly lies; empty inside it and when not certain."""
    low, high = span
    if reading.value is None or (not reading.comparator and within(span, reading.value)):
        return ""
    if reading.below(low):
        return LOW
    return HIGH if reading.above(high) else ""
