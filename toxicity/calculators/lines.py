"""Values by day as people paste them: a line each, a day and a number, nothing guessed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from terms.partial_dates import parse
from terms.reading import Unreadable
from terms.words import N_

MOST_LINES = 1_000
_CELLS = re.compile(r"\s*[\t;]\s*")
_TIME = re.compile(r"[T ]\d{1,2}:\d{2}(?::\d{2})?$", re.ASCII)


@dataclass(frozen=True)
class Line:
    """One line that holds a day: its number, the day as ISO text, the number as typed."""

    number: int
    on: str
    value: str


@dataclass(frozen=True)
class Fault:
    """A line that cannot be read, and why."""

    number: int
    reason: Unreadable


def read_lines(text: str) -> tuple[list[Line], list[Fault]]:
    """Every line that holds something, and every fault at once; numbers are judged later."""
    lines: list[Line] = []
    faults: list[Fault] = []
    for number, written in _written(text):
        if number > MOST_LINES:
            message = N_("More than %(most)s lines are not read.")
            return lines, [Fault(number, Unreadable("too_many", message, {"most": MOST_LINES}))]
        try:
            lines.append(_read(number, written))
        except Unreadable as reason:
            faults.append(Fault(number, reason))
    return lines, faults


def _written(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            yield number, line.strip()


def _read(number: int, written: str) -> Line:
    cells = _CELLS.split(written)
    if len(cells) == 1:
        day, _space, value = written.rpartition(" ")
    elif len(cells) == 2:
        day, value = cells
    else:
        raise Unreadable("cells", N_("Two columns are read: the day and the number."))
    if not day or not value:
        raise Unreadable("one_thing", N_("Write the day and the number, with a space between."))
    on = parse(_TIME.sub("", day.strip()))
    if on.precision != "day":
        raise Unreadable("day_needed", N_("Give the day too."))
    return Line(number, on.iso(), value)
