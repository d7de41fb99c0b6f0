"""Dates known to the year, the month or the day: reading, bounds, shifting, comparing."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, Self

from terms.day_numbers import add_months
from terms.reading import Unreadable
from terms.words import N_

Precision = Literal["year", "month", "day"]

FIRST_YEAR, LAST_YEAR = 1900, 2100

_MONTH_NAMES = (
    ("jan", "january", "gen", "gennaio"),
    ("feb", "february", "febbraio"),
    ("mar", "march", "marzo"),
    ("apr", "april", "aprile"),
    ("may", "mag", "maggio"),
    ("jun", "june", "giu", "giugno"),
    ("jul", "july", "lug", "luglio"),
    ("aug", "august", "ago", "agosto"),
    ("sep", "sept", "september", "set", "sett", "settembre"),
    ("oct", "october", "ott", "ottobre"),
    ("nov", "november", "novembre"),
    ("dec", "december", "dic", "dicembre"),
)
# What the months are called and shortened to, in both languages.
MONTH_WORDS: frozenset[str] = frozenset(name for names in _MONTH_NAMES for name in names)
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names}

_ISO = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_TYPED = re.compile(r"(?:([0-9]{1,2})([-/. ]))?([0-9]{1,2}|[a-z]{3,10})[-/. ]([0-9]{4})")


class UnreadableDate(Unreadable):
    """Text or parts that make no date between 1900 and 2100."""


@dataclass(frozen=True)
class PartialDate:
    """A date as well as it is known: `month` and `day` are None where they are not.

    Years run from 1900 to 2100. Impossible parts raise `UnreadableDate`.
    """

    year: int
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        if not FIRST_YEAR <= self.year <= LAST_YEAR:
            raise UnreadableDate(
                "year_out_of_range",
                N_("The year must be from %(first)s to %(last)s."),
                {"first": FIRST_YEAR, "last": LAST_YEAR},
            )
        if self.month is None:
            if self.day is not None:
                raise UnreadableDate("day_without_month", N_("A day needs its month."))
            return
        if not 1 <= self.month <= 12:
            raise UnreadableDate("no_such_month", N_("The month must be from 1 to 12."))
        if self.day is not None and not 1 <= self.day <= monthrange(self.year, self.month)[1]:
            raise UnreadableDate("no_such_day", N_("That month has no such day."))

    @classmethod
    def of(cls, on: date, precision: Precision = "day") -> Self:
        """Return `on` as known to `precision`. Raises `TypeError` for a datetime."""
        if isinstance(on, datetime):
            raise TypeError("a partial date is made from a date, not from a moment")
        return cls(
            on.year,
            None if precision == "year" else on.month,
            on.day if precision == "day" else None,
        )

    @property
    def precision(self) -> Precision:
        """How well the date is known."""
        if self.month is None:
            return "year"
        return "month" if self.day is None else "day"

    def earliest(self) -> date:
        """The first date it can be."""
        return date(self.year, self.month or 1, self.day or 1)

    def latest(self) -> date:
        """The last date it can be."""
        month = self.month or 12
        return date(self.year, month, self.day or monthrange(self.year, month)[1])

    def iso(self) -> str:
        """ISO 8601 of the known parts only: `2021`, `2022-03` or `2022-03-14`."""
        return self.earliest().isoformat()[: {"year": 4, "month": 7, "day": 10}[self.precision]]

    def __str__(self) -> str:
        return self.iso()

    def shifted_days(self, days: int) -> "PartialDate":
        """Move by whole days and keep the precision.

        A month moves its 15th and a year its 1 July, so that a shift lands where most of the
        period lands. Raises `UnreadableDate` or `OverflowError` outside 1900 to 2100.
        """
        return PartialDate.of(self._middle() + timedelta(days=days), self.precision)

    def shifted_months(self, months: int) -> "PartialDate":
        """Move by calendar months, clamped to the month's end, and keep the precision."""
        return PartialDate.of(add_months(self._middle(), months), self.precision)

    def possibly_before(self, other: date) -> bool:
        """Whether at least one date it can be is before `other`."""
        return self.earliest() < other

    def certainly_before(self, other: date) -> bool:
        """Whether every date it can be is before `other`."""
        return self.latest() < other

    def possibly_after(self, other: date) -> bool:
        """Whether at least one date it can be is after `other`."""
        return self.latest() > other

    def certainly_after(self, other: date) -> bool:
        """Whether every date it can be is after `other`: the test for 'in the future'."""
        return self.earliest() > other

    def _middle(self) -> date:
        return date(self.year, self.month or 7, self.day or (15 if self.month else 1))


def parse(text: str) -> PartialDate:
    """Read a date as typed or stored, day before month as written in Europe.

    Accepts `2021`, `2022-03`, `2022-03-14`, `03/2022`, `14/03/2022`, `14-Mar-2022`, `mar-2022`,
    with `-`, `/`, `.` or a space between the parts and month names in English or Italian.
    Raises `UnreadableDate`; two-digit years are refused, not guessed.
    """
    written = text.strip().lower()
    if not written:
        raise UnreadableDate("blank", N_("Nothing is written here."))
    iso = _ISO.fullmatch(written)
    if iso is not None:
        year, month, day = iso.groups()
        return PartialDate(int(year), int(month) if month else None, int(day) if day else None)
    typed = _TYPED.fullmatch(written)
    if typed is None:
        raise _unreadable(text.strip())
    day, _, month, year = typed.groups()
    return PartialDate(int(year), _month_number(month, text.strip()), int(day) if day else None)


def _month_number(written: str, whole: str) -> int:
    if written.isdigit():
        return int(written)
    if written not in _MONTHS:
        raise _unreadable(whole)
    return _MONTHS[written]


def _unreadable(written: str) -> UnreadableDate:
    return UnreadableDate(
        "not_a_date",
        N_("“%(written)s” is not a date: write 2021, 03/2021, 14/03/2021 or 14-Mar-2021."),
        {"written": written},
    )
