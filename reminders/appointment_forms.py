"""The forms of appointments."""

import re
from collections.abc import Mapping
from datetime import time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from patients.fields import DayField, choices_with_blank
from reminders.appointing import Booking
from reminders.appointment_models import KIND_CHOICES, Appointment

Data = Mapping[str, Any] | None
_TIME = re.compile(r"([01]?[0-9]|2[0-3])[:.]([0-5][0-9])")


class TimeOfDayField(forms.Field):
    """A time of the centre's clock as people type it; cleans to a time, None when left blank."""

    def __init__(self) -> None:
        super().__init__(
            label=gettext_lazy("Time"),
            required=False,
            help_text=gettext_lazy("Such as 09:30; left empty where only the day is known."),
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
        )

    def prepare_value(self, value: object) -> object:
        """`09:30` for a time, else what was typed."""
        return f"{value:%H:%M}" if isinstance(value, time) else value

    def to_python(self, value: object) -> time | None:
        """The time. Raises ValidationError for what is none."""
        text = "" if value is None else str(value).strip()
        if not text:
            return None
        found = _TIME.fullmatch(text)
        if found is None:
            raise ValidationError(_("Write the time as 09:30."), code="unreadable")
        return time(int(found[1]), int(found[2]))


class AppointmentForm(forms.Form):
    """A new appointment."""

    kind = forms.ChoiceField(label=gettext_lazy("What"), choices=choices_with_blank(KIND_CHOICES))
    on = DayField(label=gettext_lazy("On"))
    at = TimeOfDayField()
    place = forms.CharField(label=gettext_lazy("Place"), max_length=80, required=False)
    remark = forms.CharField(
        label=gettext_lazy("Remark"),
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Stays on this site: no calendar elsewhere is told."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Needed for a day that has passed."),
    )

    def booking(self) -> Booking:
        """What the valid form says."""
        names = ("kind", "on", "at", "place", "remark")
        return Booking(**{name: self.cleaned_data[name] for name in names})


class AppointmentChangeForm(AppointmentForm):
    """A booked appointment that is to say something else; its kind stays."""

    expected_revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Data = None, *, stands: Appointment) -> None:
        super().__init__(
            data,
            initial={
                "on": stands.on, "at": stands.at, "place": stands.place, "remark": stands.remark,
                "expected_revision": stands.revision,
            },
        )  # fmt: skip
        del self.fields["kind"]
        self.fixed_kind = stands.kind
        self.fields["reason"].required = True
        self.fields["reason"].help_text = ""

    def booking(self) -> Booking:
        """What the valid form says, of the kind that it was."""
        self.cleaned_data["kind"] = self.fixed_kind
        return super().booking()


class AppointmentReasonForm(forms.Form):
    """Why an appointment is cancelled, or stands again."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
    expected_revision = forms.IntegerField(widget=forms.HiddenInput)
