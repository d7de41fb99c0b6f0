"""Fields of the bedside: a temperature that is told apart from a slip, answers never preset."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from patients.fields import NumberField, unreadable
from terms.numbers import read_number
from terms.reading import Unreadable
from toxicity.domain.ranges import RANGES
from toxicity.wording.choices import CHOICES
from toxicity.wording.numbers import number_text

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

NOT_KNOWN = "not_known"  # takes an answer back: radio buttons alone cannot
YES, NO = "yes", "no"
_NOT_KNOWN = (NOT_KNOWN, gettext_lazy("Not known"))
_FAHRENHEIT = (Decimal(86), Decimal(113))
_WITHOUT_COMMA = (Decimal(300), Decimal(450))


class AnswerField(forms.TypedChoiceField):
    """One answer of a few, none preset; cleans to it, or to None where nobody knows it."""

    def __init__(
        self,
        *,
        label: "StrOrPromise",
        choices: Iterable[tuple[str, "StrOrPromise"]],
        coerce: Callable[[str], Any] = str,
        not_known: "StrOrPromise" = _NOT_KNOWN[1],
        help_text: "StrOrPromise" = "",
    ) -> None:
        super().__init__(
            label=label,
            required=False,
            choices=[*choices, (NOT_KNOWN, not_known)],
            coerce=lambda answer: None if answer == NOT_KNOWN else coerce(answer),
            empty_value=None,
            widget=forms.RadioSelect,
            help_text=help_text,
        )


class TriStateField(AnswerField):
    """Yes, no, or not known."""

    def __init__(self, *, label: "StrOrPromise", help_text: "StrOrPromise" = "") -> None:
        super().__init__(
            label=label,
            choices=[(NO, gettext_lazy("No")), (YES, gettext_lazy("Yes"))],
            coerce=lambda answer: answer == YES,
            help_text=help_text,
        )

    def prepare_value(self, value: object) -> object:
        """The answer of a sign that is true or false."""
        return {True: YES, False: NO}[value] if isinstance(value, bool) else value


class TickField(forms.BooleanField):
    """Something that is so only where it is ticked."""

    def __init__(self, *, label: "StrOrPromise", help_text: "StrOrPromise" = "") -> None:
        super().__init__(label=label, required=False, help_text=help_text)


class TemperatureField(NumberField):
    """Degrees Celsius; names the slip behind a value that no patient has."""

    def __init__(self, *, label: "StrOrPromise") -> None:
        low, high = RANGES["temp_c"]
        super().__init__(label=label, unit="°C", required=False, low=low, high=high)

    def to_python(self, value: object) -> Decimal | None:  # type: ignore[override]
        """The temperature. Raises ValidationError."""
        try:
            return super().to_python(value)
        except ValidationError as error:
            if error.code != "impossible":
                raise
            raise self._impossible(read_number(str(value))) from error

    def _impossible(self, number: Decimal) -> ValidationError:
        said = {"value": number_text(number), "low": self.low, "high": self.high}
        if _FAHRENHEIT[0] <= number <= _FAHRENHEIT[1]:
            text = _("%(value)s is a temperature in °F: give it in °C.")
        elif _WITHOUT_COMMA[0] <= number <= _WITHOUT_COMMA[1]:
            said["meant"] = number_text(number / 10, 1)
            text = _("%(value)s °C cannot be. Is %(meant)s °C meant?")
        else:
            text = _("%(value)s °C cannot be: a patient has from %(low)s to %(high)s °C.")
        return ValidationError(text, code="impossible", params=said)


class WholeField(NumberField):
    """A whole number from 0 to `most`; cleans to an int, None when left blank."""

    def __init__(
        self, *, label: "StrOrPromise", most: int, help_text: "StrOrPromise" = "", unit: str = ""
    ) -> None:
        super().__init__(label=label, required=False, help_text=help_text, unit=unit)
        self.widget.attrs["inputmode"] = "numeric"
        self.most = most

    def to_python(self, value: object) -> int | None:  # type: ignore[override]
        """The number. Raises ValidationError."""
        if value in self.empty_values or str(value).isspace():
            return None
        try:
            number = read_number(str(value), decimals_allowed=False)
        except Unreadable as error:
            raise unreadable(error) from error
        if number > self.most:
            text = _("This goes from 0 to %(most)s.")
            raise ValidationError(text, code="impossible", params={"most": self.most})
        return int(number)


def words_of(name: str) -> list[tuple[str, "StrOrPromise"]]:
    """The choices of a sign, in the words of its scale."""
    return [(code, gettext_lazy(word)) for code, word in CHOICES[name].items()]
