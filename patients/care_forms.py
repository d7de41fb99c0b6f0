"""The forms of allergies, contacts, the caregiver and references of documents."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from patients.entry_forms import EntryForm
from patients.fields import YesNoField
from patients.models import Allergy, CaregiverCheck, Contact, DocumentReference
from terms.partial_dates import PartialDate
from terms.refusals import Refusal


class AllergyForm(EntryForm):
    """An allergy, or that none is known: never against what is recorded already."""

    class Meta:
        model = Allergy
        fields = ["on", "substance", "reaction", "none_known"]

    def clean(self) -> dict[str, Any]:
        """Refuse to say that nothing is known beside an allergy that is."""
        cleaned = super().clean() or {}
        if cleaned.get("none_known") and not cleaned.get("substance"):
            named = Allergy.objects.filter(
                course__patient=self.course.patient, none_known=False, refuted_on=None
            )
            if named.exclude(pk=self.replacing or 0).exists():
                message = _("An allergy is recorded: it cannot be said that none is known.")
                self.add_error("none_known", forms.ValidationError(message, code="allergy_known"))
        return cleaned


class ContactForm(EntryForm):
    """Somebody to call."""

    class Meta:
        model = Contact
        fields = ["on", "name", "relation", "phone", "caregiver"]

    def _refuse_after_death(self, on: PartialDate) -> list[Refusal]:
        """A family is called after a death too."""
        return []


class CaregiverForm(EntryForm):
    """The caregiver at home."""

    present = YesNoField(label=_("Caregiver day and night"))
    minutes_away = forms.IntegerField(
        label=_("Minutes to the centre"),
        required=False,
        min_value=0,
        max_value=1440,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    class Meta:
        model = CaregiverCheck
        fields = ["on", "present", "minutes_away"]


class DocumentForm(EntryForm):
    """Where a document is kept."""

    class Meta:
        model = DocumentReference
        fields = ["on", "kind", "number", "kept_at"]

    def _refuse_after_death(self, on: PartialDate) -> list[Refusal]:
        """Papers come after a death too."""
        return []
