"""Laboratory quantities: the canonical unit that is stored and the local units that are typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from terms.reading import Unreadable
from terms.words import N_


@dataclass(frozen=True)
class Analyte:
    """One measured quantity.

    `unit` is canonical (UCUM); `factors` maps every accepted unit to the exact number that turns
    a value in it into the canonical unit. `hard_min` and `hard_max`, in the canonical unit and
    both included, bound what a living patient can have: outside them the value or its unit is
    mistyped. They are limits of typing, not of medicine: nothing is gated on them.
    """

    code: str
    label: str
    unit: str
    factors: Mapping[str, Decimal]
    hard_min: Decimal
    hard_max: Decimal

    @property
    def accepted_units(self) -> tuple[str, ...]:
        """Every unit that may be typed, the canonical one first."""
        return tuple(self.factors)


def _analyte(
    code: str, label: str, unit: str, hard: tuple[str, str], local: Mapping[str, str]
) -> Analyte:
    factors = {unit: Decimal(1)} | {name: Decimal(factor) for name, factor in local.items()}
    low, high = map(Decimal, hard)
    return Analyte(code, label, unit, MappingProxyType(factors), low, high)


_CELLS_PER_LITRE = {"10*3/uL": "1", "/uL": "0.001"}
_MASS_PER_LITRE = {"mg/dL": "0.01"}

_ANALYTES = (
    _analyte("ANC", N_("Neutrophils"), "10*9/L", ("0", "200"), _CELLS_PER_LITRE),
    _analyte("ALC", N_("Lymphocytes"), "10*9/L", ("0", "500"), _CELLS_PER_LITRE),
    _analyte("PLT", N_("Platelets"), "10*9/L", ("0", "3000"), _CELLS_PER_LITRE),
    _analyte("HB", N_("Haemoglobin"), "g/L", ("10", "250"), {"g/dL": "10"}),
    _analyte("FERRITIN", N_("Ferritin"), "ug/L", ("0", "500000"), {"ng/mL": "1"}),
    _analyte("CRP", N_("C-reactive protein"), "mg/L", ("0", "1000"), {"mg/dL": "10"}),
    _analyte("LDH", N_("Lactate dehydrogenase"), "U/L", ("10", "50000"), {}),
    _analyte("IGG", N_("Immunoglobulin G"), "g/L", ("0", "80"), _MASS_PER_LITRE),
    _analyte("CD3", N_("CD3+ T cells"), "10*6/L", ("0", "100000"), {"/uL": "1", "10*9/L": "1000"}),
    _analyte(
        "CD19", N_("CD19+ B cells"), "10*6/L", ("0", "100000"), {"/uL": "1", "10*9/L": "1000"}
    ),
    _analyte("FIBRINOGEN", N_("Fibrinogen"), "g/L", ("0", "15"), _MASS_PER_LITRE),
    _analyte("CREATININE", N_("Creatinine"), "umol/L", ("8.84", "2210"), {"mg/dL": "88.4"}),
)

ANALYTES: Mapping[str, Analyte] = MappingProxyType({one.code: one for one in _ANALYTES})


def to_canonical(analyte: Analyte, value: Decimal, unit: str) -> Decimal:
    """Return `value`, given in `unit`, in the canonical unit of `analyte`; nothing is rounded.

    Raises `Unreadable` with code `unknown_unit` for a unit that is not accepted, and `impossible`
    for a value outside the hard range, naming the unit in which it would be possible, if one is.
    """
    if unit not in analyte.factors:
        raise Unreadable(
            "unknown_unit",
            N_("%(unit)s is not a unit for this value: use %(accepted)s."),
            {"unit": unit, "accepted": ", ".join(analyte.accepted_units)},
        )
    if not value.is_finite():
        raise Unreadable("not_a_number", N_("“%(written)s” is not a number."), {"written": value})
    canonical = value * analyte.factors[unit]
    if analyte.hard_min <= canonical <= analyte.hard_max:
        return canonical
    raise _impossible(analyte, value, unit)


def _impossible(analyte: Analyte, value: Decimal, unit: str) -> Unreadable:
    params = {
        "value": value,
        "unit": unit,
        "low": analyte.hard_min,
        "high": analyte.hard_max,
        "canonical": analyte.unit,
    }
    for other, factor in analyte.factors.items():
        if analyte.hard_min <= value * factor <= analyte.hard_max:
            return Unreadable(
                "impossible",
                N_("%(value)s %(unit)s is not possible. Was it measured in %(other)s?"),
                params | {"other": other},
            )
    return Unreadable(
        "impossible",
        N_("%(value)s %(unit)s is not possible: the range is %(low)s to %(high)s %(canonical)s."),
        params,
    )
