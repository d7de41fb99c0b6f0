"""Body surface from weight and height, by a published formula that the protocol names."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType

from terms.refusals import Refusal
from terms.words import N_

_HUNDREDTH = Decimal("0.01")


def mosteller(weight_kg: Decimal, height_cm: Decimal) -> Decimal:
    """Square metres: the root of height × weight / 3600 (Mosteller, N Engl J Med 1987;317:1098)."""
    return (weight_kg * height_cm / 3600).sqrt()


FORMULAS: Mapping[str, Callable[[Decimal, Decimal], Decimal]] = MappingProxyType(
    {"mosteller": mosteller}
)
FORMULA_NAMES: Mapping[str, str] = MappingProxyType({"mosteller": "Mosteller"})


@dataclass(frozen=True)
class Measure:
    """A weight in kilograms or a height in centimetres, and its day."""

    value: Decimal
    on: date


def far_apart(before: Measure, value: Decimal, percent: int) -> bool:
    """Whether `value` differs from `before` by more than so many percent of it."""
    return abs(value - before.value) * 100 > before.value * percent


@dataclass(frozen=True)
class BodySurface:
    """The body surface on a day with everything it was counted from.

    `square_metres` is rounded to two decimals, None while something stands against it: then
    `refusals` says what, and whatever is known is there all the same.
    """

    formula: str
    weight: Measure | None
    height: Measure | None
    square_metres: Decimal | None = None
    refusals: tuple[Refusal, ...] = ()


def surface(
    *,
    formula: str,
    weight: Measure | None,
    height: Measure | None,
    on: date,
    weight_days: int,
    height_days: int,
) -> BodySurface:
    """The body surface on the day `on`, from inputs that are no older than so many days."""
    against = (
        *_against(weight, on, weight_days, "weight", _NO_WEIGHT, _OLD_WEIGHT),
        *_against(height, on, height_days, "height", _NO_HEIGHT, _OLD_HEIGHT),
    )
    if against or weight is None or height is None:
        return BodySurface(formula, weight, height, refusals=against)
    metres = FORMULAS[formula](weight.value, height.value)
    rounded = metres.quantize(_HUNDREDTH, rounding=ROUND_HALF_UP)
    return BodySurface(formula, weight, height, rounded)


_NO_WEIGHT = N_("No weight is recorded.")
_NO_HEIGHT = N_("No height is recorded.")
_OLD_WEIGHT = N_("The weight of %(on)s is older than %(days)s days.")
_OLD_HEIGHT = N_("The height of %(on)s is older than %(days)s days.")


def _against(
    found: Measure | None, on: date, days: int, what: str, missing: str, old: str
) -> list[Refusal]:
    if found is None:
        return [Refusal(code=f"no_{what}", message=missing, field=what)]
    if (on - found.on).days > days:
        params = {"on": found.on, "days": days}
        return [Refusal(code=f"old_{what}", message=old, params=params, field=what)]
    return []
