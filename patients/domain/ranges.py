"""The analytes of a protocol: their units, what is possible, unusual and out of range.

`[body]`, beside them, says how the body surface is counted and how old a weight may be.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from patients.domain.body import FORMULAS
from protocol.domain.loading import SectionParser
from protocol.domain.reading import CAPITAL_CODE, Setting, TableReader
from terms.quantities import Analyte, Span
from terms.words import N_, Bilingual

# In the order in which pages list them.
GROUPS: Mapping[str, str] = MappingProxyType(
    {
        "counts": N_("Blood counts"),
        "inflammation": N_("Inflammation and coagulation"),
        "chemistry": N_("Chemistry"),
        "heart": N_("Heart"),
        "immunity": N_("Immunity"),
        "viruses": N_("Viruses"),
        "disease": N_("Disease"),
        "body": N_("Weight and height"),
    }
)
ANSWERS = ("number", "detection")
# A unit that is written as nobody's keyboard writes it would never be chosen.
_UNIT = re.compile(r"[A-Za-z0-9*/%.\[\]_{}^-]{1,20}")
# What the formulas of the body surface take.
_COUNTED_FROM: Mapping[str, str] = MappingProxyType({"WEIGHT": "kg", "HEIGHT": "cm"})
_MOST = "999999999"  # what the column holds


@dataclass(frozen=True)
class AnalyteRange:
    """One row of the table: the analyte, and for each of its ranges where it comes from."""

    analyte: Analyte
    shown_in: Setting[str]
    decimals: Setting[int]
    hard: Setting[Span]
    soft: Setting[Span]
    usual: Setting[Span] | None


@dataclass(frozen=True)
class Ranges:
    """Every analyte that a protocol knows, group by group."""

    by_code: Mapping[str, AnalyteRange]

    def analyte(self, code: str) -> Analyte | None:
        """The analyte called `code`; None for one that this version does not know."""
        found = self.by_code.get(code)
        return None if found is None else found.analyte

    @property
    def analytes(self) -> tuple[Analyte, ...]:
        """Every analyte, group by group and then by code."""
        order = list(GROUPS)
        rows = (row.analyte for row in self.by_code.values())
        return tuple(sorted(rows, key=lambda one: (order.index(one.group), one.code)))

    def of_groups(self, groups: Iterable[str]) -> tuple[Analyte, ...]:
        """The analytes of some groups; all of them when none is named."""
        wanted = set(groups) or set(GROUPS)
        return tuple(one for one in self.analytes if one.group in wanted)

    @property
    def labels(self) -> Mapping[str, Bilingual]:
        """What each analyte is called."""
        return {code: row.analyte.label for code, row in self.by_code.items()}


@dataclass(frozen=True)
class BodyRules:
    """How the body surface is counted, how old its inputs may be in days, and what it decides.

    A dose by body surface may differ by `dose_tolerance_percent` from what is counted. A weight
    that is more than `weight_change_percent` away from the one before it is asked about; None
    where the version says nothing of it.
    """

    surface_formula: Setting[str]
    weight_days: Setting[int]
    height_days: Setting[int]
    dose_tolerance_percent: Setting[int]
    weight_change_percent: Setting[int] | None = None


def read_ranges(reader: TableReader) -> Ranges:
    """Parse `[ranges.<ANALYTE>]`; soft and usual ranges lie inside the hard one."""
    found = Ranges({code: _read(code, row) for code, row in reader.children(CAPITAL_CODE)})
    for code, unit in _COUNTED_FROM.items():
        analyte = found.analyte(code)
        if analyte is None or analyte.unit != unit:
            message = N_("must be there with the unit %(unit)s: the body surface needs it")
            reader.problem(code, message, unit=unit)
    return found


def _read(code: str, row: TableReader) -> AnalyteRange:
    label, group = row.bilingual("label"), _one_of(row, "group", tuple(GROUPS))
    answer = _one_of(row, "answer", ANSWERS)
    unit = row.text("unit", 20)
    factors = read_factors(row, unit)
    shown_in = row.choice("shown_in", tuple(factors))
    decimals = row.whole_number("decimals", 0, 5)
    hard = row.decimal_range("hard", "0", _MOST)
    if hard.value[0] == hard.value[1]:
        row.problem("hard", N_("must leave room between its ends"))
    soft = _inside(row, "soft", hard)
    usual = _inside(row, "usual", hard) if "usual" in row else None
    analyte = Analyte(
        code=code,
        label=label,
        group=group,
        unit=unit,
        factors=MappingProxyType(factors),
        shown_in=shown_in.value,
        decimals=decimals.value,
        hard=hard.value,
        soft=soft.value,
        usual=usual.value if usual is not None else None,
        kept_units=_kept(row, factors),
        detection=answer == "detection",
    )
    return AnalyteRange(analyte, shown_in, decimals, hard, soft, usual)


def _one_of(row: TableReader, key: str, allowed: tuple[str, ...]) -> str:
    found = row.text(key, 20)
    if found in allowed:
        return found
    row.problem(key, N_("must be one of %(allowed)s"), allowed=", ".join(allowed))
    return allowed[0]


def read_factors(row: TableReader, unit: str) -> dict[str, Decimal]:
    """Every accepted unit with its exact factor, the canonical one first."""
    factors = {unit: Decimal(1)}
    if "units" not in row:
        return factors
    others = row.child("units")
    for other in others.codes(_UNIT):
        if other == unit:
            others.problem(other, N_("is the canonical unit already"))
        factors[other] = others.plain_decimal(other, "0.00000001", "1000000000")
    return factors


def _kept(row: TableReader, factors: Mapping[str, Decimal]) -> tuple[str, ...]:
    """Units without an exact factor, in which a value is kept as it was reported."""
    if "kept_units" not in row:
        return ()
    kept = row.child("kept_units")
    return tuple(unit for unit in kept.codes(_UNIT) if _is_new(kept, unit, factors))


def _is_new(kept: TableReader, unit: str, factors: Mapping[str, Decimal]) -> bool:
    kept.text(unit)  # why it cannot be converted
    if unit in factors:
        kept.problem(unit, N_("has a factor already"))
    return unit not in factors


def _inside(row: TableReader, key: str, hard: Setting[Span]) -> Setting[Span]:
    found = row.decimal_range(key, "0", _MOST)
    (low, high), (least, most) = found.value, hard.value
    if not least <= low <= high <= most:
        row.problem(key, N_("must lie inside the hard range"))
    return found


def read_body(reader: TableReader) -> BodyRules:
    """Parse `[body]`: the formula of the body surface, the age of its inputs, what doses allow."""
    change = "weight_change_percent"
    return BodyRules(
        surface_formula=reader.choice("surface_formula", tuple(FORMULAS)),
        weight_days=reader.whole_number("weight_days", 0, 365),
        height_days=reader.whole_number("height_days", 0, 36500),
        dose_tolerance_percent=reader.whole_number("dose_tolerance_percent", 0, 50),
        weight_change_percent=reader.whole_number(change, 1, 100) if change in reader else None,
    )


SECTIONS: Mapping[str, SectionParser] = MappingProxyType({"ranges": read_ranges, "body": read_body})
