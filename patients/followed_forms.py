"""The forms of what happens after the infusion: relapse, transplant, contact, shared care."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from patients.entry_forms import EntryForm
from patients.fields import DayField, YesNoField, choices_with_blank
from patients.models import ContactAttempt, Handover, Relapse, Transplant
from patients.models.courses import AnchorKind
from patients.models.history import BlastAntigen, TransplantKind
from terms.partial_dates import PartialDate, parse
from terms.refusals import Refusal

# Kinds of relapse that show in tests only: no disease can be seen outside the marrow.
MRD_ONLY = frozenset({"molecular", "mrd"})


class AfterInfusionForm(EntryForm):
    """An entry that can belong to the time after the infusion, and then not lie before it."""

    def refuse(self, field: str | None, message: Any, code: str) -> None:
        """Put a reason on a field."""
        self.add_error(field, forms.ValidationError(message, code=code))

    def clean(self) -> dict[str, Any]:
        """Check what is said to be after the infusion against its date."""
        cleaned = super().clean() or {}
        if cleaned.get("after_infusion"):
            on, infused_on = cleaned.get("on", ""), self._infused_on()
            if infused_on is None:
                self.refuse("after_infusion", _("No infusion is recorded."), "not_infused")
            elif on and parse(on).certainly_before(infused_on):
                self.refuse("on", _("This is before the infusion."), "before_infusion")
        return cleaned

    def _infused_on(self) -> date | None:
        infused = self.course.anchors.filter(kind=AnchorKind.INFUSION, actual_on__isnull=False)
        return infused.values_list("actual_on", flat=True).first()


class RelapseForm(AfterInfusionForm):
    """A relapse; one after the infusion has a day, sites and the antigens of its blasts."""

    marrow = YesNoField(label=_("Bone marrow"), required=False)
    extramedullary = YesNoField(label=_("Extramedullary disease"), required=False)
    cns = YesNoField(label=_("Central nervous system involved"), required=False)

    class Meta:
        model = Relapse
        fields = [
            "on", "kind", "after_infusion", "marrow", "extramedullary", "cns", "cd19", "cd22",
            "method", "remark",
        ]  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Ask after the infusion for all that steers what comes next, an unknown for what is."""
        cleaned = super().clean()
        outside = cleaned.get("extramedullary") or cleaned.get("cns")
        kind = cleaned.get("kind")
        if kind in MRD_ONLY and outside:
            text = _("Disease outside the marrow is an overt relapse: choose that kind.")
            self.refuse("kind", text, "overt")
        if kind == "isolated" and (cleaned.get("marrow") or not outside):
            text = _(
                "Outside the marrow only: say where, and that the marrow is free or not known."
            )
            self.refuse("kind", text, "not_isolated")
        if cleaned.get("after_infusion"):
            self._ask_after_infusion(cleaned)
        return cleaned

    def _ask_after_infusion(self, cleaned: dict[str, Any]) -> None:
        if "on" in cleaned and (not cleaned["on"] or parse(cleaned["on"]).precision != "day"):
            self.refuse("on", _("Give the day too."), "day_needed")
        for name in ("cd19", "cd22"):
            if not cleaned.get(name):
                self.refuse(name, _("Say it, or that it was not tested or is not known."), "needed")
        tested = {BlastAntigen.POSITIVE, BlastAntigen.DIM, BlastAntigen.NEGATIVE}
        known = {cleaned.get("cd19"), cleaned.get("cd22")} & tested
        if cleaned.get("method") and not known:
            self.refuse("method", _("No antigen was tested."), "not_tested")


class TransplantForm(AfterInfusionForm):
    """A transplant or donor lymphocytes; after the infusion with its purpose."""

    kind = forms.ChoiceField(label=_("Kind"), choices=choices_with_blank(TransplantKind.choices))

    class Meta:
        model = Transplant
        fields = ["on", "kind", "donor", "conditioning", "after_infusion", "purpose"]

    def clean(self) -> dict[str, Any]:
        """A transplant after the infusion consolidates or saves; one before it does neither."""
        cleaned = super().clean()
        after, purpose = cleaned.get("after_infusion"), cleaned.get("purpose")
        if purpose and not after:
            self.refuse("purpose", _("Only after the infusion."), "not_after_infusion")
        if after and cleaned.get("kind") == TransplantKind.ALLO and not purpose:
            self.refuse("purpose", _("Consolidation or salvage?"), "purpose_needed")
        return cleaned


class AttemptForm(EntryForm):
    """One attempt to reach the patient."""

    on = DayField(label=_("Date"))
    reached = YesNoField(label=_("The patient was reached"))

    class Meta:
        model = ContactAttempt
        fields = ["on", "means", "made_by", "reached", "remark"]

    def clean_on(self) -> str:
        """An attempt has a day."""
        self.cleaned_data["on"] = self.cleaned_data["on"].isoformat()
        return super().clean_on()

    def clean(self) -> dict[str, Any]:
        """Nobody is reached after death."""
        cleaned = super().clean() or {}
        if cleaned.get("reached") and cleaned.get("on"):
            for refusal in super()._refuse_after_death(parse(cleaned["on"])):
                self.add_error("on", forms.ValidationError(str(_(refusal.message)), refusal.code))
        return cleaned

    def _refuse_after_death(self, on: PartialDate) -> list[Refusal]:
        """Somebody may try before anybody hears of the death."""
        return []


class HandoverForm(EntryForm):
    """Care shared with another centre."""

    on = DayField(label=_("Date"))
    documents_sent = YesNoField(label=_("Documents sent"), required=False)
    patient_informed = YesNoField(label=_("Patient informed"), required=False)

    class Meta:
        model = Handover
        fields = [
            "on", "centre", "physician", "shared", "documents_sent", "patient_informed", "remark",
        ]  # fmt: skip

    def clean_on(self) -> str:
        """A handover has a day."""
        self.cleaned_data["on"] = self.cleaned_data["on"].isoformat()
        return super().clean_on()
