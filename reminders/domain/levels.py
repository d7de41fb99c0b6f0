"""Lengths of time and lines of values, as a schedule's rules are written."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from protocol.domain.reading import Setting
from reminders.domain.facts import Sample


class SpanUnit(StrEnum):
    """What a span is counted in; months are calendar months, clamped to the month's end."""

    DAYS = "days"
    MONTHS = "months"


@dataclass(frozen=True)
class Span:
    """A length of time such as 28 days or 3 months; negative lies before the anchor."""

    count: int
    unit: SpanUnit


@dataclass(frozen=True)
class Phase:
    """A stretch of a repeated item: one every `every`, counted from the anchor, up to `until`."""

    every: Setting[Span]
    until: Setting[Span]


@dataclass(frozen=True)
class Level:
    """So many samples in a row above a line, below it, or negative, in the value's canonical unit.

    Those that count lie `apart` from each other: a count a day in hospital is one state, not three.
    """

    analyte: Setting[str]
    above: Setting[Decimal] | None
    samples: Setting[int]
    below: Setting[Decimal] | None = None
    apart: Setting[Span] | None = None
    negative: Setting[bool] | None = None

    def fine(self, sample: Sample) -> bool:
        """Whether a sample is certainly on the right side of the line, or of both."""
        if self.negative is not None and sample.negative is not self.negative.value:
            return False
        return (self.above is None or sample.above(self.above.value)) and (
            self.below is None or sample.below(self.below.value)
        )
