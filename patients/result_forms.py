"""The forms of examinations other than laboratory values: bone marrow."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from patients.entry_forms import HUNDRED, EntryForm
from patients.fields import NumberField, PartialDateField, choices_with_blank
from patients.models import MarrowResult
from patients.models.results import MrdStatus


class MarrowForm(EntryForm):
    """A marrow check; not assessed is an answer, left out is not."""

    on = PartialDateField(label=_("Date"), required=True)
    blasts_percent = NumberField(
        label=_("Blasts"), unit="%", required=False, low=Decimal(0), high=HUNDRED
    )
    mrd = forms.ChoiceField(
        label=_("Measurable residual disease"), choices=choices_with_blank(MrdStatus.choices)
    )

    class Meta:
        model = MarrowResult
        fields = ["on", "blasts_percent", "remission", "mrd"]
