"""The forms of examinations other than laboratory values: bone marrow, images, spinal fluid."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from patients.entry_forms import HUNDRED, EntryForm
from patients.fields import NumberField, PartialDateField, YesNoField, choices_with_blank
from patients.models import CsfResult, ImagingResult, MarrowResult
from patients.models.results import CsfTest, ImagingKind, MrdStatus


class MarrowForm(EntryForm):
    """A marrow check; not assessed is an answer, left out is not."""

    on = PartialDateField(label=_("Date"), required=True)
    blasts_percent = NumberField(
        label=_("Blasts"), unit="%", required=False, low=Decimal(0), high=HUNDRED
    )
    mrd = forms.ChoiceField(
        label=_("Measurable residual disease"), choices=choices_with_blank(MrdStatus.choices)
    )

    mrd_percent = NumberField(
        label=_("Level"), unit="%", required=False, low=Decimal(0), high=HUNDRED
    )
    mrd_limit_percent = NumberField(
        label=_("Limit of detection"), unit="%", required=False, low=Decimal(0), high=HUNDRED
    )
    donor_percent = NumberField(
        label=_("Donor chimerism"), unit="%", required=False, low=Decimal(0), high=HUNDRED
    )

    class Meta:
        model = MarrowResult
        fields = [
            *("on", "blasts_percent", "remission", "mrd", "mrd_method", "mrd_percent"),
            *("mrd_limit_percent", "donor_percent"),
        ]

    def clean(self) -> dict[str, Any]:
        """A level belongs to a positive result and lies above what could be detected."""
        cleaned = super().clean() or {}
        status, level = cleaned.get("mrd"), cleaned.get("mrd_percent")
        limit = cleaned.get("mrd_limit_percent")
        if level is not None and status not in (None, MrdStatus.POSITIVE):
            message = _("Only a positive result has a level; a negative one has a limit.")
            self.add_error("mrd_percent", forms.ValidationError(message, code="not_positive"))
        if level is not None and limit is not None and level < limit:
            message = _("The level lies below the limit of detection.")
            self.add_error("mrd_percent", forms.ValidationError(message, code="below_limit"))
        told = cleaned.get("mrd_method") or limit is not None
        if status == MrdStatus.NOT_ASSESSED and told:
            message = _("It was not assessed: a method or a limit says otherwise.")
            self.add_error("mrd", forms.ValidationError(message, code="not_assessed"))
        return cleaned


class ImagingForm(EntryForm):
    """An examination by image."""

    on = PartialDateField(label=_("Date"), required=True)
    kind = forms.ChoiceField(
        label=_("Examination"), choices=choices_with_blank(ImagingKind.choices)
    )
    extramedullary = YesNoField(label=_("Extramedullary disease"), required=False)
    lvef_percent = NumberField(
        label=_("Ejection fraction"), unit="%", required=False, low=Decimal(5), high=Decimal(90)
    )

    class Meta:
        model = ImagingResult
        fields = ["on", "kind", "finding", "extramedullary", "lvef_percent", "remark"]

    def clean(self) -> dict[str, Any]:
        """An ejection fraction is of an echocardiogram, extramedullary disease is not."""
        cleaned = super().clean() or {}
        kind = cleaned.get("kind")
        if cleaned.get("lvef_percent") is not None and kind not in (None, ImagingKind.ECHO):
            message = _("Only an echocardiogram gives an ejection fraction.")
            self.add_error("lvef_percent", forms.ValidationError(message, code="not_echo"))
        if cleaned.get("extramedullary") is not None and kind == ImagingKind.ECHO:
            message = _("An echocardiogram does not tell of extramedullary disease.")
            self.add_error("extramedullary", forms.ValidationError(message, code="echo"))
        return cleaned


class CsfForm(EntryForm):
    """Cerebrospinal fluid; not done is an answer, left out is not."""

    on = PartialDateField(label=_("Date"), required=True)
    cells_per_ul = NumberField(
        label=_("Cells"), unit="/µL", required=False, low=Decimal(0), high=Decimal(100000)
    )
    cytology = forms.ChoiceField(label=_("Cytology"), choices=choices_with_blank(CsfTest.choices))
    flow = forms.ChoiceField(label=_("Flow cytometry"), choices=choices_with_blank(CsfTest.choices))
    intrathecal = YesNoField(label=_("Intrathecal therapy given"), required=False)

    class Meta:
        model = CsfResult
        fields = ["on", "cells_per_ul", "cytology", "flow", "intrathecal"]
