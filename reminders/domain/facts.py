"""What of a chart the schedule looks at: conditions that hold or not, and values over time."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

# The laboratory values that a schedule may look at, by the codes of `[ranges]`.
ANALYTES = (
    "ANC", "BCR_ABL", "CD19", "CD4", "CMV", "CRP", "EBV", "FERRITIN", "HB", "HBV_CORE", "HBV_DNA",
    "HBV_SURFACE", "HHV6", "IGG", "PLT",
)  # fmt: skip
# What an item may depend on. Each is yes, no or not known.
PH_POSITIVE, EXTRAMEDULLARY, HBV_EXPOSED = "ph_positive", "extramedullary", "hbv_exposed"
CONDITIONS = (PH_POSITIVE, EXTRAMEDULLARY, HBV_EXPOSED)


@dataclass(frozen=True)
class Sample:
    """One value in its canonical unit; None where nobody could read a number.

    A `comparator` says that the number is a limit: `<` of what is less, `>` of what is more.
    `negative` says that a test answered in words: nothing was found.
    """

    on: date
    value: Decimal | None
    comparator: str = ""
    negative: bool = False

    def above(self, limit: Decimal) -> bool:
        """Whether it is certainly more than `limit`."""
        if self.value is None or self.comparator == "<":
            return False
        return self.value >= limit if self.comparator == ">" else self.value > limit

    def at_least(self, limit: Decimal) -> bool:
        """Whether it is certainly not less than `limit`."""
        return self.value is not None and self.comparator != "<" and self.value >= limit

    def below(self, limit: Decimal) -> bool:
        """Whether it is certainly less than `limit`."""
        if self.value is None or self.comparator == ">":
            return False
        return self.value <= limit if self.comparator == "<" else self.value < limit


@dataclass(frozen=True)
class Spell:
    """Neurotoxicity from its first day with signs to its last one; `over` once that is known."""

    onset: date
    last: date
    over: bool


@dataclass(frozen=True)
class ScheduleFacts:
    """Conditions by their codes, None or missing where not known; samples by analyte.

    `anchors` are the days of the course's other anchors by kind, in the order of occurrences.
    `stays` are days in hospital, from the first to the one of the discharge, which is not in it;
    one that goes on reaches only a few days ahead, lest a discharge that nobody typed hide all that
    comes later.
    """

    conditions: Mapping[str, bool | None] = field(default_factory=dict)
    series: Mapping[str, Sequence[Sample]] = field(default_factory=dict)
    anchors: Mapping[str, Sequence[date]] = field(default_factory=dict)
    stays: Sequence[tuple[date, date]] = ()
    icans: Sequence[Spell] = ()

    def in_hospital(self, on: date) -> bool:
        """Whether the patient is known to lie in hospital on a day."""
        return any(began <= on < ended for began, ended in self.stays)

    def first(self, kind: str) -> date | None:
        """The earliest day of a kind of anchor; None where there is none."""
        return min(self.anchors.get(kind, ()), default=None)

    def next_after(self, kind: str, on: date) -> date | None:
        """The first day of a kind of anchor after `on`; None where there is none."""
        return min((one for one in self.anchors.get(kind, ()) if one > on), default=None)

    def since(self, analyte: str, on: date) -> tuple[Sample, ...]:
        """The samples of `analyte` from the day `on`, one a day, in the order of time."""
        return daily(one for one in self.series.get(analyte, ()) if one.on >= on)


def daily(samples: Iterable[Sample]) -> tuple[Sample, ...]:
    """One sample a day, the last that was given of that day: two of a day do not confirm a rise."""
    return tuple({one.on: one for one in sorted(samples, key=lambda one: one.on)}.values())


def recoveries(
    samples: Sequence[Sample],
    fine: Callable[[Sample], bool],
    count: int,
    again: Callable[[date], date],
) -> tuple[tuple[date, date | None], ...]:
    """Each stretch from the day on which `count` samples in a row were `fine` to the next not fine.

    After one that counts the next may count from the day `again` says. The last stretch ends with
    None while it goes on. A value nobody could read ends it too: what is not known never ends
    anything else. `samples` come one a day, in the order of time.
    """
    found: list[tuple[date, date | None]] = []
    row: list[date] = []
    for sample in samples:
        if not fine(sample):
            if len(row) == count:
                found.append((row[-1], sample.on))
            row = []
        elif len(row) < count and (not row or sample.on >= again(row[-1])):
            row.append(sample.on)
    return (*found, (row[-1], None)) if row and len(row) == count else tuple(found)


def in_both(
    some: Iterable[tuple[date, date | None]], others: Iterable[tuple[date, date | None]]
) -> tuple[tuple[date, date | None], ...]:
    """The stretches that lie in one of `some` and in one of `others`, in the order of time."""
    found = []
    others = tuple(others)
    for began, ended in some:
        for other, over in others:
            start, end = max(began, other), min(ended or date.max, over or date.max)
            if start < end:
                found.append((start, None if end == date.max else end))
    return tuple(sorted(found, key=lambda one: one[0]))


def runs_below(
    samples: Sequence[Sample], limit: Decimal, over: Decimal, count: int
) -> tuple[tuple[date, date | None], ...]:
    """Each run from the first sample below `limit` to the `count`-th in a row above `over`.

    The last one ends with None while it goes on.
    """
    runs: list[tuple[date, date | None]] = []
    began: date | None = None
    row = 0
    for sample in samples:
        if began is None:
            began = sample.on if sample.below(limit) else None
            row = 0
            continue
        row = row + 1 if sample.above(over) else 0
        if row >= count:
            runs.append((began, sample.on))
            began = None
    return (*runs, (began, None)) if began is not None else tuple(runs)
