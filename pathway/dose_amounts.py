"""What doses per square metre come to for one patient, in words: shown, never ordered."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.wording import in_words, param_in_words
from pathway.domain.doses import DoseFacts
from pathway.domain.surface_doses import Arithmetic, plain
from pathway.dose_surfaces import comes_to
from pathway.loading import CourseState
from pathway.loading_companions import CompanionRow
from patients.domain.body import FORMULA_NAMES, BodySurface


@dataclass(frozen=True)
class Counted:
    """The arithmetic of one dose, on the day it was given or else today."""

    dose: DoseFacts
    arithmetic: Arithmetic

    @property
    def text(self) -> str:
        """The arithmetic with everything it comes from, or why there is none."""
        return arithmetic_text(self.arithmetic)

    @property
    def of_order(self) -> str:
        """How far the order is from it."""
        return _distance(self.arithmetic, self.dose.amount)

    @property
    def of_given(self) -> str:
        """How far what was given is from it; that nobody can say so, where it is not known."""
        if self.dose.given_on is not None and self.dose.given_amount is None:
            return _("Not compared.")
        return _distance(self.arithmetic, self.dose.given_amount)


def counted_amounts(state: CourseState, row: CompanionRow, today: date) -> dict[int, Counted]:
    """The doses of a companion that are ordered per square metre, by id."""
    found = {dose.pk: counted(state, dose, dose.given_on or today) for dose in row.doses}
    return {pk: one for pk, one in found.items() if one is not None}


def counted(state: CourseState, dose: DoseFacts, on: date) -> Counted | None:
    """What one dose comes to by the weight and height of a day; None without mg/m²."""
    found = comes_to(state, dose.per_m2, on)
    return None if found is None else Counted(dose, found)


def arithmetic_text(found: Arithmetic) -> str:
    """Such as 25 mg/m² × 1.82 m² (Mosteller: 70 kg on a day, 170 cm on another) = 45.5 mg."""
    per_m2 = param_in_words(plain(found.per_m2))
    body = found.surface
    if body.weight is None or body.height is None or found.expected is None:
        said = " ".join(in_words(refusal) for refusal in body.refusals)
        return _("%(per_m2)s mg/m²; not compared: %(why)s") % {"per_m2": per_m2, "why": said}
    return _(
        "%(per_m2)s mg/m² × %(surface)s m² (%(formula)s: %(weight)s kg on %(weighed)s, "
        "%(height)s cm on %(measured)s) = %(expected)s mg"
    ) % {
        "per_m2": per_m2,
        "surface": param_in_words(body.square_metres),
        "formula": FORMULA_NAMES[body.formula],
        "weight": param_in_words(plain(body.weight.value)),
        "weighed": param_in_words(body.weight.on),
        "height": param_in_words(plain(body.height.value)),
        "measured": param_in_words(body.height.on),
        "expected": param_in_words(found.expected),
    }


def surface_today(found: dict[int, Counted]) -> BodySurface | None:
    """The surface of a dose that is still to be given, which is today's; None without any."""
    still = (one.arithmetic.surface for one in found.values() if one.dose.given_on is None)
    return next(still, None)


def _distance(found: Arithmetic, amount: Decimal | None) -> str:
    off = found.off_by(amount)
    if off is None:
        return "" if amount is None else _("Not compared.")
    said = {"off": param_in_words(off), "most": found.tolerance}
    if found.is_off(amount):
        return _("%(off)s %% from what is counted: more than the %(most)s %% allowed") % said
    return _("%(off)s %% from what is counted, %(most)s %% allowed") % said
