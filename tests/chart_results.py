"""Results of a chart as plain values, for tests of scores: nothing is stored."""

from datetime import date, timedelta
from decimal import Decimal

from config.demo_data.computing import computing
from patients.domain.lab_values import Reading
from protocol.domain.loading import parse
from tests.domain.shipped import FOLDER, PARSERS
from toxicity.domain.chart_values import Result
from toxicity.domain.rules import ToxicityRules
from toxicity.domain.scores import CourseKnown

ZERO = date(2026, 11, 1)
FILE = FOLDER / "brexucel-adult-all.toml"
RULES = ToxicityRules.of(parse(computing(FILE.read_bytes()), FILE.name, PARSERS))
UNITS = {
    "ANC": "10*9/L", "PLT": "10*9/L", "HB": "g/L", "CRP": "mg/L", "FERRITIN": "ug/L",
    "FIBRINOGEN": "g/L", "LDH": "U/L", "CREATININE": "umol/L", "IGG": "g/L", "CD19": "10*6/L",
    "AST": "U/L", "ALT": "U/L",
}  # fmt: skip


def on_day(day: int) -> date:
    """So many days after the infusion."""
    return ZERO + timedelta(days=day)


def result(analyte: str, day: int | None, value: str | None, unit: str = "", pk: int = 0) -> Result:
    """A value such as `0.3` or `<0.1`, in its canonical unit unless said otherwise."""
    comparator = value[0] if value is not None and value[0] in "<>" else ""
    number = None if value is None else Decimal(value.lstrip("<>"))
    reading = Reading(
        number,
        unit or UNITS[analyte],
        comparator,
        on=None if day is None else on_day(day),
        typed=value or "",
    )
    return Result(analyte, reading, pk=pk)


def daily(analyte: str, values: dict[int, str]) -> list[Result]:
    """One value on each day."""
    return [result(analyte, day, value, pk=day) for day, value in values.items()]


def spread(first: int, last: int, low: tuple[int, int], value: str, other: str) -> dict[int, str]:
    """Each day from `first` to `last`: `value` on the days of `low`, else `other`."""
    return {day: value if low[0] <= day <= low[1] else other for day in range(first, last + 1)}


def known(day: int, **more: object) -> CourseKnown:
    """A course that was infused on day 0, seen on `day`; dates as days after the infusion."""
    dated = {name: on_day(value) if isinstance(value, int) else value
             for name, value in more.items()}  # fmt: skip
    return CourseKnown(**{"today": on_day(day), "infused_on": ZERO, **dated})  # type: ignore[arg-type]
