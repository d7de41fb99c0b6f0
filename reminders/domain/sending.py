"""When a reminder is sent and to which role besides, as the protocol says; how long to wait."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from protocol.domain.loading import SectionParser
from protocol.domain.reading import Setting, TableReader
from reminders.domain.items import ROLES
from terms.words import N_

# In the small hours a change of the clocks skips or doubles times: nothing is sent then.
EARLIEST_HOUR, LATEST_HOUR = 5, 22
# How often a fault that may pass is tried, and the longest pause between two tries.
MOST_TRIES = 8
LONGEST_PAUSE = timedelta(minutes=60)


@dataclass(frozen=True)
class Escalation:
    """Whom an open reminder is sent to as well, so many days after the end of its window."""

    days: Setting[int]
    role: Setting[str]


@dataclass(frozen=True)
class SendingRules:
    """The hour of the centre's day, and the steps after the first, in the order of their days."""

    hour: Setting[int]
    escalations: tuple[Escalation, ...]


@dataclass(frozen=True)
class Step:
    """One time that a reminder is sent: 0 on its due date, then one for each escalation."""

    number: int
    send_at: datetime
    role: str
    last: bool


def read_sending(reader: TableReader) -> SendingRules:
    """Parse `[sending]` with its `[[sending.escalations]]`."""
    rules = SendingRules(
        hour=reader.whole_number("hour", EARLIEST_HOUR, LATEST_HOUR),
        escalations=tuple(_escalation(row) for row in reader.rows("escalations")),
    )
    days = [one.days.value for one in rules.escalations]
    if days != sorted(set(days)):
        reader.problem("escalations", N_("must be in the order of their days"))
    return rules


def steps(
    rules: SendingRules, asks_on: date, window_end: date, role: str, zone: ZoneInfo
) -> tuple[Step, ...]:
    """When a reminder of `role` is sent: on the day from which it asks, then once it is overdue.

    What is in time is never escalated. What was put off beyond its window waits from that day on.
    """
    late = max(asks_on, window_end)
    plan = [
        (asks_on, role),
        *((late + timedelta(days=one.days.value), one.role.value) for one in rules.escalations),
    ]
    return tuple(
        Step(
            number=number,
            send_at=local_hour(on, rules.hour.value, zone),
            role=whom,
            last=number == len(plan) - 1,
        )
        for number, (on, whom) in enumerate(plan)
    )


def local_hour(on: date, hour: int, zone: ZoneInfo) -> datetime:
    """The moment, in UTC, at which the clocks of `zone` show `hour` on the date `on`."""
    return datetime.combine(on, time(hour), tzinfo=zone).astimezone(UTC)


def pause_after(tries: int) -> timedelta:
    """How long to wait after so many failed tries: 1, 2, 4 and so on, at most 60 minutes."""
    return min(timedelta(minutes=2 ** (tries - 1)), LONGEST_PAUSE)


def _escalation(row: TableReader) -> Escalation:
    return Escalation(days=row.whole_number("days", 1, 90), role=row.choice("role", ROLES))


SECTIONS: Mapping[str, SectionParser] = {"sending": read_sending}
