"""Values and thresholds of eligibility items and gate checks, in the reader's language."""

from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from pathway.domain.measures import NO, YES, Measure
from terms.words import N_

# The units that are words; the others are signs and the same in every language.
_UNITS = {"points": N_("points"), "doses": N_("doses"), "hours": N_("hours")}
_SIGNS = {"at_least": "≥", "above": ">", "at_most": "≤", "below": "<"}


def value_text(measure: Measure, value: str) -> str:
    """A kept value as people read it; what the protocol no longer knows as it was kept."""
    if not value or measure.kind == "text":
        return value
    if measure.kind == "number":
        return f"{_number(Decimal(value))} {unit_text(measure)}".strip()
    if measure.kind == "choice":
        choice = measure.choices.get(value)
        return choice.label.in_language(_language()) if choice else value
    return {YES: _("Yes"), NO: _("No")}.get(value, value)


def threshold_text(measure: Measure) -> str:
    """What is in range; empty where a value is kept and not compared."""
    if not measure.compared:
        return ""
    if measure.kind == "number":
        bounds = ", ".join(
            f"{_SIGNS[name]} {_number(bound.value)}" for name, bound in measure.bounds.items()
        )
        return f"{bounds} {unit_text(measure)}".strip()
    if measure.kind == "choice":
        return " / ".join(
            choice.label.in_language(_language())
            for choice in measure.choices.values()
            if choice.accepted.value
        )
    return value_text(measure, measure.wanted.value if measure.wanted else "")


def unit_text(measure: Measure) -> str:
    """The unit of a number as people read it."""
    return _(_UNITS[measure.unit]) if measure.unit in _UNITS else measure.unit


def _number(number: Decimal) -> str:
    text = f"{number:f}"
    plain = Decimal(text.rstrip("0").rstrip(".") if "." in text else text)
    return str(number_format(plain, use_l10n=True, force_grouping=False))


def _language() -> str:
    return get_language() or "en"
