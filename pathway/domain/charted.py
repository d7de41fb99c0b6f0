"""What the chart says of a check of a gate: a result or an infection that came after its record."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from pathway.domain.measures import read_bounds
from pathway.domain.refusing import soft
from patients.domain.lab_values import NEGATIVE, POSITIVE, Reading
from protocol.domain.reading import CAPITAL_CODE, Setting, TableReader
from terms.quantities import unit_text
from terms.refusals import Refusal
from terms.words import N_, Bilingual

CODE = "chart_"  # begins the code of every refusal by the chart
_FOUND = {POSITIVE: N_("positive"), NEGATIVE: N_("negative")}


@dataclass(frozen=True)
class ChartResult:
    """One result of the chart: of which day, and when it was written down."""

    analyte: str
    reading: Reading
    on: date
    at: datetime


@dataclass(frozen=True)
class InfectionSeen:
    """One infection on record; its severity is None where nobody knows it."""

    began_on: date
    ended_on: date | None
    severity: int | None
    at: datetime  # when it was written down

    def is_open(self, on: date) -> bool:
        """Whether it was going on that day, as far as is recorded."""
        return self.began_on <= on and (self.ended_on is None or on < self.ended_on)


@dataclass(frozen=True)
class Limit:
    """Within which numbers, or with which answer, a result agrees with a check."""

    bounds: Mapping[str, Setting[Decimal]]
    wanted: Setting[str] | None

    def is_against(self, reading: Reading) -> bool:
        """Whether a result certainly lies outside; what cannot be told is not taken for it."""
        if self.wanted is not None:
            return reading.answer not in ("", self.wanted.value)
        outside = {
            "at_least": lambda limit: reading.below(limit) is True,
            "above": lambda limit: reading.above(limit) is False,
            "at_most": lambda limit: reading.above(limit) is True,
            "below": lambda limit: reading.below(limit) is False,
        }
        return any(outside[name](bound.value) for name, bound in self.bounds.items())


@dataclass(frozen=True)
class Charted:
    """What of the chart a check is compared with: analytes, and infections from a severity on."""

    limits: Mapping[str, Limit]
    infections_from: Setting[int] | None

    @property
    def sources(self) -> tuple[Setting[Any], ...]:
        """Where the limits come from."""
        found: list[Setting[Any]] = [b for one in self.limits.values() for b in one.bounds.values()]
        found += [one.wanted for one in self.limits.values() if one.wanted is not None]
        return (*found, *([self.infections_from] if self.infections_from else []))


@dataclass(frozen=True)
class Against:
    """What of the chart speaks against a check that was recorded earlier."""

    what: Bilingual | str
    found: str
    on: date
    at: datetime
    further: tuple["Against", ...] = ()  # what else does: nobody answers for what is not shown

    def refusals(self, check: str, label: Bilingual) -> tuple[Refusal, ...]:
        """As gates refuse with all of it: a haematologist says why it goes on all the same."""
        return tuple(one._refusal(check, label) for one in (self, *self.further))

    def _refusal(self, check: str, label: Bilingual) -> Refusal:
        params = {"check": label, "what": self.what, "found": self.found, "on": self.on}
        if not self.found:
            message = N_("%(check)s: the chart has an open infection since %(on)s, recorded later.")
            return soft(CODE + check, message, check=label, on=self.on)
        message = N_("%(check)s: the chart says otherwise: %(what)s %(found)s on %(on)s.")
        return soft(CODE + check, message, **params)


INFECTION = N_("Infection")


def against(
    charted: Charted,
    results: Iterable[ChartResult],
    infections: Iterable[InfectionSeen],
    labels: Mapping[str, Bilingual],
    *,
    checked: datetime,
    checked_on: date,
    on: date,
    max_age: timedelta | None,
) -> Against | None:
    """What came into the chart after a check of the moment `checked` and speaks against it.

    Only the latest result of each analyte by the day `on` speaks, and none that is older than the
    check itself may be.
    """
    latest = {r.analyte: r for r in sorted(results, key=lambda r: (r.on, r.at)) if r.on <= on}
    oldest = checked_on - (max_age or timedelta(0))
    found: list[Against] = []
    for code, limit in charted.limits.items():
        result = latest.get(code)
        if result is None or not limit.is_against(result.reading) or result.on < oldest:
            continue
        if result.on > checked_on or result.at > checked:
            what = labels.get(code, code)
            found.append(Against(what, _found(result.reading), result.on, result.at))
    least = charted.infections_from
    for infection in infections if least is not None else ():
        severe = infection.severity is None or infection.severity >= least.value  # type: ignore[union-attr]
        later = infection.at > checked or infection.began_on > checked_on
        if severe and later and infection.is_open(on):
            found.append(Against(INFECTION, "", infection.began_on, infection.at))
    return replace(found[0], further=tuple(found[1:])) if found else None


def _found(reading: Reading) -> str:
    if reading.answer:
        return _FOUND[reading.answer]
    return reading.typed or f"{reading.comparator}{reading.value} {unit_text(reading.unit)}"


def read_charted(row: TableReader) -> Charted | None:
    """Parse `chart.<ANALYTE>` with bounds or a wanted answer, and `infections_from`."""
    if "chart" not in row and "infections_from" not in row:
        return None
    limits = {}
    if "chart" in row:
        for code, one in row.child("chart").children(CAPITAL_CODE):
            wanted = one.choice("wanted", (POSITIVE, NEGATIVE)) if "wanted" in one else None
            limits[code] = Limit(read_bounds(one), wanted)
            if wanted is None and not limits[code].bounds:
                one.problem("", N_("must say what is in range"))
    severity = row.whole_number("infections_from", 1, 5) if "infections_from" in row else None
    return Charted(limits, severity)
