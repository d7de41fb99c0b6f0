"""Amounts of drugs: a dose in milligrams, and what was given of a drug on a day in all."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

MG = "mg"
_IN_MG: Mapping[str, Decimal] = MappingProxyType(
    {MG: Decimal(1), "g": Decimal(1000), "ug": Decimal("0.001")}
)


@dataclass(frozen=True)
class Dose:
    """Equal doses; None for an amount that nobody knows."""

    amount: Decimal | None
    unit: str
    times: int = 1


@dataclass(frozen=True)
class Amount:
    """All of a drug on one day. `total` is None where a dose is not known or cannot be added."""

    total: Decimal | None
    unit: str
    doses: int


def plain(number: Decimal) -> Decimal:
    """The same number without the zeros that a column fills up with: 560, not 560.00000."""
    return Decimal(f"{number.normalize():f}")


def in_mg(amount: Decimal, unit: str) -> Decimal | None:
    """Milligrams, exactly; None for a unit that is no weight."""
    factor = _IN_MG.get(unit)
    return None if factor is None else amount * factor


def added(doses: Iterable[Dose]) -> Amount:
    """What several doses of a drug are together: in mg where they are weights, else in their unit.

    Not known as soon as one of them is not, or where weights meet another unit.
    """
    rows = tuple(doses)
    count = sum(row.times for row in rows)
    weights = all(row.unit in _IN_MG for row in rows)
    units = {MG if weights else row.unit for row in rows}
    if len(units) != 1:
        return Amount(None, "", count)
    (unit,) = units
    total = Decimal(0)
    for row in rows:
        if row.amount is None:
            return Amount(None, unit, count)
        total += row.amount * _IN_MG.get(row.unit, Decimal(1)) * row.times
    return Amount(total, unit, count)
