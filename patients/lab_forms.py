"""The form of one laboratory value: read in the unit of its report, kept in the canonical one."""

from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.wording import day_text, param_in_words
from patients.domain.body import Measure, far_apart
from patients.domain.lab_values import NEGATIVE, read_value
from patients.domain.ranges import Ranges
from patients.entry_forms import EntryForm, full_day
from patients.fields import (
    Choices,
    MeasuredField,
    PartialDateField,
    choices_with_blank,
    unreadable,
)
from patients.models import Course, LabResult
from patients.models.results import LabAnswer
from patients.results import WEIGHT, body_rules, weight_before
from patients.ticks import AboutTick, about
from protocol.selectors import settings_of
from terms.numbers import Measured
from terms.quantities import Analyte, unit_text
from terms.reading import Unreadable

_STORED_PLACES = Decimal("0.00001")


def ranges_of(course: Course) -> Ranges:
    """The analytes of the course's protocol."""
    return settings_of(course.protocol).section("ranges", Ranges)


def analyte_label(analyte: Analyte) -> str:
    """What the analyte is called in the active language."""
    return analyte.label.in_language(get_language() or "en")


class LabForm(EntryForm):
    """A laboratory value in the unit it was reported in; kept in the canonical one."""

    on = PartialDateField(
        label=gettext_lazy("Date of the sample"),
        help_text=gettext_lazy("Such as 14-Mar-2026 or 14/03/2026."),
    )
    analyte = forms.ChoiceField(label=gettext_lazy("Analyte"))
    value = MeasuredField(
        label=gettext_lazy("Value"),
        required=False,
        help_text=gettext_lazy("Below detection is written with its limit, such as <0.1."),
    )
    unit = forms.ChoiceField(label=gettext_lazy("Unit"), required=False)
    result = forms.ChoiceField(
        label=gettext_lazy("Answer"),
        required=False,
        choices=[("", gettext_lazy("None: a number only")), *LabAnswer.choices],
        help_text=gettext_lazy("Of a test that looks for something, such as a PCR."),
    )

    class Meta:
        model = LabResult
        fields = ["on", "analyte", "value", "unit", "result", "confirmed", "context"]
        widgets = {"confirmed": AboutTick}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ranges = ranges_of(self.course)
        known = self.ranges.analytes
        units = dict.fromkeys(unit for one in known for unit in one.accepted_units)
        names = [(one.code, analyte_label(one)) for one in known]
        self._choose("analyte", choices_with_blank(sorted(names, key=lambda pair: pair[1])))
        self._choose("unit", choices_with_blank([(unit, unit_text(unit)) for unit in units]))
        about(self, "confirmed", "analyte", "value", "unit")

    def _choose(self, name: str, choices: Choices) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField), "declared above"
        field.choices = list(choices)

    def clean_on(self) -> str:
        """A sample has a day."""
        on = super().clean_on()
        return full_day(on) if on else ""

    def clean(self) -> dict[str, Any]:
        """Turn the value into the canonical unit and keep what was typed beside it."""
        cleaned = super().clean() or {}
        # A letter may give a value without its day; left out by mistake has no context either.
        if cleaned.get("on") == "" and not cleaned.get("context"):
            message = _("Give the day, or say in the context where a value without one comes from.")
            self._refuse("on", "required", message)
        measured: Measured | None = cleaned.get("value")
        # Until it is read in its unit it stands as typed; nothing is saved then.
        cleaned["value"] = measured.value if measured is not None else None
        analyte = self.ranges.analyte(cleaned.get("analyte", ""))
        if analyte is None:
            if measured is None and not cleaned.get("result") and "value" not in self.errors:
                self._refuse("value", "required", _("Give the value."))
            return cleaned
        self._check_answer(analyte, measured, cleaned.get("result"))
        if measured is None:
            self.instance = LabResult(typed="")
            return cleaned | {"unit": "", "confirmed": False}
        if not cleaned.get("unit"):
            if "unit" not in self.errors:
                self._refuse("unit", "required", _("Give the unit."))
            return cleaned
        return cleaned | self._read(analyte, measured, cleaned["unit"])

    def _check_answer(
        self, analyte: Analyte, measured: Measured | None, answer: str | None
    ) -> None:
        if "value" in self.errors or answer is None:
            return
        if not analyte.detection:
            if answer:
                message = _("This one is a number: it has no answer.")
                self._refuse("result", "no_answer", message)
            if measured is None:
                self._refuse("value", "required", _("Give the value."))
        elif not answer:
            self._refuse("result", "required", _("Say whether it was found."))
        elif answer == NEGATIVE and measured is not None and measured.comparator != "<":
            message = _("Negative with a number: give the limit of detection, such as <50.")
            self._refuse("value", "negative_with_number", message)

    def _read(self, analyte: Analyte, measured: Measured, unit: str) -> dict[str, Any]:
        try:
            reading, unusual = read_value(analyte, measured, unit)
        except Unreadable as error:
            self.add_error("unit" if error.code == "unknown_unit" else "value", unreadable(error))
            return {}
        self.instance = LabResult(typed=f"{measured} {unit}", comparator=reading.comparator)
        confirmed = bool(self.cleaned_data.get("confirmed"))
        assert reading.value is not None, "read from a number"
        before = self._far_from(reading.value) if analyte.code == WEIGHT else None
        if unusual and not confirmed:
            message = _("%(value)s %(unit)s is unusual for %(what)s: look again, then confirm it.")
            said = {"value": measured, "unit": unit_text(unit), "what": analyte_label(analyte)}
            self._refuse("confirmed", "unusual", message % said)
        elif before is not None and not confirmed:
            message = _("The weight was %(before)s kg on %(on)s: look again, then confirm it.")
            number = param_in_words(before.value.normalize())
            said = {"before": number, "on": day_text(before.on)}
            self._refuse("confirmed", "unusual", message % said)
        unusual = unusual or before is not None
        return {
            "value": reading.value.quantize(_STORED_PLACES, rounding=ROUND_HALF_EVEN),
            "unit": reading.unit,
            "confirmed": unusual and confirmed,
        }

    def _far_from(self, weight: Decimal) -> Measure | None:
        """The weight before this one, where the two are further apart than the protocol takes."""
        on, most = self.cleaned_data.get("on"), body_rules(self.course).weight_change_percent
        if not on or most is None:
            return None
        before = weight_before(self.course, date.fromisoformat(on), besides=self.replacing)
        return before if before is not None and far_apart(before, weight, most.value) else None

    def _refuse(self, field: str, code: str, message: str) -> None:
        self.add_error(field, forms.ValidationError(message, code=code))
