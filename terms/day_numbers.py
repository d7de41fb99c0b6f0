"""Counting in plain dates: day numbers, whole days, calendar months and the local date."""

from calendar import monthrange
from datetime import date, datetime
from zoneinfo import ZoneInfo


def local_date(moment: datetime, zone: ZoneInfo) -> date:
    """Return the calendar date that `moment` falls on in `zone`.

    Raises `ValueError` for a naive `moment`: it names no instant.
    """
    if moment.utcoffset() is None:
        raise ValueError("a moment without time zone has no local date")
    return moment.astimezone(zone).date()


def whole_days_between(start: date, end: date) -> int:
    """Return the days from `start` to `end`, negative when `end` is earlier.

    Dates only, so that a change of the clocks never adds or loses a day.
    Raises `TypeError` for a datetime: take its `local_date` first.
    """
    if isinstance(start, datetime) or isinstance(end, datetime):
        raise TypeError("days are counted between dates, not between moments")
    return (end - start).days


def day_number(on: date, anchor: date) -> int:
    """Return the day number of `on`: 0 on the anchor itself, -4 four days before it, +28 after."""
    return whole_days_between(anchor, on)


def add_months(start: date, months: int) -> date:
    """Return the same day of the month `months` later (or earlier), clamped to the month's end.

    31 January + 1 month is 28 or 29 February. Count every repeat from the same `start`:
    adding one month at a time would keep the clamped day. Raises `OverflowError` outside the
    years 1 to 9999.
    """
    year, month_index = divmod(start.year * 12 + start.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise OverflowError("date outside the calendar")
    month = month_index + 1
    return date(year, month, min(start.day, monthrange(year, month)[1]))


def whole_years_between(start: date, end: date) -> int:
    """Return the completed years from `start` to `end`, as ages are counted.

    Someone born on 29 February completes a year on 1 March of the others. Negative before `start`.
    """
    return end.year - start.year - ((end.month, end.day) < (start.month, start.day))
