"""Forms of doses: ordering, giving, not giving, changing an order, correcting."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.wording import in_words
from pathway.domain.doses import ROUTE_LABELS, DoseFacts
from pathway.dose_refusals import NOT_ASKED, VERIFIERS
from pathway.dosing import DoseGiven, DoseOrder
from pathway.forms import OVERRIDE, drug_classes
from pathway.loading_companions import CompanionRow
from patients.fields import DayField, MomentField, NumberField, choices_with_blank
from patients.holds import delay_reasons
from patients.models import Course
from patients.responsible import candidates
from terms.numbers import read_number
from terms.reading import Unreadable
from terms.refusals import Refusal, Refused

Data = Mapping[str, Any] | None
_HIGH = Decimal(99_999)


def _reason(label: Any, *, required: bool = True, help_text: Any = "") -> forms.CharField:
    area = forms.Textarea(attrs={"rows": 2})
    return forms.CharField(label=label, required=required, help_text=help_text, widget=area)


def _amount(label: Any, unit: str) -> NumberField:
    return NumberField(label=label, unit=unit, required=False, low=Decimal(0), high=_HIGH)


class DoseForm(forms.Form):
    """What every form of doses shares: the version, and a reason for each soft refusal."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Data, *, course: Course, initial: Mapping[str, Any]) -> None:
        super().__init__(data, initial={"expected_version": course.version, **initial})
        self.course = course
        for name in data or {}:
            if name.startswith(OVERRIDE):
                self._ask(name, "")

    def _ask(self, name: str, why: str) -> None:
        self.fields[name] = _reason(_("Reason to go on"), required=False, help_text=why)

    @property
    def overrides(self) -> dict[str, str]:
        """The reasons given against soft refusals, by their codes."""
        return {
            name.removeprefix(OVERRIDE): value
            for name, value in self.cleaned_data.items()
            if name.startswith(OVERRIDE) and value
        }

    def show(self, refused: Refused) -> None:
        """Put every refusal where it can be answered, keeping what was typed."""
        for refusal in refused.refusals:
            self._drop(refusal)
            place = self._place(refusal)
            self.add_error(place if place in self.fields else None, in_words(refusal))

    def _drop(self, refusal: Refusal) -> None:
        """What nothing asks for any more is not sent once more."""
        if refusal.code == NOT_ASKED:
            for code in refusal.params["codes"]:  # type: ignore[attr-defined]
                del self.fields[OVERRIDE + code]

    def _place(self, refusal: Refusal) -> str:
        if refusal.kind != "soft":
            return refusal.field
        name = OVERRIDE + refusal.code
        said = str(self.fields[name].help_text) if name in self.fields else ""
        self._ask(name, f"{said} {in_words(refusal)}".strip())
        return name


class OrderForm(DoseForm):
    """One dose, or one for each day of a cycle."""

    def __init__(self, data: Data, *, course: Course, row: CompanionRow) -> None:
        super().__init__(data, course=course, initial={"drug": row.title})
        routes = [(route.value, _(label)) for route, label in ROUTE_LABELS.items()]
        self.fields["drug"] = forms.CharField(label=_("Drug"), max_length=80)
        self.fields["drug_class"] = forms.ChoiceField(
            label=_("Drug class"), required=False, choices=[("", "—"), *drug_classes(course)]
        )
        self.fields["route"] = forms.ChoiceField(
            label=_("Route"), choices=choices_with_blank(routes)
        )
        self.fields["planned_on"] = DayField(label=_("First day"))
        self.fields["days"] = forms.CharField(
            label=_("Days of the cycle"),
            required=False,
            help_text=_("Such as 1, 8, 15, counted from the first day; empty for one dose."),
        )
        self.fields["amount"] = _amount(_("Amount ordered"), "")
        self.fields["unit"] = forms.CharField(label=_("Unit"), max_length=12, initial="mg")

    def clean_days(self) -> list[int | None]:
        """Day numbers from 1 on, as typed."""
        words = self.cleaned_data["days"].replace(",", " ").split()
        try:
            days = [int(read_number(word)) for word in words]
        except Unreadable:
            days = [0]
        if any(not 1 <= day <= 60 for day in days):
            message = _("Write the days as whole numbers, such as 1, 8, 15.")
            raise forms.ValidationError(message, code="days_unreadable")
        return list(days) or [None]

    def orders(self) -> list[DoseOrder]:
        """What the valid form asks for."""
        asked = {
            name: self.cleaned_data[name]
            for name in ("drug", "drug_class", "route", "amount", "unit")
        }
        first = self.cleaned_data["planned_on"]
        return [
            DoseOrder(**asked, planned_on=first + timedelta(days=(day or 1) - 1), planned_day=day)
            for day in self.cleaned_data["days"]
        ]


class GiveForm(DoseForm):
    """When, how much, verified by whom, and why it differs; `sums` is what it comes to."""

    def __init__(
        self, data: Data, *, course: Course, dose: DoseFacts, now: Any, sums: str = ""
    ) -> None:
        super().__init__(data, course=course, initial={"given_at": now})
        people = {
            person.username: person.get_full_name() or person.username
            for role in VERIFIERS
            for person in candidates(course, role)
        }
        self.fields["given_at"] = MomentField(label=_("Given at"), zone=course.centre.zone)
        self.fields["amount"] = _amount(_("Amount given"), dose.unit)
        self.fields["amount"].help_text = sums or _("Left empty where it is not known.")
        self.fields["verified_by"] = forms.ChoiceField(
            label=_("Second person who verified it"),
            required=False,
            choices=[("", "—"), *people.items()],
            help_text=_("Needed for vinca alkaloids and for anything intrathecal."),
        )
        self.fields["deviation"] = _reason(
            _("Reason for the difference"),
            required=False,
            help_text=_(
                "Needed when it was another day or amount than ordered, or how much is not known."
            ),
        )

    def given(self) -> DoseGiven:
        """What the valid form says was given."""
        names = ("given_at", "amount", "verified_by", "deviation")
        return DoseGiven(
            **{name: self.cleaned_data[name] for name in names}, overrides=self.overrides
        )


class WithholdForm(DoseForm):
    """Why a dose is not given."""

    reason = _reason(_("Reason why it was not given"))


class ChangeForm(DoseForm):
    """Another amount, another day, and why."""

    def __init__(self, data: Data, *, course: Course, dose: DoseFacts, sums: str = "") -> None:
        super().__init__(data, course=course, initial={})
        language = get_language() or "en"
        known = delay_reasons(course).by_code.items()
        self.fields["amount"] = _amount(_("Amount ordered"), dose.unit)
        self.fields["amount"].help_text = sums
        self.fields["planned_on"] = DayField(label=_("New day"), required=False)
        self.fields["delay_code"] = forms.ChoiceField(
            label=_("Reason for another day"),
            required=False,
            choices=[("", "—"), *((c, one.label.in_language(language)) for c, one in known)],
        )
        self.fields["reason"] = _reason(_("Reason"), required=False)


class CorrectForm(GiveForm):
    """What the dose was in truth, and why the record was wrong."""

    def __init__(
        self, data: Data, *, course: Course, dose: DoseFacts, now: Any, sums: str = ""
    ) -> None:
        super().__init__(data, course=course, dose=dose, now=None, sums=sums)
        self.fields["given_at"].required = False
        self.fields["not_given_reason"] = _reason(_("Reason why it was not given"), required=False)
        self.fields["reason"] = _reason(_("Reason"))
