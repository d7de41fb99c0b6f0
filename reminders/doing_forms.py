"""The forms of a reminder: done on a day, put off until one."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from patients.fields import DayField


class DoneForm(forms.Form):
    """The day on which it was done."""

    done_on = DayField(
        label=_("Done on"), help_text=_("Any day from the referral to today, in time or not.")
    )

    def __init__(self, data: Any = None, *, today: date, performed_on: date | None = None) -> None:
        """`performed_on` is the day of a test whose result is awaited."""
        super().__init__(data, initial={"done_on": performed_on or today})


class AwaitedForm(forms.Form):
    """The day of the test whose result is awaited."""

    performed_on = DayField(
        label=_("Test done on"),
        help_text=_("It stays open, and asks for the result after the days of the protocol."),
    )

    def __init__(self, data: Any = None, *, today: date) -> None:
        super().__init__(data, initial={"performed_on": today})


class PutOffForm(forms.Form):
    """Until when, and why."""

    until = DayField(
        label=_("Put off until"), help_text=_("It is shown again from this day on, by itself.")
    )
    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 2}))
