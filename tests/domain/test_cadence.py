"""When the next check is due: by the protocol, closer after a grade, hours as they pass."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.domain.shipped import shipped
from toxicity.domain.cadence import Due, Last, Urgency, next_due, soonest
from toxicity.domain.rules import ToxicityRules

RULES = ToxicityRules.of(shipped()).cadence  # 8 h, 4 h after a grade, 24 h after day 14
ROME = ZoneInfo("Europe/Rome")
ZERO = date(2026, 10, 20)


def local(day: int, hour: int, minute: int = 0) -> datetime:
    on = ZERO + timedelta(days=day)
    return datetime(on.year, on.month, on.day, hour, minute, tzinfo=ROME)


def due(last: Last | None, now: datetime, *, tight: bool = False, infused: bool = True) -> Due:
    return next_due(
        RULES, last, infused_on=ZERO if infused else None, zone=ROME, now=now, tight=tight
    )


@pytest.mark.parametrize(
    ("last", "grade", "tight", "expected"),
    [
        (local(1, 6), 0, False, local(1, 14)),
        (local(1, 6), 1, False, local(1, 10)),
        (local(1, 6), 0, True, local(1, 10)),
        (local(14, 23), 0, False, local(15, 7)),  # the last day of the closer checks
        (local(15, 0), 0, False, local(16, 0)),
        (local(15, 0), 2, False, local(15, 4)),
        # the night of 25 October has 25 hours: eight pass by 05:00 of the new time
        (local(4, 22), 0, False, datetime(2026, 10, 25, 5, tzinfo=ROME)),
        (local(4, 23), 1, False, datetime(2026, 10, 25, 2, fold=1, tzinfo=ROME)),
    ],
)
def test_when_the_next_check_is_due(
    last: datetime, grade: int, tight: bool, expected: datetime
) -> None:
    found = due(Last(last, grade), last + timedelta(minutes=1), tight=tight)
    assert found.at == expected.astimezone(UTC)


def test_hours_pass_where_the_clock_jumps_ahead() -> None:
    on = date(2026, 3, 27)
    last = Last(datetime(2026, 3, 28, 22, tzinfo=ROME), 0)
    found = next_due(RULES, last, infused_on=on, zone=ROME, now=last.at)
    assert found.at == datetime(2026, 3, 29, 7, tzinfo=ROME).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "urgency", "current"),
    [
        (local(1, 12, 59), Urgency.LATER, True),
        (local(1, 13), Urgency.DUE_NOW, True),
        (local(1, 14), Urgency.DUE_NOW, True),
        (local(1, 14, 1), Urgency.OVERDUE, False),
    ],
)
def test_a_late_check_makes_the_last_grade_one_of_the_past(
    now: datetime, urgency: Urgency, current: bool
) -> None:
    found = due(Last(local(1, 6), 0), now)
    assert (found.urgency, found.current) == (urgency, current)


def test_never_checked_is_due_at_once_and_never_current() -> None:
    assert due(None, local(0, 9)) == Due(Urgency.DUE_NOW, never=True)
    assert due(None, local(1, 0)) == Due(Urgency.OVERDUE, never=True)
    # what was seen before the infusion says nothing of the days after it
    assert due(Last(local(-1, 20), 0), local(1, 0)) == Due(Urgency.OVERDUE, never=True)
    assert not due(None, local(0, 9)).current


def test_before_the_infusion_nothing_is_counted() -> None:
    assert due(None, local(0, 9), infused=False) == Due(Urgency.NOT_YET, never=True)
    assert due(Last(local(0, 8), 0), local(0, 9), infused=False) == Due(Urgency.NOT_YET)


def test_of_two_scales_the_more_urgent_counts() -> None:
    late, later = Due(Urgency.OVERDUE, local(1, 6)), Due(Urgency.OVERDUE, local(1, 9))
    never, soon = Due(Urgency.OVERDUE, never=True), Due(Urgency.DUE_NOW, local(1, 5))
    assert soonest([later, soon, late]) == late
    assert soonest([late, never]) == never
    assert soonest([soon, later]) == later
