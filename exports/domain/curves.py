"""The survival curves of a cohort: how each is defined, and whom it follows how long."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from exports.domain.counted import Counted
from exports.domain.summaries import MISSING, Definition, Value
from exports.domain.survival import Time
from exports.domain.tally import Tally
from terms.words import N_

DEFINITIONS = (
    Definition(
        "overall",
        N_("Overall survival"),
        N_("From the infusion to the death of any cause; censored at the last contact."),
    ),
    Definition(
        "event_free",
        N_("Event-free survival"),
        N_(
            "From the infusion to a haematological or extramedullary relapse, refractory disease "
            "or death; censored at the last contact. A relapse without an exact day is missing; "
            "a molecular one, or a transplant, is no event."
        ),
    ),
    Definition(
        "b_cell_aplasia",
        N_("B-cell aplasia"),
        N_(
            "From the infusion to the first of two samples in a row with B cells, of those who "
            "lost them; censored at the last sample."
        ),
    ),
)


def _until(time: Time | None) -> Value:
    return MISSING if time is None else Value(time.length, censored=not time.event)


CURVES: Mapping[str, Callable[[Counted], Value | None]] = MappingProxyType(
    {
        "overall": lambda one: _until(one.overall) if one.infused else None,
        "event_free": lambda one: _until(one.event_free) if one.infused else None,
        "b_cell_aplasia": lambda one: one.aplasia,
    }
)


@dataclass(frozen=True)
class Curve:
    """Who is on a curve, in days, each time with how many; `missing` are not: nobody knows when."""

    definition: Definition
    times: Mapping[Time, int]
    missing: int
    suppressed: bool = False  # too few to be told: nobody is on it


def curves_of(tally: Tally) -> tuple[Curve, ...]:
    """Every curve in the order of the definitions."""
    return tuple(Curve(one, *tally.times(one.code)) for one in DEFINITIONS)
