"""Early return of B cells: only what is known for certain, above the threshold, in time."""

from datetime import date
from decimal import Decimal

import pytest

from protocol.domain.reading import Setting
from reminders.domain.b_cells import EarlyRecovery, is_early_recovery

DAY_ZERO = date(2026, 3, 31)
RULE = EarlyRecovery(
    months=Setting(6, "a test", confirmed=True),
    threshold=Setting(Decimal(10), "a test", confirmed=True),
)


@pytest.mark.parametrize(
    ("value", "on", "infused_on", "early"),
    [
        ("10.1", date(2026, 6, 1), DAY_ZERO, True),
        ("10", date(2026, 6, 1), DAY_ZERO, False),
        ("0", date(2026, 6, 1), DAY_ZERO, False),
        ("50", date(2026, 3, 31), DAY_ZERO, False),
        ("50", date(2026, 4, 1), DAY_ZERO, True),
        ("50", date(2026, 9, 29), DAY_ZERO, True),
        # Six months after 31 March: the last day of September.
        ("50", date(2026, 9, 30), DAY_ZERO, False),
        ("50", date(2026, 2, 1), DAY_ZERO, False),
        (None, date(2026, 6, 1), DAY_ZERO, False),
        ("50", None, DAY_ZERO, False),
        ("50", date(2026, 6, 1), None, False),
    ],
)
def test_only_certain_early_and_high_is_told(
    value: str | None, on: date | None, infused_on: date | None, early: bool
) -> None:
    count = Decimal(value) if value is not None else None
    assert is_early_recovery(RULE, count, on, infused_on) is early
