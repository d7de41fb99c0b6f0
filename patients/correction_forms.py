"""The forms that correct a fact of the chart: those that entered it, and the ends it came to."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.wording import in_words
from patients.care_forms import AllergyForm
from patients.charting import KINDS
from patients.domain.dating import refuse_before, refuse_future
from patients.entry_forms import ConsentForm, EntryForm
from patients.fields import DayField
from patients.holds import delay_reasons
from patients.models import Allergy, Consent, Course
from patients.models.courses import StayUnit
from terms.partial_dates import parse
from terms.words import N_


class ConsentCorrectionForm(ConsentForm):
    """A consent with the day on which it was taken back."""

    withdrawn_on = DayField(label=_("Withdrawn on"), required=False)

    class Meta(ConsentForm.Meta):
        model = Consent
        fields = [*ConsentForm.Meta.fields, "withdrawn_on"]

    def clean(self) -> dict[str, Any]:
        """Only a consent that was given can be taken back, and not before."""
        cleaned = super().clean() or {}
        if cleaned.get("withdrawn_on") and cleaned.get("given") is False:
            message = _("A refusal cannot be taken back.")
            self.add_error("withdrawn_on", forms.ValidationError(message, code="not_given"))
        return refuse_end(self, cleaned, "withdrawn_on")


class AllergyCorrectionForm(AllergyForm):
    """An allergy with the day on which it was found to be none."""

    refuted_on = DayField(
        label=_("Refuted on"),
        required=False,
        help_text=_("The day on which it was shown to be none; it is then warned of no more."),
    )

    class Meta(AllergyForm.Meta):
        model = Allergy
        fields = [*AllergyForm.Meta.fields, "refuted_on"]

    def clean(self) -> dict[str, Any]:
        """Only a named allergy can be refuted, and not before it was known."""
        cleaned = super().clean() or {}
        if cleaned.get("refuted_on") and cleaned.get("none_known"):
            message = _("Only an allergy to something can be refuted.")
            self.add_error("refuted_on", forms.ValidationError(message, code="not_named"))
        return refuse_end(self, cleaned, "refuted_on")


def refuse_end(form: EntryForm, cleaned: dict[str, Any], name: str) -> dict[str, Any]:
    """Refuse an end in the future or before everything the beginning can be."""
    ended_on = cleaned.get(name)
    if ended_on is not None:
        began = parse(cleaned["on"]).earliest() if cleaned.get("on") else None
        for refusal in (
            *refuse_future(ended_on, form.today, name),
            *refuse_before(
                ended_on,
                began,
                code="before_beginning",
                message=N_("This is before it began, on %(limit)s."),
                field=name,
            ),
        ):
            form.add_error(name, forms.ValidationError(in_words(refusal), code=refusal.code))
    return cleaned


class StayCorrectionForm(forms.Form):
    """Where and when a stay really was."""

    unit = forms.ChoiceField(label=_("Unit"), choices=StayUnit.choices)
    place = forms.CharField(label=_("Ward"), required=False, max_length=80)
    began_on = DayField(label=_("From"))
    ended_on = DayField(
        label=_("To"), required=False, help_text=_("Blank while the patient is still there.")
    )


class HoldCorrectionForm(forms.Form):
    """Why, since when, until when, and what date a hold really gave up."""

    reason_code = forms.ChoiceField(label=_("Reason"))
    began_on = DayField(label=_("Since"))
    planned_on = DayField(label=_("Date given up"), required=False)
    ended_on = DayField(
        label=_("Ended on"), required=False, help_text=_("Blank while the hold is open.")
    )

    def __init__(self, data: Mapping[str, Any] | None, *, course: Course, initial: Any) -> None:
        super().__init__(data, initial=initial)
        language, stands = get_language() or "en", initial["reason_code"]
        reasons = delay_reasons(course).by_code
        known = [(code, reason.label.in_language(language)) for code, reason in reasons.items()]
        # A code that the protocol knows no longer may stay.
        gone = [] if stands in reasons else [(stands, stands)]
        self.fields["reason_code"].choices = [*known, *gone]  # type: ignore[attr-defined]


_FORMS: dict[str, type[EntryForm]] = {
    "consent": ConsentCorrectionForm,
    "allergy": AllergyCorrectionForm,
}


def form_of(kind: str) -> type[EntryForm]:
    """The form that corrects a kind of chart entry."""
    return _FORMS.get(kind, KINDS[kind].form)
