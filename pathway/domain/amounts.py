"""The milligrams that a dose per square metre comes to, where the body surface is known."""

from decimal import ROUND_HALF_UP, Decimal

_TENTH = Decimal("0.1")


def milligrams(per_m2: Decimal | None, square_metres: Decimal | None) -> Decimal | None:
    """mg/m² times m², to a tenth; None where either is not known."""
    if per_m2 is None or square_metres is None:
        return None
    return (per_m2 * square_metres).quantize(_TENTH, rounding=ROUND_HALF_UP)
