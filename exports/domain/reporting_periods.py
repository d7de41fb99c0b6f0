"""The periods that registries ask for after an infusion: 100 days, 6 months, then every year."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from terms.day_numbers import add_months

_FIRST_DAYS, _HALF_YEAR, _YEAR, _MOST_YEARS = 100, 6, 12, 15
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """One period, both days included: the first begins on day 0, the next the day after it ends."""

    name: str
    begins: date
    ends: date

    def holds(self, on: date | None) -> bool:
        """Whether a day lies in it."""
        return on is not None and self.begins <= on <= self.ends

    def touches(self, first: date, last: date | None) -> bool:
        """Whether any day from `first` to `last`, or any later one without a last, lies in it."""
        return first <= self.ends and (last is None or last >= self.begins)


def periods(infused_on: date, until: date, *, over: bool) -> Iterator[Period]:
    """The periods that ended by `until`; where the patient is not followed beyond, also its own.

    `over` says that nobody can tell anything after `until`: the last period then ends on it.
    """
    begins = infused_on
    for name, ends in _limits(infused_on):
        if ends > until:
            if over and begins <= until:
                yield Period(name, begins, until)
            return
        yield Period(name, begins, ends)
        begins = ends + _DAY


def _limits(infused_on: date) -> Iterator[tuple[str, date]]:
    yield "100 d", infused_on + timedelta(days=_FIRST_DAYS)
    yield "6 m", add_months(infused_on, _HALF_YEAR)
    for year in range(1, _MOST_YEARS + 1):
        yield f"{year} y", add_months(infused_on, _YEAR * year)
