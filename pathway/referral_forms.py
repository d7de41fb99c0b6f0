"""Forms of a referral: the patient, the identifiers, the course."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Centre, User
from pathway.referring import NewCourse
from patients.domain.numbers import HOSPITAL
from patients.fields import DayField
from patients.models.people import Sex
from patients.people import NewPatient
from protocol.models import Protocol, Status
from terms.roles import Role


class CourseForm(forms.Form):
    """What is asked for a new course."""

    protocol_code = forms.ChoiceField(label=_("Protocol"))
    referred_on = DayField(label=_("Referred on"))
    coordinator_id = forms.TypedChoiceField(
        label=_("CAR-T coordinator"), required=False, coerce=int, empty_value=None
    )
    haematologist_id = forms.TypedChoiceField(
        label=_("Responsible haematologist"), required=False, coerce=int, empty_value=None
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, centre: Centre, actor: User, today: date
    ) -> None:
        super().__init__(data, initial={"referred_on": today})
        language = get_language() or "en"
        _offer(self.fields["protocol_code"], _protocols(language))
        people = _people(centre)
        for field, role in (
            ("coordinator_id", Role.COORDINATOR),
            ("haematologist_id", Role.HAEMATOLOGIST),
        ):
            _offer(self.fields[field], [("", _("Not decided yet")), *people.get(role, [])])
            if role in actor.roles:
                self.initial[field] = actor.pk

    def course(self) -> NewCourse:
        """The course as the valid form asks for it."""
        cleaned = self.cleaned_data
        return NewCourse(
            protocol_code=cleaned["protocol_code"],
            referred_on=cleaned["referred_on"],
            coordinator_id=cleaned["coordinator_id"],
            haematologist_id=cleaned["haematologist_id"],
        )


class ReferralForm(CourseForm):
    """A new patient and the first course, on one page."""

    family_name = forms.CharField(label=_("Family name"), max_length=100)
    given_name = forms.CharField(label=_("Given name"), max_length=100)
    birth_date = DayField(label=_("Birth date"))
    sex = forms.ChoiceField(label=_("Sex"), choices=Sex.choices, initial=Sex.UNKNOWN)
    identifier_system = forms.CharField(
        label=_("Issuer of the number"), max_length=60, initial=HOSPITAL
    )
    identifier_value = forms.CharField(label=_("Number"), max_length=60)
    identifier_system_2 = forms.CharField(
        label=_("Issuer of a second number"), max_length=60, required=False
    )
    identifier_value_2 = forms.CharField(label=_("Second number"), max_length=60, required=False)
    referring_hospital = forms.CharField(
        label=_("Referring hospital"), max_length=150, required=False
    )
    referring_physician = forms.CharField(
        label=_("Referring physician"), max_length=150, required=False
    )
    distinct_reason = forms.CharField(
        label=_("How you know that this is another person"),
        required=False,
        widget=forms.HiddenInput,
    )
    field_order = (
        "family_name", "given_name", "birth_date", "sex",
        "identifier_system", "identifier_value", "identifier_system_2", "identifier_value_2",
        "referring_hospital", "referring_physician",
    )  # fmt: skip

    def ask_distinct(self) -> None:
        """Show the field that a look-alike patient asks for."""
        self.fields["distinct_reason"].widget = forms.Textarea(attrs={"rows": 2})

    def patient(self) -> NewPatient:
        """The patient as the valid form asks for them."""
        cleaned = self.cleaned_data
        numbers = [(cleaned["identifier_system"], cleaned["identifier_value"])]
        if cleaned["identifier_system_2"] or cleaned["identifier_value_2"]:
            numbers.append((cleaned["identifier_system_2"], cleaned["identifier_value_2"]))
        return NewPatient(
            family_name=cleaned["family_name"],
            given_name=cleaned["given_name"],
            birth_date=cleaned["birth_date"],
            sex=cleaned["sex"],
            identifiers=tuple(numbers),
            referring_hospital=cleaned["referring_hospital"],
            referring_physician=cleaned["referring_physician"],
        )


def _offer(field: forms.Field, choices: list[Any]) -> None:
    if isinstance(field, forms.ChoiceField):
        field.choices = choices


def _protocols(language: str) -> list[tuple[str, object]]:
    """What is in force, with its product; of several none is chosen beforehand."""
    published = Protocol.objects.filter(status=Status.PUBLISHED).order_by("code").defer("data")
    offered: list[tuple[str, object]] = [
        (protocol.code, f"{protocol.title(language)} ({protocol.product})")
        for protocol in published
    ]
    return offered if len(offered) == 1 else [("", _("Choose the protocol")), *offered]


def _people(centre: Centre) -> dict[str, list[tuple[int, str]]]:
    """Who holds which role at the centre, by role, in one query."""
    found: dict[str, list[tuple[int, str]]] = {}
    members = centre.memberships.filter(ended_at=None, user__is_active=True)
    for member in members.select_related("user").order_by("user__last_name", "user__first_name"):
        name = member.user.get_full_name() or member.user.get_username()
        found.setdefault(member.role, []).append((member.user.pk, name))
    return found
