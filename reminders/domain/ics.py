"""Writing a calendar as RFC 5545 asks: folded lines, escaped text, the zone with its changes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

_OCTETS = 75  # of a line, its first space included where it goes on from the one before
_DAY, _MINUTE = timedelta(days=1), timedelta(minutes=1)
_PRODUCT = "-//Percorso//Calendar//EN"


class Status(StrEnum):
    """How sure an event is, in the words of the standard."""

    CONFIRMED = "CONFIRMED"
    TENTATIVE = "TENTATIVE"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True)
class Event:
    """One event on a plain date of the zone; without `at` it is of the whole day."""

    uid: str
    summary: str
    on: date
    at: time | None
    status: Status
    sequence: int
    modified: datetime


def calendar_text(name: str, events: Sequence[Event], zone: ZoneInfo) -> str:
    """The calendar file: the same events give the same text, whenever it is asked for."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{_PRODUCT}",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        *_zone_lines(events, zone),
        *(line for event in events for line in _event_lines(event, zone)),
        "END:VCALENDAR",
    ]
    return "".join(f"{folded(line)}\r\n" for line in lines)


def escaped(text: str) -> str:
    """Text as a value: backslash, comma, semicolon and new line would end or divide it."""
    for char, instead in (("\\", "\\\\"), (",", "\\,"), (";", "\\;"), ("\r", ""), ("\n", "\\n")):
        text = text.replace(char, instead)
    return text


def folded(line: str) -> str:
    """A line of at most 75 octets, going on after a new line and a space; no letter is divided."""
    pieces, piece, octets = [], "", 0
    for char in line:
        size = len(char.encode())
        if octets + size > _OCTETS:
            pieces.append(piece)
            piece, octets = "", 1
        piece, octets = piece + char, octets + size
    return "\r\n ".join((*pieces, piece))


def _event_lines(event: Event, zone: ZoneInfo) -> Iterator[str]:
    modified = f"{event.modified.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield "BEGIN:VEVENT"
    yield f"UID:{escaped(event.uid)}"
    yield f"DTSTAMP:{modified}"
    yield f"LAST-MODIFIED:{modified}"
    yield f"SEQUENCE:{event.sequence}"
    if event.at is None:
        yield f"DTSTART;VALUE=DATE:{event.on:%Y%m%d}"
    else:
        yield f"DTSTART;TZID={zone.key}:{event.on:%Y%m%d}T{event.at:%H%M%S}"
    yield f"SUMMARY:{escaped(event.summary)}"
    yield f"STATUS:{event.status}"
    yield "CLASS:CONFIDENTIAL"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _zone_lines(events: Iterable[Event], zone: ZoneInfo) -> Iterator[str]:
    """What the zone's clocks do in the years of the events that have a time."""
    years = [event.on.year for event in events if event.at is not None]
    if not years:
        return
    begin = datetime(min(years), 1, 1, tzinfo=UTC) - _DAY
    yield "BEGIN:VTIMEZONE"
    yield f"TZID:{zone.key}"
    yield from _observance(begin, begin, zone)
    for before, after in _changes(begin, datetime(max(years) + 1, 1, 2, tzinfo=UTC), zone):
        yield from _observance(before, after, zone)
    yield "END:VTIMEZONE"


def _changes(begin: datetime, end: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """The last minute before and the first after each change of the clocks."""
    while begin < end:
        after = begin + _DAY
        if _offset(begin, zone) != _offset(after, zone):
            low, high = begin, after
            while high - low > _MINUTE:
                middle = low + (high - low) // 2
                middle = middle.replace(second=0, microsecond=0)
                same = _offset(middle, zone) == _offset(begin, zone)
                low, high = (middle, high) if same else (low, middle)
            yield low, high
        begin = after


def _observance(before: datetime, after: datetime, zone: ZoneInfo) -> Iterator[str]:
    """From `after` on the clocks show what they show then; they come from what `before` showed."""
    local, summer = after.astimezone(zone), bool(after.astimezone(zone).dst())
    came_from = _offset(before, zone)
    name = "DAYLIGHT" if summer else "STANDARD"
    yield f"BEGIN:{name}"
    yield f"DTSTART:{(after + came_from):%Y%m%dT%H%M%S}"
    yield f"TZOFFSETFROM:{_offset_text(came_from)}"
    yield f"TZOFFSETTO:{_offset_text(_offset(after, zone))}"
    yield f"TZNAME:{local.tzname()}"
    yield f"END:{name}"


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def _offset_text(offset: timedelta) -> str:
    minutes = int(offset.total_seconds()) // 60
    sign, minutes = ("-", -minutes) if minutes < 0 else ("+", minutes)
    return f"{sign}{minutes // 60:02d}{minutes % 60:02d}"
