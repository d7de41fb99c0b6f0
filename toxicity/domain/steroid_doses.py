"""Doses of several corticosteroids, added up as dexamethasone."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

DEXAMETHASONE = "dexamethasone"


def as_dexamethasone(
    given: Mapping[str, Decimal | None], equal: Mapping[str, Decimal]
) -> int | None:
    """The whole milligrams of dexamethasone that all doses together are worth.

    `given` are the milligrams of each drug, None where one of its doses is not known; `equal` the
    doses that are worth the same. None where anything is not known: a part is never told as all.
    """
    total = Fraction(0)
    for drug, mg in given.items():
        if mg is None:
            return None
        if drug == DEXAMETHASONE:
            total += Fraction(mg)
        elif drug in equal:
            total += Fraction(mg) * Fraction(equal[DEXAMETHASONE]) / Fraction(equal[drug])
        else:
            return None
    return int(total + Fraction(1, 2))
