"""Input that is judged strictly, wherever it comes in: unknown names, dates and moments."""

from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from terms.partial_dates import FIRST_YEAR, LAST_YEAR


class StrictInput(serializers.Serializer[Any]):
    """Input in which an unknown field is an error: a mistyped name must not be dropped silently."""

    def to_internal_value(self, data: Any) -> Any:
        """The known fields; raises ValidationError naming every unknown and unreadable one."""
        unknown = set(data) - set(self.fields) if isinstance(data, Mapping) else set()
        errors: dict[str, Any] = {
            name: [serializers.ErrorDetail(str(_("There is no such field.")), code="unknown_field")]
            for name in sorted(unknown)
        }
        values: Any = {}
        try:
            values = super().to_internal_value(data)
        except serializers.ValidationError as error:
            if not isinstance(error.detail, dict):
                raise
            errors |= error.detail
        if errors:
            raise serializers.ValidationError(errors)
        return values


class DayField(serializers.DateField):
    """A full date from 1900 to 2100, ISO 8601."""

    default_error_messages = {"year_out_of_range": _("The year must be from 1900 to 2100.")}

    def to_internal_value(self, value: Any) -> date:
        """The date; raises ValidationError."""
        on = super().to_internal_value(value)
        if not FIRST_YEAR <= on.year <= LAST_YEAR:
            self.fail("year_out_of_range")
        return on


class MomentField(serializers.DateTimeField):
    """A moment from 1900 to 2100, ISO 8601; without an offset it is the centre's local time."""

    default_error_messages = {"year_out_of_range": _("The year must be from 1900 to 2100.")}

    def default_timezone(self) -> tzinfo | None:
        """The zone of the centre the caller works at."""
        zone: tzinfo | None = self.context.get("zone")
        return zone or timezone.get_current_timezone()

    def to_internal_value(self, value: Any) -> datetime:
        """The aware moment; raises ValidationError."""
        try:
            at = super().to_internal_value(value)
        except OverflowError:  # the first or last day of the calendar, moved between zones
            self.fail("year_out_of_range")
        if not FIRST_YEAR <= at.year <= LAST_YEAR:
            self.fail("year_out_of_range")
        return at
