"""B-cell aplasia: from the first aplastic sample to the first of two recovered ones in a row.

No cut-off is universal: the threshold is the protocol's. Counts are CD19+ cells per microlitre.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

RULE_VERSION = "b-cell-aplasia.1"
RECOVERED_SAMPLES = 2


@dataclass(frozen=True)
class Aplasia:
    """When it began and ended; `ongoing` is censored at the last sample, of day `seen_until`."""

    start: date | None
    end: date | None
    ongoing: bool
    seen_until: date | None
    rule_version: str = RULE_VERSION


def b_cell_aplasia(samples: Iterable[tuple[date, Decimal]], threshold: Decimal) -> Aplasia:
    """Below `threshold` is aplasia; a single recovered sample ends nothing.

    Of several samples of one day the lowest counts.
    """
    lowest: dict[date, Decimal] = {}
    for on, value in samples:
        lowest[on] = min(value, lowest.get(on, value))
    days = sorted(lowest)
    start = next((on for on in days if lowest[on] < threshold), None)
    if start is None:
        return Aplasia(None, None, ongoing=False, seen_until=days[-1] if days else None)
    recovered: list[date] = []
    for on in days[days.index(start) :]:
        recovered = [*recovered, on] if lowest[on] >= threshold else []
        if len(recovered) == RECOVERED_SAMPLES:
            return Aplasia(start, recovered[0], ongoing=False, seen_until=days[-1])
    return Aplasia(start, None, ongoing=True, seen_until=days[-1])
