"""When a reminder is sent: local hour, steps after the due date, pauses between tries."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from protocol.domain.reading import ProtocolProblem, Setting, TableReader
from reminders.domain.sending import (
    MOST_TRIES,
    Escalation,
    SendingRules,
    local_hour,
    pause_after,
    read_sending,
    steps,
)
from tests.domain.shipped import shipped

ROME = ZoneInfo("Europe/Rome")
SOURCE = {"source": "a test", "confirmed": True}


def setting(value: object) -> dict[str, object]:
    return {"value": value, **SOURCE}


def row(days: int, role: str = "coordinator") -> dict[str, object]:
    return {"days": setting(days), "role": setting(role)}


def read(table: dict[str, object]) -> tuple[SendingRules, list[ProtocolProblem]]:
    problems: list[ProtocolProblem] = []
    reader = TableReader(table, "x.toml", "sending", problems)
    rules = read_sending(reader)
    reader.report_unread()
    return rules, problems


@pytest.mark.parametrize("code", ["brexucel-adult-all", "tisacel-young-all"])
def test_the_shipped_protocols_send_at_eight_and_escalate_on_days_3_and_7(code: str) -> None:
    rules = shipped(code).section("sending", SendingRules)
    due = date(2026, 11, 17)
    found = steps(rules, due, due, "ward_nurse", ROME)
    assert [(one.number, one.send_at, one.role, one.last) for one in found] == [
        (0, datetime(2026, 11, 17, 7, tzinfo=UTC), "ward_nurse", False),
        (1, datetime(2026, 11, 20, 7, tzinfo=UTC), "coordinator", False),
        (2, datetime(2026, 11, 24, 7, tzinfo=UTC), "haematologist", True),
    ]


@pytest.mark.parametrize(
    ("asks_on", "window_end", "days"),
    [
        (date(2026, 11, 17), date(2026, 11, 24), [17, 27, 31]),  # in time until the 24th
        (date(2026, 11, 20), date(2026, 11, 24), [20, 27, 31]),  # put off inside its window
        (date(2026, 11, 25), date(2026, 11, 24), [25, 28, 32]),  # put off beyond it
    ],
)
def test_what_is_in_time_is_never_escalated(
    asks_on: date, window_end: date, days: list[int]
) -> None:
    found = steps(
        shipped().section("sending", SendingRules), asks_on, window_end, "ward_nurse", ROME
    )
    assert [(one.send_at.date() - date(2026, 10, 31)).days for one in found] == days


@pytest.mark.parametrize(
    ("on", "utc"),
    [
        (date(2026, 3, 28), 7),
        (date(2026, 3, 29), 6),  # the clocks went on in the night
        (date(2026, 3, 30), 6),
        (date(2026, 10, 24), 6),
        (date(2026, 10, 25), 7),  # and back
        (date(2027, 3, 28), 6),
        (date(2027, 10, 31), 7),
        (date(2028, 2, 29), 7),
    ],
)
def test_eight_is_eight_by_the_clocks_of_the_centre(on: date, utc: int) -> None:
    moment = local_hour(on, 8, ROME)
    assert moment == datetime(on.year, on.month, on.day, utc, tzinfo=UTC)
    assert moment.tzinfo is UTC
    assert moment.astimezone(ROME).hour == 8


def test_pauses_double_and_end_at_an_hour() -> None:
    minutes = [pause_after(tries) // timedelta(minutes=1) for tries in range(1, MOST_TRIES + 1)]
    assert minutes == [1, 2, 4, 8, 16, 32, 60, 60]


def test_rules_are_read() -> None:
    rules, problems = read({"hour": setting(7), "escalations": [row(2), row(5, "quality")]})
    assert problems == []
    assert rules == SendingRules(
        hour=Setting(7, "a test", confirmed=True),
        escalations=(
            Escalation(Setting(2, "a test", True), Setting("coordinator", "a test", True)),
            Escalation(Setting(5, "a test", True), Setting("quality", "a test", True)),
        ),
    )


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ({"hour": setting(4), "escalations": [row(3)]}, "sending.hour"),
        ({"hour": setting(23), "escalations": [row(3)]}, "sending.hour"),
        ({"hour": setting(8), "escalations": [row(7), row(3)]}, "sending.escalations"),
        ({"hour": setting(8), "escalations": [row(3), row(3)]}, "sending.escalations"),
        ({"hour": setting(8), "escalations": [row(0)]}, "sending.escalations[0].days"),
        ({"hour": setting(8), "escalations": [row(3, "cook")]}, "sending.escalations[0].role"),
        ({"hour": setting(8)}, "sending.escalations"),
    ],
    ids=["small hours", "night", "backwards", "twice", "no days", "no role", "none"],
)
def test_what_cannot_be_followed_is_named(table: dict[str, object], key: str) -> None:
    _rules, problems = read(table)
    assert [problem.dotted_key for problem in problems] == [key]
