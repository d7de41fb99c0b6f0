"""The form of a scale, made from the API's own input: what can be asked is said once."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers

from accounts.strict_inputs import StrictInput
from accounts.wording import in_words
from patients.fields import DayField, choices_with_blank, unreadable
from terms.numbers import read_number
from terms.reading import Unreadable
from toxicity.calculators.labels import LABELS, Label
from toxicity.calculators.lines import Line, read_lines
from toxicity.inputs.fields import Flag, NumberField, PastDayField, TriState, WholeField, Word
from toxicity.wording.choices import CHOICES
from toxicity.wording.numbers import number_text

NONE_GIVEN = "none_given"
_FEW = 4  # so many answers are shown as radio buttons, more as a list
_MOST_BUTTONS = 3  # so are the whole numbers up to it

Field = serializers.Field[Any, Any, Any, Any]


class ScaleForm(forms.Form):
    """Left blank is not known, which is never no. A valid form holds the input in `given`."""

    blank_note = gettext_lazy("(blank: not known)")

    def __init__(
        self, data: Mapping[str, Any] | None, inputs: type[StrictInput], today: date
    ) -> None:
        super().__init__(data)
        self.inputs = inputs
        self.today = today
        self.given: dict[str, Any] = {}
        self._lines: list[Line] = []
        for name, field in inputs().fields.items():
            self.fields[name] = _form_field(name, field)

    def clean(self) -> dict[str, Any]:
        """Judge everything as the API does, and name all faults at their fields."""
        cleaned: dict[str, Any] = super().clean() or {}
        asked = {name: value for name, value in cleaned.items() if value not in (None, "", [])}
        sent = {name: self._sent(name, value) for name, value in asked.items()}
        serializer = self.inputs(data=sent, context={"today": self.today})
        serializer.is_valid()
        for name, errors in serializer.errors.items():
            if name not in self.errors:
                self.add_error(name, list(self._sentences(errors)))
        if not self.errors:
            self.given = serializer.validated_data
        return cleaned

    def _sent(self, name: str, value: Any) -> Any:
        """A cleaned value as the API is sent it."""
        if name == "vasopressors":
            return [] if value == [NONE_GIVEN] else value
        if name != "series":
            return value
        self._lines = value
        count = count_of(self.inputs().fields[name])
        return [{"at": line.on, count: line.value} for line in value]

    def _sentences(self, errors: Any) -> Iterable[str]:
        """The sentences of a field's errors; those of a series name their lines."""
        if not isinstance(errors, dict):
            return [str(error) for error in errors]
        return [
            _line_text(self._lines[place].number, str(error))
            for place, of_line in errors.items()
            for found in of_line.values()
            for error in found
        ]


class OneOf(forms.TypedChoiceField):
    """One answer, or “not known”, which stands among the answers."""

    answers_blank = True


class WholeText(forms.Field):
    """A whole number as typed; cleans to an int, None when left blank."""

    def to_python(self, value: object) -> int | None:
        """The number. Raises ValidationError."""
        text = str(value or "").strip()
        try:
            return int(read_number(text, decimals_allowed=False)) if text else None
        except Unreadable as error:
            raise unreadable(error) from error


class PressorsField(forms.MultipleChoiceField):
    """What runs; nothing ticked is not known, and “none” is an answer of its own."""

    def validate(self, value: list[str]) -> None:
        """Raise ValidationError where none and one are both ticked."""
        super().validate(value)
        if NONE_GIVEN in value and len(value) > 1:
            raise ValidationError(_("Either none is given, or one is."), code="contradiction")


class SeriesField(forms.Field):
    """Lines of a day and a number; cleans to the lines, their numbers not yet judged."""

    def to_python(self, value: object) -> list[Line]:
        """The lines. Raises ValidationError naming every one that cannot be read."""
        lines, faults = read_lines(str(value or ""))
        if faults:
            raise ValidationError(
                [_line_text(one.number, in_words(one.reason.refusal())) for one in faults]
            )
        return lines


def _line_text(number: int, sentence: str) -> str:
    return _("Line %(number)s: %(sentence)s") % {"number": number, "sentence": sentence}


def _form_field(name: str, field: Field) -> forms.Field:
    if name == "vasopressors":
        return _pressors(_told(LABELS[name], field))
    if name == "series":
        label = LABELS[f"series_{count_of(field)}"]
        area = forms.Textarea(attrs={"rows": 8, "spellcheck": "false", **_unit(label)})
        return SeriesField(widget=area, **_told(label, field))
    label = LABELS[name]
    told = _told(label, field)
    if isinstance(field, Word):
        return _word(name, told)
    if isinstance(field, Flag):
        return forms.BooleanField(**told)
    if isinstance(field, TriState):
        return _buttons([("true", _("Yes")), ("false", _("No"))], told, lambda v: v == "true")
    if isinstance(field, PastDayField):
        return DayField(**told)
    if isinstance(field, WholeField):
        return _whole(field, label, told)
    if isinstance(field, NumberField):
        return _number(field, label, told)
    raise TypeError(f"no form field for {name}")


def count_of(series: Field) -> str:
    """What the samples of a series count."""
    sample: serializers.Serializer[Any] = series.child  # type: ignore[attr-defined]
    return next(str(name) for name in sample.get_fields() if name != "at")


def _told(label: Label, field: Field) -> dict[str, Any]:
    help_text = _(label.help) if label.help else ""
    return {"label": _(label.text), "help_text": help_text, "required": field.required}


def _unit(label: Label) -> dict[str, str]:
    return {"autocomplete": "off"} | ({"data-unit": label.unit} if label.unit else {})


def _buttons(
    answers: list[tuple[str, str]], told: dict[str, Any], read: Callable[[str], Any]
) -> forms.Field:
    """Few answers beside each other, “not known” before them and preset."""
    return OneOf(
        choices=choices_with_blank(answers, required=False),
        coerce=read,
        empty_value=None,
        widget=forms.RadioSelect,
        **told,
    )


def _word(name: str, told: dict[str, Any]) -> forms.Field:
    answers = [(code, _(word)) for code, word in CHOICES[name].items()]
    if len(answers) <= _FEW:
        return _buttons(answers, told, str)
    choices = choices_with_blank(answers, required=False)
    return OneOf(choices=choices, empty_value=None, **told)


def _whole(field: WholeField, label: Label, told: dict[str, Any]) -> forms.Field:
    most = field.max_value or 0
    if most == 1:
        return _buttons([("1", _("Yes")), ("0", _("No"))], told, int)
    if most <= _MOST_BUTTONS:
        return _buttons([(str(n), str(n)) for n in range(most + 1)], told, int)
    attrs = {**_unit(label), "inputmode": "numeric"}
    return WholeText(widget=forms.TextInput(attrs=attrs), **told)


def _number(field: NumberField, label: Label, told: dict[str, Any]) -> forms.Field:
    ends = {"least": number_text(field.least), "most": number_text(field.most)}
    span = _("From %(least)s to %(most)s.") % ends
    told["help_text"] = f"{span} {told['help_text']}".strip()
    attrs = {**_unit(label), "inputmode": "decimal"}
    return forms.CharField(widget=forms.TextInput(attrs=attrs), **told)


def _pressors(told: dict[str, Any]) -> forms.Field:
    words = [(code, _(word)) for code, word in CHOICES["vasopressors"].items()]
    return PressorsField(
        choices=[(NONE_GIVEN, _("None is given")), *words],
        widget=forms.CheckboxSelectMultiple,
        **told,
    )
