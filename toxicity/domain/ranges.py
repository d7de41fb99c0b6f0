"""What each value of the scales can be at all: outside it is mistyped, or in another unit.

Units as the scales take them: temperature degC, flow L/min, ferritin ng/mL, fibrinogen mg/dL, AST,
ALT and LDH U/L, creatinine and CRP mg/dL, haemoglobin g/dL, platelets 10^9/L, neutrophils and
CD19+ cells per microlitre. Conventions of the programme, not of a publication.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

from terms.words import N_
from toxicity.domain.grading import Warning

Span = tuple[Decimal, Decimal]  # both ends included


def _span(least: str, most: str) -> Span:
    return Decimal(least), Decimal(most)


RANGES: Mapping[str, Span] = MappingProxyType(
    {
        "temp_c": _span("30", "45"),
        "o2_flow_lpm": _span("0", "80"),
        "ferritin": _span("0", "500000"),
        "fibrinogen": _span("0", "1500"),
        "transaminase": _span("0", "30000"),
        "anc": _span("0", "200000"),
        "plt": _span("0", "3000"),
        "hb": _span("1", "25"),
        "crp": _span("0", "100"),
        "ldh": _span("10", "50000"),
        "creatinine": _span("0.1", "25"),
        "cd19": _span("0", "20000"),
        "igg": _span("0", "8000"),
    }
)
_EXTREME_CRP = Decimal(60)
_SMALL_ANC, _SMALL_FIBRINOGEN = 30, 10


def crp_doubted(crp: Decimal | None) -> tuple[Warning, ...]:
    """A warning about a CRP, in mg/dL, so high that it was perhaps given in mg/L."""
    if crp is None or crp <= _EXTREME_CRP:
        return ()
    message = N_("CRP is taken in mg/dL: is this a value in mg/L?")
    return (Warning("crp_unit", message),)


def anc_doubted(counts: Iterable[Decimal | Fraction | None]) -> tuple[Warning, ...]:
    """A warning about neutrophils, in cells per microlitre, perhaps given in 10^9/L.

    Those have decimals, or are all so small that there would hardly be a cell.
    """
    known = [count for count in counts if count is not None]
    highest = max(known, default=0)
    if all(count % 1 == 0 for count in known) and not 0 < highest <= _SMALL_ANC:
        return ()
    message = N_("Neutrophils are taken in cells per microlitre: are these values in 10^9/L?")
    return (Warning("anc_unit", message),)


def fibrinogen_doubted(fibrinogen: Decimal | None) -> tuple[Warning, ...]:
    """A warning about a fibrinogen, in mg/dL, so low that it was perhaps given in g/L."""
    if fibrinogen is None or fibrinogen >= _SMALL_FIBRINOGEN:
        return ()
    message = N_("Fibrinogen is taken in mg/dL: is this a value in g/L?")
    return (Warning("fibrinogen_unit", message),)
