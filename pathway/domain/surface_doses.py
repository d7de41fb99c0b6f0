"""Doses per square metre against what was ordered and given: the arithmetic, and what asks why."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from pathway.domain.amounts import milligrams
from pathway.domain.assessments import Assessments
from pathway.domain.doses import DoseFacts
from patients.domain.body import BodySurface, Measure, surface
from patients.domain.ranges import BodyRules
from terms.refusals import Kind, Refusal
from terms.roles import Role
from terms.words import N_

# The reasons about an amount, each asked by itself: one for the day says nothing of it.
AMOUNT_CODES = ("amount_unknown", "surface_unknown", "amount_off_surface")
_WHO_GIVES = (Role.WARD_NURSE.value, Role.HAEMATOLOGIST.value)
_NOT_COMPARED = N_("The amount cannot be compared with the protocol. %(why)s Say why it is right.")
_TENTH = Decimal("0.1")
_HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Arithmetic:
    """What a dose per square metre comes to for the patient on a day, with what it comes from."""

    per_m2: Decimal
    surface: BodySurface
    tolerance: int  # per cent

    @property
    def expected(self) -> Decimal | None:
        """The milligrams; None while the surface is not counted."""
        return milligrams(self.per_m2, self.surface.square_metres)

    def off_by(self, amount: Decimal | None) -> Decimal | None:
        """Per cent above (or below 0) what is expected; None where that is not compared."""
        expected = self.expected
        if amount is None or not expected:
            return None
        return ((amount - expected) * _HUNDRED / expected).quantize(_TENTH, ROUND_HALF_UP)

    def is_off(self, amount: Decimal | None) -> bool:
        """Whether an amount is compared and differs by more than the protocol tolerates."""
        expected = self.expected
        if amount is None or not expected:
            return False
        return abs(amount - expected) * _HUNDRED > expected * self.tolerance

    def comes_to(self, before: Decimal | None) -> bool:
        """Whether it is known to come to what was counted before, as far as doses may differ."""
        return bool(self.expected) and before is not None and not self.is_off(before)


def arithmetic(
    per_m2: Decimal | None, assessed: Assessments, rules: BodyRules, on: date
) -> Arithmetic | None:
    """The arithmetic of a dose by the weight and height of the day `on`; None without mg/m²."""
    if per_m2 is None:
        return None
    found = surface(
        formula=rules.surface_formula.value,
        weight=_latest(assessed.weights, on),
        height=_latest(assessed.heights, on),
        on=on,
        weight_days=rules.weight_days.value,
        height_days=rules.height_days.value,
    )
    return Arithmetic(per_m2, found, rules.dose_tolerance_percent.value)


def _latest(measures: tuple[Measure, ...], on: date) -> Measure | None:
    return next((one for one in reversed(measures) if one.on <= on), None)


def refuse_ordered(found: Arithmetic | None, amount: Decimal | None) -> list[Refusal]:
    """Against an order that is not what the protocol comes to, or that nobody can compare."""
    if found is None or amount is None:
        return []
    if found.expected is None:
        return [_asked("surface_unknown", _NOT_COMPARED, why=found.surface.refusals)]
    return [_off(found, amount)] if found.is_off(amount) else []


def refuse_given(
    found: Arithmetic | None, dose: DoseFacts, amount: Decimal | None
) -> list[Refusal]:
    """Against a dose that was so much, or of which nobody says how much it was.

    What was ordered otherwise for a reason, and given as ordered, is not asked again as long as
    the arithmetic is the one that the reason was about.
    """
    if found is None:
        return []
    if amount is None:
        message = N_("Say how much was given, or why that is not known.")
        return [_asked("amount_unknown", message)]
    if amount == dose.amount and dose.amount_reason and found.comes_to(dose.amount_counted):
        return []
    return refuse_ordered(found, amount)


def _off(found: Arithmetic, amount: Decimal) -> Refusal:
    return _asked(
        "amount_off_surface",
        N_(
            "%(per_m2)s mg/m² × %(surface)s m² = %(expected)s mg, but this is %(amount)s mg: "
            "%(off)s %%, and the protocol allows %(tolerance)s %%. Say why."
        ),
        per_m2=plain(found.per_m2),
        surface=found.surface.square_metres,
        expected=found.expected,
        amount=plain(amount),
        off=found.off_by(amount),
        tolerance=found.tolerance,
    )


def _asked(code: str, message: str, **params: object) -> Refusal:
    """What asks for a reason of its own: of who gives doses, since what was given was given."""
    return Refusal(code, message, params, Kind.SOFT, _WHO_GIVES)


def plain(number: Decimal | None) -> Decimal:
    """A number of a column without the zeros of its decimals; 0 for none."""
    return Decimal(f"{(number or Decimal(0)).normalize():f}")
