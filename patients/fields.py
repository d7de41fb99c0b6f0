"""Form fields that read dates and numbers as clinicians type them, and never guess."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.wording import day_text, param_in_words
from terms.numbers import Measured, read_measured, read_number
from terms.partial_dates import PartialDate, parse
from terms.reading import Unreadable

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Choices = Iterable[tuple[str, "StrOrPromise"]]
_AS_KNOWN = gettext_lazy("As far as it is known: 2021, 03/2021 or 14-Mar-2021.")
_YES, _NO = gettext_lazy("Yes"), gettext_lazy("No")


def unreadable(error: Unreadable) -> ValidationError:
    """What a form says of text that could not be read."""
    params = {name: param_in_words(value) for name, value in error.params.items()}
    return ValidationError(_(error.message), code=error.code, params=params)


class PartialDateField(forms.CharField):
    """A year, a month or a day; cleans to ISO text, empty when left blank."""

    def __init__(
        self,
        *,
        label: "StrOrPromise",
        required: bool = False,
        help_text: "StrOrPromise" = _AS_KNOWN,
    ) -> None:
        super().__init__(
            label=label,
            required=required,
            max_length=30,
            help_text=help_text,
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
        )

    def to_python(self, value: object) -> str:
        """ISO text of what is known. Raises ValidationError."""
        if isinstance(value, PartialDate | date):
            return value.isoformat() if isinstance(value, date) else value.iso()
        text = super().to_python(value)
        if not text:
            return ""
        try:
            return parse(text).iso()
        except Unreadable as error:
            raise unreadable(error) from error


class DayField(forms.Field):
    """One full date; cleans to a date, None when left blank."""

    def __init__(
        self,
        *,
        label: "StrOrPromise",
        required: bool = True,
        help_text: "StrOrPromise" = "",
        initial: date | None = None,
    ) -> None:
        super().__init__(
            label=label,
            required=required,
            help_text=help_text or gettext_lazy("Such as 14-Mar-2026 or 14/03/2026."),
            initial=initial,
            # Text, not a browser's date picker: that one may show 03/04/2026 for either date.
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
        )

    def prepare_value(self, value: object) -> object:
        """`14-Mar-2026` for a date, what was typed for anything else."""
        return day_text(value) if isinstance(value, date) else value

    def to_python(self, value: object) -> date | None:
        """The date. Raises ValidationError for text that is none, or known only to the month."""
        if value in self.empty_values or str(value).isspace():
            return None
        if isinstance(value, date):
            return value
        try:
            read = parse(str(value))
        except Unreadable as error:
            raise unreadable(error) from error
        if read.precision != "day":
            raise ValidationError(_("Give the day too."), code="day_needed")
        return read.earliest()


class MomentField(DayField):
    """A date and a time of day at the centre; cleans to an aware datetime.

    Of an hour that comes twice, when the clocks go back, the first is meant.
    """

    def __init__(self, *, label: "StrOrPromise", zone: ZoneInfo) -> None:
        super().__init__(
            label=label,
            help_text=gettext_lazy("Such as 14-Mar-2026 09:30; may lie in the past."),
        )
        self.zone = zone

    def prepare_value(self, value: object) -> object:
        """`14-Mar-2026 09:30` in the centre's zone for a datetime, else what was typed."""
        if not isinstance(value, datetime):
            return value
        local = value.astimezone(self.zone)
        return f"{day_text(local.date())} {local:%H:%M}"

    def to_python(self, value: object) -> datetime | None:
        """The moment.

        Raises ValidationError for a date without a time, no date at all, a time with an offset of
        its own, and one that the clocks skip in spring.
        """
        if value in self.empty_values or str(value).isspace():
            return None
        day_part, _space, time_part = str(value).strip().replace("T", " ", 1).rpartition(" ")
        try:
            at = time.fromisoformat(time_part.zfill(5))
        except ValueError as error:
            raise ValidationError(
                _("Give the time too, such as 09:30."), code="time_needed"
            ) from error
        on = super().to_python(day_part)
        if on is None:
            raise ValidationError(_("Give the day too."), code="day_needed")
        if at.tzinfo is not None:
            raise ValidationError(
                _("Give the time at the centre, without an offset."), code="offset"
            )
        moment = datetime.combine(on, at, tzinfo=self.zone)
        if moment.astimezone(UTC).astimezone(self.zone).time() != at:
            raise ValidationError(
                _("This time does not exist: the clocks go forward that day."), code="no_such_time"
            )
        return moment


class NumberField(forms.CharField):
    """A number with decimal comma or point; cleans to a Decimal, None when left blank.

    `low` and `high`, both included, are what is possible at all.
    """

    def __init__(
        self,
        *,
        label: "StrOrPromise",
        unit: str = "",
        required: bool = True,
        low: Decimal | None = None,
        high: Decimal | None = None,
        help_text: "StrOrPromise" = "",
    ) -> None:
        attrs = {"inputmode": "decimal", "autocomplete": "off"}
        super().__init__(
            label=label,
            required=required,
            help_text=help_text,
            widget=forms.TextInput(attrs={**attrs, "data-unit": unit} if unit else attrs),
        )
        self.low, self.high = low, high

    def to_python(self, value: object) -> Decimal | None:  # type: ignore[override]
        """The number as written. Raises ValidationError."""
        if value in self.empty_values or str(value).isspace():
            return None
        try:
            number = _number(value)
        except Unreadable as error:
            raise unreadable(error) from error
        if self.low is not None and self.high is not None and not self.low <= number <= self.high:
            raise ValidationError(
                _("This must be from %(low)s to %(high)s."),
                code="impossible",
                params={"low": self.low, "high": self.high},
            )
        return number


class MeasuredField(NumberField):
    """A number that may be a limit, `<0.1` or `>1000`; cleans to a Measured, None when blank."""

    def to_python(self, value: object) -> Measured | None:  # type: ignore[override]
        """The number with its comparator. Raises ValidationError."""
        if value in self.empty_values or str(value).isspace():
            return None
        try:
            return read_measured(value) if isinstance(value, str) else Measured(_number(value))
        except Unreadable as error:
            raise unreadable(error) from error


def _number(value: object) -> Decimal:
    """A number of JSON is one already: only typed text can be read in two ways."""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        number = Decimal(str(value))
        if number.is_finite() and not number.is_signed():
            return number
    return read_number(str(value))


class YesNoField(forms.TypedChoiceField):
    """Yes or no with no answer preset; cleans to True, False or, when left blank, None."""

    def __init__(
        self,
        *,
        label: "StrOrPromise",
        required: bool = True,
        yes: "StrOrPromise" = _YES,
        no: "StrOrPromise" = _NO,
    ) -> None:
        super().__init__(
            label=label,
            required=required,
            choices=choices_with_blank([("true", yes), ("false", no)], required=required),
            coerce=lambda answer: answer == "true",
            empty_value=None,
        )

    def to_python(self, value: object) -> str:
        """`true`, `false` or nothing; JSON's booleans are accepted too."""
        return str(super().to_python(str(value).lower() if isinstance(value, bool) else value))


def choices_with_blank(
    choices: Choices, *, required: bool = True
) -> list[tuple[str, "StrOrPromise"]]:
    """`choices` after an empty one, so that no answer is preset."""
    blank = gettext_lazy("Choose") if required else gettext_lazy("Not known")
    return [("", blank), *choices]
