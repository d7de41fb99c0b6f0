"""Early return of B cells after the infusion: the protocol's numbers and the rule."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from protocol.domain.loading import SectionParser
from protocol.domain.reading import Setting, TableReader
from terms.day_numbers import add_months

# The laboratory value that tells of B cells; its canonical unit is the threshold's.
ANALYTE = "CD19"


@dataclass(frozen=True)
class EarlyRecovery:
    """B cells above `threshold` (10⁶/L) less than `months` after day 0 are told about."""

    months: Setting[int]
    threshold: Setting[Decimal]


@dataclass(frozen=True)
class NoticeRules:
    """What of a chart raises a notice by itself."""

    b_cell_recovery: EarlyRecovery


def read_notices(reader: TableReader) -> NoticeRules:
    """Parse `[notices.b_cell_recovery]`."""
    row = reader.child("b_cell_recovery")
    return NoticeRules(
        EarlyRecovery(
            months=row.whole_number("months", 1, 60),
            threshold=row.decimal_number("threshold", "0", "1000"),
        )
    )


def is_early_recovery(
    rule: EarlyRecovery, value: Decimal | None, on: date | None, infused_on: date | None
) -> bool:
    """Whether a B-cell count is a return before its time.

    What is not known never is one: a value that nobody could read, a day known only to the month,
    no day 0.
    """
    if value is None or on is None or infused_on is None:
        return False
    end = add_months(infused_on, rule.months.value)
    return infused_on < on < end and value > rule.threshold.value


SECTIONS: Mapping[str, SectionParser] = {"notices": read_notices}
