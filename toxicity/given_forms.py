"""The forms of treatments given for toxicity and of infections; nothing in a list is preset."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from patients.fields import Choices, DayField, MomentField, NumberField, choices_with_blank
from patients.models import Course
from patients.once import OnceForm, digest
from terms.refusals import Refused
from toxicity.domain.amounts import plain
from toxicity.domain.given import (
    DRUGS,
    HIDES_FEVER,
    IRRADIATED,
    ORGANISMS,
    PURPOSES,
    ROUTES,
    SEVERITIES,
    SITES,
    UNITS,
)
from toxicity.given_refusals import MOST_TIMES, GivenDose, InfectionFacts
from toxicity.models import Treatment
from toxicity.wording.given_words import shown_unit

Data = Mapping[str, Any] | None
_AMBIGUOUS_PLACES = -3


def _listed(words: Mapping[Any, str]) -> Choices:
    return [(str(code), _(name)) for code, name in words.items()]


def _remark() -> forms.CharField:
    return forms.CharField(
        label=_("Remark"),
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class ReasonForm(OnceForm):
    """Why a record is taken back."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


class TreatmentForm(OnceForm):
    """One dose that was given. Doubts about it are asked one by one, by name."""

    drug = forms.ChoiceField(label=_("Drug"), choices=choices_with_blank(_listed(DRUGS)))
    other_drug = forms.CharField(
        label=_("Which drug"),
        max_length=80,
        required=False,
        help_text=_("Only for “Another drug”. A name of a person does not belong here."),
    )
    hides_fever = forms.ChoiceField(
        label=_("May it hide fever?"),
        required=False,
        choices=[("", _("Choose")), *_listed(HIDES_FEVER)],
        help_text=_("Only for “Another drug”, such as metamizole: CRS is graded with it."),
    )
    dose = NumberField(
        label=_("Dose"),
        required=False,
        help_text=_("One dose, such as 560 or 0,5. Left empty it stays not known."),
    )
    unit = forms.ChoiceField(
        label=_("Unit"),
        required=False,
        choices=[("", _("Choose")), *((unit, shown_unit(unit)) for unit in UNITS)],
    )
    times = forms.IntegerField(
        label=_("Times that day"),
        min_value=1,
        max_value=MOST_TIMES,
        help_text=_("How many equal doses this stands for; each tocilizumab infusion on its own."),
    )
    route = forms.ChoiceField(
        label=_("Route"),
        required=False,
        choices=choices_with_blank(_listed(ROUTES), required=False),
    )
    purpose = forms.ChoiceField(label=_("Given for"), choices=choices_with_blank(_listed(PURPOSES)))
    irradiated = forms.ChoiceField(
        label=_("Irradiated"),
        required=False,
        choices=[("", _("Choose")), *_listed(IRRADIATED)],
        help_text=_("Only for a transfusion."),
    )
    tapering = forms.BooleanField(label=_("Part of a taper"), required=False)
    remark = _remark()
    # What the tick is about: the dose, and the codes of the doubts beside it.
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=300)

    field_order = ["key", "seen", "drug", "other_drug", "hides_fever", "given_at"]

    def __init__(
        self, data: Data = None, *, course: Course, now: datetime, stands: Treatment | None = None
    ) -> None:
        super().__init__(data, initial=_initial(stands) if stands else {"given_at": now})
        self.fields["given_at"] = MomentField(label=_("Given at"), zone=course.centre.zone)
        if stands is not None:
            self.fields["reason"] = forms.CharField(
                label=_("Why this is corrected"),
                max_length=500,
                widget=forms.Textarea(attrs={"rows": 2}),
            )
        self.order_fields(self.field_order)
        if data is not None and data.get("seen"):
            self._add_tick()

    def given(self) -> GivenDose:
        """What was typed, as the services take it."""
        names = GivenDose.__dataclass_fields__
        return GivenDose(**{name: self.cleaned_data[name] for name in names})

    def confirmed(self) -> tuple[str, ...]:
        """The doubts that somebody saw and stands by: none where what they saw was changed."""
        of, *codes = self.cleaned_data["seen"].split() or [""]
        stands = self.cleaned_data.get("confirmed") and of == self._dose()
        return tuple(codes) if stands else ()

    def ask(self, refused: Refused) -> None:
        """Show the doubts of a refusal beside a tick that is not set."""
        codes = [one.code for one in refused.refusals if one.field == "confirmed"]
        if not codes:
            return
        asked: Any = self.data.copy()  # type: ignore[attr-defined]
        asked["seen"] = " ".join([self._dose(), *self.confirmed(), *codes])
        asked.pop("confirmed", None)
        self.data = asked
        self._add_tick()

    def _dose(self) -> str:
        """What a tick is about, without spaces: another dose or time asks again."""
        parts = ("drug", "other_drug", "given_at", "dose", "unit", "times")
        return digest({name: self.cleaned_data[name] for name in parts})

    def _add_tick(self) -> None:
        self.fields["confirmed"] = forms.BooleanField(
            label=_("I checked this dose"), required=False
        )


class InfectionForm(OnceForm):
    """One infection."""

    began_on = DayField(label=_("Began on"))
    organism = forms.ChoiceField(
        label=_("Organism"), choices=choices_with_blank(_listed(ORGANISMS))
    )
    other_organism = forms.CharField(
        label=_("Which organism"),
        max_length=80,
        required=False,
        help_text=_("Only for “Another organism”. A name of a person does not belong here."),
    )
    site = forms.ChoiceField(label=_("Site"), choices=choices_with_blank(_listed(SITES)))
    severity = forms.TypedChoiceField(
        label=_("Severity"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=choices_with_blank(_listed(SEVERITIES), required=False),
        help_text=_("Grades of CTCAE version 5; left empty where nobody graded it."),
    )
    ended_on = DayField(
        label=_("Over on"), required=False, help_text=_("Left empty while it goes on.")
    )
    remark = _remark()

    def __init__(self, data: Data = None, *, stands: InfectionFacts | None = None) -> None:
        super().__init__(data, initial=vars(stands) if stands else None)
        if stands is not None:
            self.fields["reason"] = ReasonForm.base_fields["reason"]

    def infection(self) -> InfectionFacts:
        """What was typed, as the services take it."""
        names = InfectionFacts.__dataclass_fields__
        return InfectionFacts(**{name: self.cleaned_data[name] for name in names})


class OverForm(OnceForm):
    """Since when an infection is over."""

    ended_on = DayField(label=_("Over on"))


def typed(number: Decimal) -> str:
    """A number as it can be typed again: with three decimals it could be read as thousands."""
    text = plain(number)
    return f"{text}0" if text.as_tuple().exponent == _AMBIGUOUS_PLACES else str(text)


def _initial(row: Treatment) -> dict[str, Any]:
    names: Iterable[str] = GivenDose.__dataclass_fields__
    dose = "" if row.dose is None else typed(row.dose)
    return {**{name: getattr(row, name) for name in names}, "dose": dose}
