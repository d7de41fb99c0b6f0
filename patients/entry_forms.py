"""The forms of chart entries: one truth about what an entry may hold, for page, API and service."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.wording import in_words
from patients.domain.dating import refuse_before_birth, refuse_future
from patients.domain.delays import ConsentKinds
from patients.domain.washouts import Washouts
from patients.fields import (
    DayField,
    NumberField,
    PartialDateField,
    YesNoField,
    choices_with_blank,
)
from patients.models import (
    Antigen,
    Comorbidity,
    Consent,
    Course,
    CourseNote,
    Diagnosis,
    TherapyLine,
)
from patients.survival import refuse_after_death
from protocol.selectors import settings_of
from terms.partial_dates import PartialDate, parse
from terms.refusals import Refusal

HUNDRED = Decimal(100)


class EntryForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic when it runs
    """What every entry shares: its date, as far as known, lies in the patient's past."""

    on: forms.Field = PartialDateField(label=_("Date"))

    def __init__(
        self,
        *args: Any,
        course: Course,
        today: date,
        replacing: int | None = None,
        **kwargs: Any,
    ) -> None:
        """`today` is the date at the course's centre, `replacing` the entry that is corrected."""
        super().__init__(*args, **kwargs)
        self.course, self.today, self.replacing = course, today, replacing

    def clean_on(self) -> str:
        """Refuse what lies in the future, before birth or after death."""
        on: str = self.cleaned_data["on"]
        if on:
            born = self.course.patient.birth_date
            known = parse(on)
            for refusal in (
                *refuse_future(known, self.today, "on"),
                *refuse_before_birth(known, born, "on"),
                *self._refuse_after_death(known),
            ):
                raise forms.ValidationError(in_words(refusal), code=refusal.code)
        return on

    def _refuse_after_death(self, on: PartialDate) -> list[Refusal]:
        return refuse_after_death(on, self.course.patient, "on")


class DiagnosisForm(EntryForm):
    """The leukaemia at diagnosis."""

    cns_involved = YesNoField(label=_("Central nervous system involved"), required=False)
    extramedullary = YesNoField(label=_("Extramedullary disease"), required=False)

    class Meta:
        model = Diagnosis
        fields = ["on", "disease", "ph_status", "risk", "cns_involved", "extramedullary"]


def _drug_classes(course: Course) -> list[tuple[str, str]]:
    """The classes of the washout table of the course's protocol, in the active language."""
    table = settings_of(course.protocol).section("washouts", Washouts).by_class
    language = get_language() or "en"
    return [(code, washout.label.in_language(language)) for code, washout in table.items()]


class LineForm(EntryForm):
    """An earlier line of treatment."""

    class Meta:
        model = TherapyLine
        fields = ["on", "treatment", "response", "drug_class"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Chosen, not typed: a misspelt class would have no washout at all.
        self.fields["drug_class"] = forms.ChoiceField(
            label=_("Drug class"),
            required=False,
            choices=[("", _("None of these")), *_drug_classes(self.course)],
            help_text=_("Counts for the washout of the protocol."),
        )


class AntigenForm(EntryForm):
    """An antigen of the blasts."""

    antigen = forms.RegexField(
        label=_("Antigen"),
        regex=r"^[A-Za-z0-9+/-]{2,12}$",
        help_text=_("Such as CD19. What was not tested is not entered."),
    )
    positive = YesNoField(label=_("Result"), yes=_("Positive"), no=_("Negative"))
    percent = NumberField(
        label=_("Blasts that carry it"), unit="%", required=False, low=Decimal(0), high=HUNDRED
    )

    class Meta:
        model = Antigen
        fields = ["on", "antigen", "positive", "percent"]

    def clean_antigen(self) -> str:
        """Antigens are written in capitals."""
        written: str = self.cleaned_data["antigen"]
        return written.upper()


class ComorbidityForm(EntryForm):
    """Another illness."""

    class Meta:
        model = Comorbidity
        fields = ["on", "description"]


class ConsentForm(EntryForm):
    """A consent of the kinds that the course's protocol names."""

    on = DayField(label=_("Date"))
    kind = forms.ChoiceField(label=_("Consent to"))
    given = YesNoField(label=_("Answer"), yes=pgettext_lazy("consent", "Given"), no=_("Refused"))

    class Meta:
        model = Consent
        fields = ["on", "kind", "given", "version", "scope"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"] = forms.ChoiceField(
            label=_("Consent to"), choices=choices_with_blank(consent_kinds(self.course))
        )

    def clean_on(self) -> str:
        """A signature has a day."""
        self.cleaned_data["on"] = self.cleaned_data["on"].isoformat()
        return super().clean_on()


class NoteForm(EntryForm):
    """A note for colleagues."""

    class Meta:
        model = CourseNote
        fields = ["on", "text"]

    def _refuse_after_death(self, on: PartialDate) -> list[Refusal]:
        """Colleagues write of the dead too."""
        return []


def consent_kinds(course: Course) -> list[tuple[str, str]]:
    """The kinds of consent of the course's protocol, named in the active language."""
    kinds = settings_of(course.protocol).section("consents", ConsentKinds).by_code
    language = get_language() or "en"
    return [(code, kind.label.in_language(language)) for code, kind in kinds.items()]


def full_day(on: str) -> str:
    """`on` when it is known to the day. Raises ValidationError."""
    if parse(on).precision != "day":
        raise forms.ValidationError(_("Give the day too."), code="day_needed")
    return on
