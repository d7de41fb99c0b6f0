"""The dates of what is asked for again and again by hand, counted as the schedule counts."""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from itertools import count, takewhile

from reminders.domain.levels import Span, SpanUnit
from reminders.domain.schedule import counted


class Every(StrEnum):
    """What a repeat is counted in."""

    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"


def repeated(first: date, number: int, unit: Every, last: date) -> Iterator[date]:
    """`first` and each `number` units after it, up to `last`.

    All are counted from `first`: a month that is too short clamps that one date alone.
    """
    days = {Every.DAYS: Span(number, SpanUnit.DAYS), Every.WEEKS: Span(7 * number, SpanUnit.DAYS)}
    every = days.get(unit, Span(number, SpanUnit.MONTHS))
    dates = (counted(first, (Span(times * every.count, every.unit),)) for times in count())
    return takewhile(lambda on: on <= last, dates)
