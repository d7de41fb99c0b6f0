"""Cumulative incidence of one of two ends that exclude each other, in exact fractions.

Aalen and Johansen: whoever died without a relapse can have none any more, so that a curve that only
censors them would tell too much.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from exports.domain.counted import Counted
from exports.domain.summaries import MISSING, Definition, Value
from exports.domain.survival import Time, Times, steps, tallied
from exports.domain.tally import Tally
from terms.words import N_

DEFINITIONS = (
    Definition(
        "relapse",
        N_("Relapse, cumulative incidence"),
        N_(
            "First haematological or extramedullary relapse or refractory disease after the "
            "infusion; a death before it competes. One without an exact day is missing."
        ),
    ),
    Definition(
        "non_relapse_mortality",
        N_("Non-relapse mortality, cumulative incidence"),
        N_(
            "Deaths of any cause without a relapse before, from the infusion on; a relapse "
            "competes. A relapse without an exact day is missing."
        ),
    ),
)


def _ended(one: Counted, *, by_relapse: bool) -> Value | None:
    """The days to the first end; censored unless it is of the one kind."""
    first = one.event_free
    if first is None:
        return MISSING if one.infused else None
    of_the_kind = first.event and (one.relapsed_on is not None) == by_relapse
    return Value(first.length, censored=not of_the_kind)


ENDS: Mapping[str, Callable[[Counted], Value | None]] = MappingProxyType(
    {
        "relapse": lambda one: _ended(one, by_relapse=True),
        "non_relapse_mortality": lambda one: _ended(one, by_relapse=False),
    }
)


@dataclass(frozen=True)
class Incidence:
    """Who is followed to any end (`times`), and the same with the ends of one kind (`of`)."""

    definition: Definition
    times: Mapping[Time, int]
    of: Mapping[Time, int]
    missing: int
    suppressed: bool = False

    @property
    def events(self) -> int:
        """How many ended so."""
        return sum(number for one, number in self.of.items() if one.event)

    @property
    def competing(self) -> int:
        """How many ended otherwise."""
        return sum(number for one, number in self.times.items() if one.event) - self.events


def incidences_of(tally: Tally) -> tuple[Incidence, ...]:
    """Both, in the order of the definitions."""
    times, _missing = tally.times("event_free")
    return tuple(Incidence(one, times, *tally.times(one.code)) for one in DEFINITIONS)


def incidence_at(times: Times, of: Times, lengths: Iterable[int]) -> tuple[Fraction | None, ...]:
    """The part that has ended so at each of `lengths`, in rising order; None beyond the longest."""
    every = tallied(times)
    ended = {one.length: number for one, number in tallied(of).items() if one.event}
    longest = max((one.length for one in every), default=-1)
    found: list[Fraction | None] = []
    rest = steps(every)
    ahead = next(rest, None)
    kept, whole, part = 1, 1, 0  # S before the next step, and the part, are of `whole`
    for length in lengths:
        while ahead is not None and ahead.length <= length:
            part = part * (ahead.whole // whole)
            each = kept * (ahead.whole // whole) // ahead.at_risk
            part += each * ended.get(ahead.length, 0)
            kept, whole = ahead.kept, ahead.whole
            ahead = next(rest, None)
        found.append(Fraction(part, whole) if length <= longest else None)
    return tuple(found)
