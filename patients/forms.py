"""The forms of the chart's pages besides entries: holds, stays, dates, death, identity, people."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from patients.anchors import PLANNABLE
from patients.domain.steps import STEP_LABELS
from patients.fields import DayField, choices_with_blank
from patients.holds import delay_reasons
from patients.models import Course, Patient
from patients.models.courses import StayUnit
from patients.models.people import Autopsy, DeathCategory, DeathSetting, Sex
from patients.people import Details
from patients.responsible import candidates
from terms.roles import Role

Data = Mapping[str, Any] | None


def _lines(rows: int = 2) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class HoldForm(forms.Form):
    """What is held, why, since when."""

    step = forms.ChoiceField(
        label=_("Step held"),
        choices=choices_with_blank([(step.value, _(name)) for step, name in STEP_LABELS.items()]),
    )
    reason_code = forms.ChoiceField(label=_("Reason"))
    began_on = DayField(label=_("Since"))
    planned_on = DayField(
        label=_("Date given up"),
        required=False,
        help_text=_("The date that was planned for this step, if there was one."),
    )
    review_on = DayField(label=_("Look again on"), required=False)
    managed_with = forms.CharField(
        label=_("Managed with"),
        max_length=200,
        required=False,
        help_text=_("Such as rituximab, or one more dose of vincristine."),
    )
    remark = forms.CharField(label=_("Remark"), required=False, widget=_lines())

    def __init__(self, data: Data = None, *, course: Course, today: date) -> None:
        super().__init__(data, initial={"began_on": today})
        language = get_language() or "en"
        reasons = delay_reasons(course).by_code.items()
        self.fields["reason_code"] = forms.ChoiceField(
            label=_("Reason"),
            choices=choices_with_blank(
                [(code, reason.label.in_language(language)) for code, reason in reasons]
            ),
        )


class HoldEndForm(forms.Form):
    """When a hold ended and what the new date is."""

    ended_on = DayField(label=_("Ended on"))
    new_date = DayField(
        label=_("New date of the step"),
        required=False,
        help_text=_("Left empty while it is not known: the days lost stay unknown."),
    )
    managed_with = forms.CharField(label=_("Managed with"), max_length=200, required=False)
    remark = forms.CharField(
        label=_("Remark"),
        required=False,
        widget=_lines(),
        help_text=_("Added to what was written before."),
    )


class StayForm(forms.Form):
    """Where the patient lies from a date on."""

    unit = forms.ChoiceField(label=_("Unit"), choices=choices_with_blank(StayUnit.choices))
    place = forms.CharField(
        label=_("Name of the ward"),
        max_length=80,
        required=False,
        help_text=_("Such as Haematology."),
    )
    on = DayField(label=_("On"))


class DischargeForm(forms.Form):
    """The last day in hospital."""

    on = DayField(label=_("Discharged on"))


class PlanForm(forms.Form):
    """A planned date."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(
        label=_("What"),
        choices=choices_with_blank([(kind.value, kind.label) for kind in PLANNABLE]),
    )
    planned_on = DayField(label=_("Planned on"))
    delay_code = forms.ChoiceField(
        label=_("Reason for another day"),
        required=False,
        help_text=_("Needed when a leukapheresis is booked anew."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        widget=_lines(),
        help_text=_("Needed when a date that was planned before moves."),
    )

    def __init__(self, *args: Any, course: Course, **given: Any) -> None:
        super().__init__(*args, **given)
        language, known = get_language() or "en", delay_reasons(course).by_code
        codes: Any = self.fields["delay_code"]
        codes.choices = [("", "—"), *((c, r.label.in_language(language)) for c, r in known.items())]


class DeathDetailsForm(forms.Form):
    """What is known of a death; not known is an answer."""

    category = forms.TypedChoiceField(
        label=_("Category of the cause"),
        choices=DeathCategory.choices,
        initial=DeathCategory.UNKNOWN,
        required=False,
        empty_value=DeathCategory.UNKNOWN.value,
        help_text=_("As the registries group causes of death."),
    )
    cause = forms.CharField(label=_("Cause in words"), max_length=200, required=False)
    setting = forms.TypedChoiceField(
        label=_("Where"),
        choices=DeathSetting.choices,
        initial=DeathSetting.UNKNOWN,
        required=False,
        empty_value=DeathSetting.UNKNOWN.value,
    )
    place = forms.CharField(label=_("Place in words"), max_length=120, required=False)
    autopsy = forms.TypedChoiceField(
        label=_("Autopsy"),
        choices=Autopsy.choices,
        initial=Autopsy.UNKNOWN,
        required=False,
        empty_value=Autopsy.UNKNOWN.value,
    )


class DeathForm(DeathDetailsForm):
    """The fact of death."""

    died_on = DayField(label=_("Date of death"))
    field_order = ["died_on"]


class ReasonForm(forms.Form):
    """Why something is taken back."""

    reason = forms.CharField(label=_("Reason"), widget=_lines())


class IdentityForm(forms.Form):
    """The statement that identity was checked, on the patient as seen."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    compared = forms.BooleanField(
        label=_("I compared name and birth date, and the number above, with the patient's papers.")
    )


class IdentifierForm(forms.Form):
    """A number and who issued it."""

    system = forms.CharField(
        label=_("Issuer"), max_length=60, help_text=_("Such as Hospital or Health service.")
    )
    value = forms.CharField(label=_("Number"), max_length=60)
    on_labels = forms.BooleanField(
        label=_("Wristband and labels carry this number"), required=False
    )


class IdentifierCorrectionForm(forms.Form):
    """What a number really is, on the patient as seen."""

    system = forms.CharField(label=_("Issuer"), max_length=60)
    value = forms.CharField(label=_("Number"), max_length=60)
    reason = forms.CharField(label=_("Why this is corrected"), widget=_lines())
    expected_version = forms.IntegerField(widget=forms.HiddenInput)


class IdentifierWhyForm(forms.Form):
    """Why something is said of a number, on the patient as seen."""

    reason = forms.CharField(label=_("Reason"), widget=_lines())
    expected_version = forms.IntegerField(widget=forms.HiddenInput)


class ResponsibleForm(forms.Form):
    """Who is responsible for a course."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput)
    coordinator = forms.TypedChoiceField(
        label=_("Coordinator"), required=False, coerce=int, empty_value=None
    )
    haematologist = forms.TypedChoiceField(
        label=_("Haematologist"), required=False, coerce=int, empty_value=None
    )

    def __init__(self, data: Data = None, *, course: Course) -> None:
        super().__init__(
            data,
            initial={
                "expected_version": course.version,
                "coordinator": course.coordinator_id,
                "haematologist": course.haematologist_id,
            },
        )
        for name, role in (
            ("coordinator", Role.COORDINATOR),
            ("haematologist", Role.HAEMATOLOGIST),
        ):
            choices = [(person.pk, _name(person)) for person in candidates(course, role)]
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", _("Nobody yet")), *choices]


class ConsentWithdrawForm(forms.Form):
    """When a consent was taken back."""

    withdrawn_on = DayField(label=_("Withdrawn on"))
    reason = forms.CharField(label=_("Reason"), required=False, widget=_lines())


class PatientForm(forms.Form):
    """The details of a patient."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput)
    family_name = forms.CharField(label=_("Family name"), max_length=100)
    given_name = forms.CharField(label=_("Given name"), max_length=100)
    birth_date = DayField(label=_("Birth date"))
    sex = forms.ChoiceField(label=_("Sex"), choices=Sex.choices)
    referring_hospital = forms.CharField(
        label=_("Referring hospital"), max_length=150, required=False
    )
    referring_physician = forms.CharField(
        label=_("Referring physician"), max_length=150, required=False
    )
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        widget=_lines(),
        help_text=_("Needed when name or birth date change; identity is then checked again."),
    )

    def __init__(self, data: Data = None, *, patient: Patient) -> None:
        initial = {name: getattr(patient, name) for name in Details.__dataclass_fields__}
        super().__init__(data, initial=initial | {"expected_version": patient.version})
        if data is not None and "distinct_reason" in data:
            self.ask_distinct()

    def ask_distinct(self) -> None:
        """Add the field in which a look-alike is told apart."""
        self.fields["distinct_reason"] = forms.CharField(
            label=_("How they differ"), required=False, widget=_lines()
        )

    def details(self) -> Details:
        """What was typed, for the service."""
        return Details(**{name: self.cleaned_data[name] for name in Details.__dataclass_fields__})


def _name(person: User) -> str:
    return person.get_full_name() or person.get_username()
