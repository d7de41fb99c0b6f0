"""Laboratory quantities: the canonical unit that is stored and the local units that are typed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from terms.reading import Unreadable
from terms.words import N_, Bilingual

_STORED_PLACES = Decimal("0.00001")
Span = tuple[Decimal, Decimal]  # from, to; both included


@dataclass(frozen=True)
class Analyte:
    """One measured quantity, as a protocol describes it.

    `unit` is canonical (UCUM); `factors` maps every accepted unit to the exact number that turns
    a value in it into the canonical unit. All ranges are in the canonical unit with both ends
    included: outside `hard` a value or its unit is mistyped, outside `soft` it needs to be
    confirmed, outside `usual` (where there is one) it is marked low or high. `kept_units` have no
    exact factor, such as copies beside international units: what is typed in one stays in it.
    `detection` analytes are answered by found or not found, with a number or without.
    """

    code: str
    label: Bilingual
    group: str
    unit: str
    factors: Mapping[str, Decimal]
    shown_in: str
    decimals: int
    hard: Span
    soft: Span
    usual: Span | None = None
    kept_units: tuple[str, ...] = ()
    detection: bool = False

    @property
    def accepted_units(self) -> tuple[str, ...]:
        """Every unit that may be typed, the one of the centre first."""
        others = (unit for unit in self.factors if unit != self.shown_in)
        return (self.shown_in, *others, *self.kept_units)


def to_canonical(analyte: Analyte, value: Decimal, unit: str) -> tuple[Decimal, str]:
    """Return `value`, given in `unit`, in the canonical unit of `analyte`; nothing is rounded.

    A value in one of the kept units stays as it is. Raises `Unreadable` with code `unknown_unit`
    for a unit that is not accepted, and `impossible` for a value outside the hard range, naming
    the unit in which it would be possible, if one is.
    """
    if unit not in analyte.accepted_units:
        raise Unreadable(
            "unknown_unit",
            N_("%(unit)s is not a unit for this value: use %(accepted)s."),
            {"unit": unit, "accepted": ", ".join(map(unit_text, analyte.accepted_units))},
        )
    if not value.is_finite():
        raise Unreadable("not_a_number", N_("“%(written)s” is not a number."), {"written": value})
    kept = unit in analyte.kept_units
    canonical = value if kept else value * analyte.factors[unit]
    if within(analyte.hard, canonical):
        return canonical, unit if kept else analyte.unit
    raise _impossible(analyte, value, unit)


def _impossible(analyte: Analyte, value: Decimal, unit: str) -> Unreadable:
    low, high = analyte.hard
    params = {
        "value": value,
        "unit": unit_text(unit),
        "low": low,
        "high": high,
        "canonical": unit_text(analyte.unit),
    }
    for other, factor in analyte.factors.items():
        if within(analyte.hard, value * factor):
            return Unreadable(
                "impossible",
                N_("%(value)s %(unit)s is not possible. Was it measured in %(other)s?"),
                params | {"other": unit_text(other)},
            )
    return Unreadable(
        "impossible",
        N_("%(value)s %(unit)s is not possible: the range is %(low)s to %(high)s %(canonical)s."),
        params,
    )


def within(span: Span, value: Decimal) -> bool:
    """Whether `value` lies in `span`, its ends included."""
    low, high = span
    return low <= value <= high


def to_shown(analyte: Analyte, value: Decimal, unit: str) -> tuple[Decimal, str]:
    """Return a stored value in the unit of the centre, with that unit, for reading only.

    Exact where that takes no more places than are stored, else rounded to the decimals of the
    analyte, but never to nothing: a trace is not a zero. A unit that the analyte no longer knows
    is left as it was stored.
    """
    if unit not in analyte.factors:
        return value, unit
    exact = value * analyte.factors[unit] / analyte.factors[analyte.shown_in]
    if exact == exact.quantize(_STORED_PLACES):
        return exact, analyte.shown_in
    rounded = exact.quantize(Decimal(1).scaleb(-analyte.decimals), rounding=ROUND_HALF_EVEN)
    return (rounded if rounded or not exact else exact), analyte.shown_in


_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_POWER = re.compile(r"10\*([0-9]+)")


def unit_text(unit: str) -> str:
    """A UCUM unit as people write it: `×10⁹/L`, `µg/L`, `copies/mL`, `IU/mL`."""
    power = _POWER.sub(lambda match: "×10" + match[1].translate(_SUPERSCRIPTS), unit)
    micro = f"µ{power[1:]}" if power.startswith("u") else power.replace("/u", "/µ")
    return micro.translate(str.maketrans("", "", "{}[]"))
