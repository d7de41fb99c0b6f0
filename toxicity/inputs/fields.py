"""Numbers of the scales as JSON gives them: a number, or text as people type it. Never guessed."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.strict_inputs import DayField, MomentField
from accounts.wording import in_words
from terms.numbers import read_number
from terms.reading import Unreadable
from toxicity.domain.ranges import RANGES


@extend_schema_field(OpenApiTypes.DECIMAL)
class NumberField(serializers.Field[Decimal, Any, Any, Any]):
    """An exact number inside its range; left out or null where it is not known.

    `above_zero` where 0 makes no sense although a result may be 0: a limit, a threshold.
    """

    default_error_messages = {
        "invalid": _("A valid number is required."),
        "out_of_range": _("This value cannot be: {least} to {most} can."),
        "zero": _("This cannot be 0."),
    }

    above_zero = False

    def __init__(self, name: str, *, above_zero: bool = False, **given: Any) -> None:
        self.least, self.most = RANGES[name]
        self.above_zero = above_zero
        super().__init__(**{"required": False, "allow_null": True, **given})

    def to_internal_value(self, data: Any) -> Decimal:
        """The number as written; raises ValidationError for what is none, or cannot be."""
        if isinstance(data, bool) or not isinstance(data, int | float | str):
            self.fail("invalid")
        if isinstance(data, str):
            try:
                number = read_number(data)
            except Unreadable as unreadable:
                refusal = unreadable.refusal()
                raise serializers.ValidationError(in_words(refusal), code=refusal.code) from None
        else:
            number = Decimal(str(data))
        if not self.least <= number <= self.most:
            self.fail("out_of_range", least=self.least, most=self.most)
        if self.above_zero and not number:
            self.fail("zero")
        return number


class WholeField(serializers.IntegerField):
    """A whole number from 0 to `most`; no text and no truth value is taken for one."""

    def __init__(self, most: int) -> None:
        super().__init__(required=False, allow_null=True, min_value=0, max_value=most)

    def to_internal_value(self, data: Any) -> int:
        """The number; raises ValidationError."""
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return super().to_internal_value(data)


class TriState(serializers.BooleanField):
    """True, false, or null for what is not known; nothing else is taken for one of them."""

    def __init__(self) -> None:
        super().__init__(required=False, allow_null=True, default=None)

    def to_internal_value(self, data: Any) -> bool:
        """The value; raises ValidationError."""
        if data is not True and data is not False:
            self.fail("invalid", input=data)
        return bool(data)


class Flag(TriState):
    """True or false; left out it is false."""

    def __init__(self) -> None:
        serializers.BooleanField.__init__(self, required=False, default=False)


class Word(serializers.ChoiceField):
    """One word of a list; left out or null where it is not known."""

    def __init__(self, words: Any) -> None:
        super().__init__(choices=list(words), required=False, allow_null=True)

    def to_internal_value(self, data: Any) -> Any:
        """The word; raises ValidationError."""
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        return super().to_internal_value(data)


class PastDayField(DayField):
    """A day that has come, by the `today` of the context: a later one would end every window."""

    default_error_messages = {"ahead": _("This lies in the future.")}

    def to_internal_value(self, value: Any) -> date:
        """The day; raises ValidationError."""
        on = super().to_internal_value(value)
        if on > self.context["today"]:
            self.fail("ahead")
        return on


@extend_schema_field(OpenApiTypes.DATETIME)
class AtField(serializers.Field[date, Any, Any, Any]):
    """A day, or a moment of which the local day counts; none in the future."""

    def to_internal_value(self, data: Any) -> date:
        """The day; raises ValidationError."""
        on = data
        if not (isinstance(data, str) and len(data.strip()) == len("2026-11-12")):
            moment = MomentField()
            moment.bind("at", self.parent)
            at: datetime = moment.to_internal_value(data)
            on = at.astimezone(moment.default_timezone()).date()
        day = PastDayField()
        day.bind("at", self.parent)
        return day.to_internal_value(on.strip() if isinstance(on, str) else on)
