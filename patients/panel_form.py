"""The form of many laboratory values at once: a row per analyte, read by the service."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from patients.fields import choices_with_blank
from patients.lab_forms import analyte_label
from patients.models.results import LabAnswer
from patients.result_pages import Shown
from patients.ticks import AboutTick, about
from terms.quantities import Analyte, unit_text


@dataclass(frozen=True)
class PanelRow:
    """One analyte of the form, beside its latest value."""

    label: str
    latest: Shown | None
    fields: tuple[forms.BoundField, ...]
    confirmed: forms.BoundField

    @property
    def asked(self) -> bool:
        """Whether the value has to be confirmed, or was."""
        return bool(self.confirmed.errors or self.confirmed.value())


class PanelForm(forms.Form):
    """One day and whatever was measured on it; what is left blank was not."""

    on = forms.CharField(
        label=gettext_lazy("Date of the samples"),
        required=False,
        max_length=30,
        help_text=gettext_lazy("Such as 14-Mar-2026 or 14/03/2026."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    context = forms.CharField(label=gettext_lazy("Context"), required=False, max_length=80)

    def __init__(
        self, *args: Any, analytes: Sequence[Analyte], latest: Mapping[str, Shown], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._analytes, self._latest = analytes, latest
        for one in analytes:
            self._add(one)

    def _add(self, one: Analyte) -> None:
        name, code = analyte_label(one), one.code
        attrs = {"autocomplete": "off", "inputmode": "decimal", "aria-label": name}
        self.fields[f"{code}.value"] = forms.CharField(
            label=name, required=False, max_length=40, widget=forms.TextInput(attrs=attrs)
        )
        unit = _("Unit: %(what)s") % {"what": name}
        self.fields[f"{code}.unit"] = forms.ChoiceField(
            label=unit,
            required=False,
            choices=[(unit, unit_text(unit)) for unit in one.accepted_units],
            widget=forms.Select(attrs={"aria-label": unit}),
        )
        if one.detection:
            answer = _("Answer: %(what)s") % {"what": name}
            self.fields[f"{code}.result"] = forms.ChoiceField(
                label=answer,
                required=False,
                choices=choices_with_blank(LabAnswer.choices),
                widget=forms.Select(attrs={"aria-label": answer}),
            )
        self.fields[f"{code}.confirmed"] = forms.BooleanField(
            label=_("I checked this unusual value"), required=False, widget=AboutTick
        )
        about(self, f"{code}.confirmed", f"{code}.value", f"{code}.unit")

    def rows(self) -> Iterator[PanelRow]:
        """The rows as the page shows them."""
        for one in self._analytes:
            names = [f"{one.code}.{part}" for part in ("result", "value", "unit")]
            yield PanelRow(
                analyte_label(one),
                self._latest.get(one.code),
                tuple(self[name] for name in names if name in self.fields),
                self[f"{one.code}.confirmed"],
            )

    def values(self) -> list[dict[str, Any]]:
        """What was filled in, as the service takes it."""
        given = self.cleaned_data
        found = []
        for one in self._analytes:
            parts = {
                part: given.get(f"{one.code}.{part}")
                for part in ("value", "unit", "result", "confirmed")
            }
            if parts["value"] or parts["result"]:
                found.append({"analyte": one.code, **parts, "result": parts["result"] or ""})
        return found
