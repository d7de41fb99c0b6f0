"""The calendar file, read back by the icalendar library: folding, escaping, zones, statuses."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from reminders.domain.ics import Event, Status, calendar_text, escaped, folded

ROME = ZoneInfo("Europe/Rome")
AT = datetime(2026, 11, 1, 8, 30, tzinfo=UTC)


def event(on: date = date(2026, 11, 23), at: time | None = None, **said: object) -> Event:
    values = {
        "uid": "a@percorso", "summary": "Visit · R.M. BX-1", "status": Status.CONFIRMED,
        "sequence": 0, "modified": AT, **said,
    }  # fmt: skip
    return Event(on=on, at=at, **values)  # type: ignore[arg-type]


def parsed(text: str) -> Any:
    """The file as a calendar program reads it."""
    return Calendar.from_ical(text)


@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=200))
def test_whatever_a_summary_holds_comes_back_and_no_line_is_too_long(text: str) -> None:
    file = calendar_text(text, [event(summary=text)], ROME)
    assert all(len(line.encode()) <= 75 for line in file.split("\r\n"))
    [found] = parsed(file).walk("VEVENT")
    assert str(found.get("SUMMARY", "")) == text


def test_what_would_divide_a_value_is_escaped() -> None:
    assert escaped("a,b;c\\d\r\ne") == "a\\,b\\;c\\\\d\\ne"
    assert folded("x" * 75) == "x" * 75
    assert folded("x" * 76) == "x" * 75 + "\r\n x"
    assert folded("è" * 40) == "è" * 37 + "\r\n " + "è" * 3


@pytest.mark.parametrize("zone", ["Europe/Rome", "America/New_York", "UTC", "Asia/Kolkata"])
@pytest.mark.parametrize(
    ("on", "at"),
    [
        (date(2026, 1, 1), time(0, 0)),
        (date(2026, 3, 29), time(9, 0)),
        (date(2026, 3, 28), time(23, 30)),
        (date(2026, 10, 25), time(9, 0)),
        (date(2026, 7, 1), time(14, 15)),
        (date(2027, 12, 31), time(23, 59)),
    ],
)
def test_a_time_is_that_of_the_clocks_at_the_centre(zone: str, on: date, at: time) -> None:
    text = calendar_text("x", [event(on, at)], ZoneInfo(zone))
    [found] = parsed(text).walk("VEVENT")
    begins = found["DTSTART"].dt
    assert (begins.date(), begins.time()) == (on, at)
    expected = datetime.combine(on, at, ZoneInfo(zone)).utcoffset()
    assert begins.utcoffset() == expected
    [named] = parsed(text).walk("VTIMEZONE")
    # What the file itself says of the zone, for a program that knows no zone of that name.
    steps = sorted((step["DTSTART"].dt, step["TZOFFSETTO"].td) for step in named.subcomponents)
    told = [offset for begin, offset in steps if begin <= datetime.combine(on, at)]
    assert told[-1] == expected
    froms = [step["TZOFFSETFROM"].td for step in named.subcomponents]
    assert all(timedelta(hours=-12) < offset < timedelta(hours=14) for offset in froms)


def test_the_clocks_of_rome_change_twice_a_year_at_the_right_hour() -> None:
    text = calendar_text("x", [event(at=time(9))], ROME)
    for begin, came_from, goes_to in (
        ("20260329T020000", "+0100", "+0200"),
        ("20261025T030000", "+0200", "+0100"),
    ):
        told = f"DTSTART:{begin}\r\nTZOFFSETFROM:{came_from}\r\nTZOFFSETTO:{goes_to}\r\n"
        assert told in text
    assert text.count("BEGIN:DAYLIGHT") == 1
    west = calendar_text("x", [event(at=time(9))], ZoneInfo("America/New_York"))
    assert "TZOFFSETTO:-0500" in west


def test_a_whole_day_needs_no_zone_and_every_status_is_the_standards() -> None:
    all_of_them = [event(status=status, sequence=n) for n, status in enumerate(Status)]
    text = calendar_text("Percorso", all_of_them, ROME)
    calendar = parsed(text)
    assert calendar.walk("VTIMEZONE") == []
    found = calendar.walk("VEVENT")
    assert [one["DTSTART"].dt for one in found] == [date(2026, 11, 23)] * 3
    assert [one["STATUS"] for one in found] == ["CONFIRMED", "TENTATIVE", "CANCELLED"]
    assert [one["SEQUENCE"] for one in found] == [0, 1, 2]
    assert {one["DTSTAMP"].dt for one in found} == {AT}
    assert calendar_text("Percorso", all_of_them, ROME) == text
