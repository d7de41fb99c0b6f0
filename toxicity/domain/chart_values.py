"""Results of the chart as the scales take them: in which unit, which count, and which cannot.

A value that cannot be converted, has no number or no day never becomes a number: it is named.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from patients.domain.lab_values import Reading
from terms.quantities import within
from toxicity.domain.ranges import RANGES, Span


class Why(StrEnum):
    """Why a value of the chart is not counted."""

    NO_DAY = "no_day"
    NO_NUMBER = "no_number"
    UNIT = "unit"  # of which there is no exact way to the unit of the scale
    IMPOSSIBLE = "impossible"  # outside what the scale takes at all
    LIMIT = "limit"  # below or above a limit that does not decide
    TOO_OLD = "too_old"


@dataclass(frozen=True)
class Measure:
    """What a scale takes of an analyte: its input, its unit, and by what others are multiplied
    or, where that is exact, divided."""

    name: str
    unit: str
    factors: Mapping[str, Decimal]
    span: Span
    divided: Mapping[str, Decimal]


@dataclass(frozen=True)
class Result:
    """One value of the chart."""

    analyte: str
    reading: Reading
    source: str = ""
    pk: int = 0

    @property
    def on(self) -> date | None:
        """The day of the sample."""
        return self.reading.on


@dataclass(frozen=True)
class Taken:
    """A value in the unit of the scale; with a comparator `value` is the limit, not the value."""

    result: Result
    on: date
    value: Decimal
    comparator: str = ""


@dataclass(frozen=True)
class Unused:
    """A value that is not counted, and why."""

    result: Result
    why: Why


def _measure(name: str, unit: str, span: str = "", **factors: str) -> Measure:
    units = {_UNITS[key]: Decimal(factor) for key, factor in factors.items()}
    return Measure(name, unit, units, RANGES[span or name], {})


_UNITS = {
    "giga": "10*9/L", "kilo": "10*3/uL", "mega": "10*6/L", "micro": "/uL", "g_l": "g/L",
    "g_dl": "g/dL", "mg_l": "mg/L", "mg_dl": "mg/dL", "ug_l": "ug/L", "ng_ml": "ng/mL",
    "u_l": "U/L",
}  # fmt: skip
_COUNT = {"giga": "1000", "kilo": "1000", "mega": "1", "micro": "1"}
_PER_NL = {"giga": "1", "kilo": "1", "mega": "0.001", "micro": "0.001"}
MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        "ANC": _measure("anc", "/uL", **_COUNT),
        "CD19": _measure("cd19", "/uL", **_COUNT),
        "PLT": _measure("plt", "10*9/L", **_PER_NL),
        "HB": _measure("hb", "g/dL", g_dl="1", g_l="0.1"),
        "CRP": _measure("crp", "mg/dL", mg_dl="1", mg_l="0.1"),
        "FERRITIN": _measure("ferritin", "ng/mL", ng_ml="1", ug_l="1"),
        "FIBRINOGEN": _measure("fibrinogen", "mg/dL", mg_dl="1", g_l="100"),
        "IGG": _measure("igg", "mg/dL", mg_dl="1", g_l="100"),
        "LDH": _measure("ldh", "U/L", u_l="1"),
        "AST": _measure("ast", "U/L", "transaminase", u_l="1"),
        "ALT": _measure("alt", "U/L", "transaminase", u_l="1"),
        "CREATININE": Measure(
            "creatinine",
            "mg/dL",
            {"mg/dL": Decimal(1)},
            RANGES["creatinine"],
            {"umol/L": Decimal("88.4")},
        ),
    }
)
_JUST = Decimal("0.000001")  # how far beyond a limit the nearest value is taken to lie


def in_unit(analyte: str, value: Decimal, unit: str) -> Decimal | None:
    """A number in the unit in which the scales take an analyte; None without an exact way there."""
    measure = MEASURES[analyte]
    if unit in measure.factors:
        return value * measure.factors[unit]
    return value / measure.divided[unit] if unit in measure.divided else None


def take(result: Result) -> Taken | Unused:
    """A value as a scale takes it, or why it cannot be."""
    reading = result.reading
    if reading.on is None:
        return Unused(result, Why.NO_DAY)
    if reading.value is None:
        return Unused(result, Why.NO_NUMBER)
    value = in_unit(result.analyte, reading.value, reading.unit)
    if value is None:
        return Unused(result, Why.UNIT)
    if not value.is_finite() or not within(MEASURES[result.analyte].span, value):
        return Unused(result, Why.IMPOSSIBLE)
    return Taken(result, reading.on, value, reading.comparator)


def nearest(taken: Taken) -> Decimal:
    """The value itself; of a limit the nearest value that lies beyond it."""
    if taken.comparator == "<":
        return max(taken.value - _JUST, Decimal(0))
    return taken.value + _JUST if taken.comparator else taken.value


def decides(taken: Taken, ask: Callable[[Decimal], object]) -> bool:
    """Whether a question that only rises or falls has one answer for all that a value may be."""
    if not taken.comparator:
        return True
    low, high = MEASURES[taken.result.analyte].span
    farthest = low if taken.comparator == "<" else high
    return ask(nearest(taken)) == ask(farthest)


def of_analyte(results: Iterable[Result], analyte: str) -> list[Taken | Unused]:
    """Every value of one analyte, in the order of days and entries; those without a day last."""
    rows = [one for one in results if one.analyte == analyte]
    rows.sort(key=lambda one: (one.on or date.max, one.pk))
    return [take(one) for one in rows]


def latest_within(
    results: Iterable[Result], analyte: str, first: date, last: date
) -> tuple[Taken | None, tuple[Unused, ...]]:
    """The latest value from `first` to `last`, and what was not taken instead and why.

    Of two on one day the one entered last counts. A value that cannot be used does not give way to
    an older one: that would show as current what a newer result may contradict. What is too old is
    named only where nothing newer stands.
    """
    found = of_analyte(results, analyte)
    undated = [one for one in found if isinstance(one, Unused) and one.why is Why.NO_DAY]
    dated = [one for one in found if _day(one) <= last]
    inside = [one for one in dated if _day(one) >= first]
    if inside:
        latest = inside[-1]
        if isinstance(latest, Taken):
            return latest, ()
        return None, (latest, *undated)
    old = [Unused(_result(one), Why.TOO_OLD) for one in dated[-1:]]
    return None, (*old, *undated)


def _result(one: Taken | Unused) -> Result:
    return one.result


def _day(one: Taken | Unused) -> date:
    return one.result.on or date.max
