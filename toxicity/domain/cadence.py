"""When the next bedside check is due: by the protocol's cadence, closer together after a grade.

A check that gave no grade counts for nothing: what was due stays due. Hours are hours that pass,
whatever the clocks do.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum
from zoneinfo import ZoneInfo

from terms.day_numbers import local_date
from toxicity.domain.rules import Cadence

_EVER = datetime.min.replace(tzinfo=UTC)


class Urgency(IntEnum):
    """How a check stands against the clock, the most urgent first."""

    OVERDUE = 0
    DUE_NOW = 1
    LATER = 2
    NOT_YET = 3  # before the infusion nothing is counted


@dataclass(frozen=True)
class Last:
    """The last grade that is known of one scale."""

    at: datetime
    grade: int


@dataclass(frozen=True)
class Due:
    """When a check is due; `at` None where none was ever made, or nothing is counted yet."""

    urgency: Urgency
    at: datetime | None = None
    never: bool = False

    @property
    def current(self) -> bool:
        """Whether the last grade may still be read as the one of now."""
        return not self.never and self.urgency is not Urgency.OVERDUE


def next_at(
    rules: Cadence, last: Last, *, infused_on: date, zone: ZoneInfo, tight: bool
) -> datetime:
    """When the check after `last` is due; `tight`: after any grade, or while an episode is open."""
    day = (local_date(last.at, zone) - infused_on).days
    hours = rules.hours.value if day <= rules.until_day.value else rules.later_hours.value
    if tight:
        hours = min(hours, rules.graded_hours.value)
    return last.at.astimezone(UTC) + timedelta(hours=hours)


def next_due(
    rules: Cadence,
    last: Last | None,
    *,
    infused_on: date | None,
    zone: ZoneInfo,
    now: datetime,
    tight: bool = False,
) -> Due:
    """When the next check of one scale is due, and how urgent that is at `now`.

    `last` counts from the infusion day on; without any the check is due at once.
    """
    if infused_on is None:
        return Due(Urgency.NOT_YET, never=last is None)
    if last is None or local_date(last.at, zone) < infused_on:
        fresh = local_date(now, zone) <= infused_on
        return Due(Urgency.DUE_NOW if fresh else Urgency.OVERDUE, never=True)
    at = next_at(rules, last, infused_on=infused_on, zone=zone, tight=tight or last.grade > 0)
    if at < now:
        return Due(Urgency.OVERDUE, at)
    soon = at - now <= timedelta(minutes=rules.due_now_minutes.value)
    return Due(Urgency.DUE_NOW if soon else Urgency.LATER, at)


def soonest(dues: Iterable[Due]) -> Due:
    """The one to act on first: never made before late, late before due, and then by its time."""
    return min(
        dues,
        key=lambda due: (due.urgency, not due.never, due.at or datetime.min.replace(tzinfo=UTC)),
    )
