"""What is looked at before an item is done: a value that is low, old or missing, neurotoxicity."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from protocol.domain.reading import Setting, TableReader
from reminders.domain.facts import ANALYTES, Sample, ScheduleFacts, Spell
from reminders.domain.levels import Level


@dataclass(frozen=True)
class Care:
    """Below a line, or older than so many days, a value speaks for postponing; so may ICANS."""

    analyte: Setting[str]
    below: Setting[Decimal]
    fresh_days: Setting[int]
    icans: Setting[bool]


class Doubt(StrEnum):
    """What speaks for postponing, or for looking again."""

    NO_VALUE = "no_value"
    TOO_LOW = "too_low"
    PERHAPS_LOW = "perhaps_low"  # a limit that leaves it open, or a value nobody could read
    TOO_OLD = "too_old"
    ICANS = "icans"


@dataclass(frozen=True)
class Looked:
    """A value as it stands: its last sample, and how many days old that is."""

    analyte: str
    sample: Sample | None
    age: int = 0


def read_care(reader: TableReader) -> Care:
    """Parse `[schedule.<ITEM>.care]`."""
    return Care(
        analyte=reader.choice("analyte", ANALYTES),
        below=reader.decimal_number("below", "0", "100000"),
        fresh_days=reader.whole_number("fresh_days", 0, 365),
        icans=reader.flag("icans"),
    )


def last_value(analyte: str, facts: ScheduleFacts, today: date) -> Looked:
    """The last sample of a value up to a day."""
    known = [one for one in facts.since(analyte, date.min) if one.on <= today]
    if not known:
        return Looked(analyte, None)
    return Looked(analyte, known[-1], (today - known[-1].on).days)


def doubts(care: Care, facts: ScheduleFacts, today: date) -> tuple[Doubt, ...]:
    """All that speaks for postponing on a day; nothing only where everything is known and fine."""
    found: list[Doubt] = []
    last, limit = last_value(care.analyte.value, facts, today), care.below.value
    if last.sample is None:
        found.append(Doubt.NO_VALUE)
    else:
        if last.sample.below(limit):
            found.append(Doubt.TOO_LOW)
        elif not last.sample.at_least(limit):
            found.append(Doubt.PERHAPS_LOW)
        if last.age > care.fresh_days.value:
            found.append(Doubt.TOO_OLD)
    if care.icans.value and ongoing(facts) is not None:
        found.append(Doubt.ICANS)
    return tuple(found)


def ongoing(facts: ScheduleFacts) -> Spell | None:
    """Neurotoxicity of which nobody knows that it is over."""
    return next((one for one in facts.icans if not one.over), None)


def not_reached(levels: Iterable[Level], facts: ScheduleFacts, today: date) -> Iterator[Looked]:
    """The values by which something may end that are not known to be where they have to be."""
    for level in levels:
        last = last_value(level.analyte.value, facts, today)
        if last.sample is None or not level.fine(last.sample):
            yield last
