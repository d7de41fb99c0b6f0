"""What stands beside the field of a number: its unit to choose, and the tick of an unusual one."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from pathway.domain.measures import Measure, canonical, is_unusual, units_of
from patients.fields import choices_with_blank
from patients.ticks import AboutTick, about
from terms.quantities import unit_text
from terms.reading import Unreadable

# No code holds a hyphen.
_UNIT, _SURE = "-unit", "-confirmed"


def add_beside(form: forms.Form, code: str, measure: Measure, label: str) -> None:
    """Add to `form`, after the field `code`, what its number needs; nothing for other values.

    The tick is asked only of what was typed and is unusual, and stands for nothing else.
    """
    units = units_of(measure)
    if units:
        choices = choices_with_blank([(unit, unit_text(unit)) for unit in units])
        form.fields[code + _UNIT] = forms.ChoiceField(
            label=_("%(what)s: unit") % {"what": label}, choices=choices, required=False
        )
    if form.is_bound and _is_unusual(form, code, measure):
        form.fields[code + _SURE] = forms.BooleanField(
            label=_("%(what)s: I checked this unusual value") % {"what": label},
            required=False,
            widget=AboutTick,
        )
        about(form, code + _SURE, code, *([code + _UNIT] if units else []))


def typed_beside(cleaned: Mapping[str, Any], code: str) -> dict[str, Any]:
    """What a valid form says beside the number `code`, as notes take it."""
    return {
        "unit": cleaned.get(code + _UNIT, ""),
        "confirmed": bool(cleaned.get(code + _SURE)),
    }


def _is_unusual(form: forms.Form, code: str, measure: Measure) -> bool:
    if measure.kind != "number":
        return False
    try:
        kept = canonical(measure, form.data.get(code, ""), form.data.get(code + _UNIT, ""))
    except Unreadable:
        return False
    return is_unusual(measure, kept)
