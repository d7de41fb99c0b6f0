"""The form of a course under way: one for the page, and for each line of a file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Centre, User
from pathway.domain.companions import APHERESIS, BRIDGING
from pathway.domain.exits import SCOPE_NAMES
from pathway.domain.product import PRODUCT
from pathway.domain.rules import PathwayRules
from pathway.domain.spine import SPINE_ORDER, STAGE_LABELS, Stage
from pathway.domain.transcription import (
    ATTEMPTS,
    BRIDGING_STATES,
    PRODUCT_STATES,
    RESULTS,
    PastAttempt,
    PastCourse,
)
from pathway.referral_forms import CourseForm, ReferralForm
from pathway.scanning import LONGEST_SCAN, SCAN_HELP, ScanField
from pathway.transcribing import Transcript
from patients.fields import DayField, NumberField
from protocol.models import Protocol, Status
from protocol.selectors import settings_of

_OPEN = _("Leave empty what is not known.")
MOST_CELLS = Decimal(10_000)


def _scan(label: Any, longest: int) -> ScanField:
    return ScanField(label=label, help_text=SCAN_HELP, required=False, longest=longest)


def _words(label: Any, longest: int) -> forms.CharField:
    return forms.CharField(label=label, max_length=longest, required=False)


def _day(label: Any) -> DayField:
    return DayField(label=label, required=False)


def _choice(
    label: Any, choices: Iterable[tuple[str, Any]], help_text: Any = ""
) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        required=False,
        choices=[("", _("Not recorded")), *choices],
        help_text=help_text,
    )


class PastForm(CourseForm):
    """A course and what is known of how it came to its stage."""

    stage = forms.ChoiceField(
        label=_("Stage today"),
        choices=[("", _("Choose")), *((stage.value, _(STAGE_LABELS[stage])) for stage in Stage)],
    )
    left_stage = _choice(
        _("Stage it left, when it has ended"),
        [(stage.value, _(STAGE_LABELS[stage])) for stage in SPINE_ORDER[:-1]],
    )
    exited_on = _day(_("Ended on"))
    exit_reason = _words(_("Why it ended"), 500)
    exit_scope = _choice(
        _("How far the withdrawal goes"),
        [(code, _(word)) for code, word in SCOPE_NAMES.items()],
        _(
            "Of a withdrawal only. Where it is not known, nothing of the course leaves in a file "
            "until somebody says it."
        ),
    )
    enrolled_on = _day(_("Enrolled on"))
    accepted_on = _day(_("Accepted by the meeting on"))
    product_state = _choice(
        _("Product"), [(state.value, _(PRODUCT.labels[state])) for state in PRODUCT_STATES]
    )
    product_on = _day(_("In this state since"))
    order_number = _words(_("Order number"), 40)
    lot = _scan(_("Lot"), 40)
    expires_on = _day(_("Expires on"))
    bridging_drug = _words(_("Drug"), 80)
    bridging_class = _choice(_("Drug class"), [])
    bridging_state = _choice(
        _("Bridging therapy"),
        [(state.value, _(BRIDGING.labels[state])) for state in BRIDGING_STATES],
    )
    bridging_from = _day(_("Bridging since"))
    bridging_last_dose_on = _day(_("Last bridging dose on"))
    ld_regimen = _words(_("Regimen"), 120)
    ld_from = _day(_("Lymphodepletion from"))
    ld_to = _day(_("Lymphodepletion to"))
    infused_on = _day(_("Infused on (day 0)"))
    admitted_on = _day(_("Admitted on"))
    ward = _words(_("Ward"), 80)
    discharged_on = _day(_("Discharged on"))

    def __init__(self, data: Mapping[str, Any] | None = None, **given: Any) -> None:
        super().__init__(data, **given)
        self.initial.pop("referred_on", None)  # today is no guess for what lies back
        for number in ATTEMPTS:
            self.fields |= _attempt_fields(number)
        found = self.fields["bridging_class"]
        if isinstance(found, forms.ChoiceField):
            found.choices = [("", _("Not recorded")), *_drug_classes()]

    def transcript(self) -> Transcript:
        """What the valid form says."""
        cleaned = self.cleaned_data
        told = {
            name: cleaned[name]
            for name in PastCourse.__dataclass_fields__
            if name in cleaned and name != "attempts"
        }
        return Transcript(self.course(), PastCourse(**told, attempts=self._attempts()))

    def _attempts(self) -> tuple[PastAttempt, ...]:
        parts = ("on", "result", "din", "cd3")
        told = [
            PastAttempt(*(self.cleaned_data[f"apheresis_{number}_{part}"] for part in parts))
            for number in ATTEMPTS
        ]
        while told and not told[-1].told:
            told.pop()
        return tuple(told)

    @property
    def sections(self) -> "list[Section]":
        """The fields as the page groups them, with the stage from which each group belongs."""
        return [
            Section(title, stage, [self[name] for name in names if name in self.fields])
            for title, stage, names in _SECTIONS
            if any(name in self.fields for name in names)
        ]


class TranscriptionForm(ReferralForm, PastForm):
    """A new patient and the course under way."""


@dataclass(frozen=True)
class Section:
    """A group of fields, and from which stage on it can be told."""

    title: Any
    stage: str
    fields: list[BoundField]


_SECTIONS: tuple[tuple[Any, str, tuple[str, ...]], ...] = (
    (
        _("Patient"),
        "",
        (
            "family_name", "given_name", "birth_date", "sex", "identifier_system",
            "identifier_value", "identifier_system_2", "identifier_value_2",
            "referring_hospital", "referring_physician", "distinct_reason",
        ),
    ),
    (
        _("Course"),
        "",
        ("protocol_code", "coordinator_id", "haematologist_id", "referred_on", "stage"),
    ),
    (_("If it has ended"), "ended", ("left_stage", "exited_on", "exit_reason", "exit_scope")),
    (_("Eligibility"), "eligibility", ("enrolled_on", "accepted_on")),
    *(
        (
            _("Leukapheresis") if number == 1 else _("Another leukapheresis"),
            "apheresis",
            tuple(f"apheresis_{number}_{part}" for part in ("on", "result", "din", "cd3")),
        )
        for number in ATTEMPTS
    ),
    (
        _("Product"),
        "apheresis",
        ("product_state", "product_on", "order_number", "lot", "expires_on"),
    ),
    (
        _("Bridging therapy"),
        "bridging",
        (
            "bridging_drug", "bridging_class", "bridging_state", "bridging_from",
            "bridging_last_dose_on",
        ),
    ),
    (_("Lymphodepletion"), "lymphodepletion", ("ld_regimen", "ld_from", "ld_to")),
    (_("Infusion"), "infusion", ("infused_on",)),
    (_("Stay in hospital"), "lymphodepletion", ("admitted_on", "ward", "discharged_on")),
)  # fmt: skip


def _attempt_fields(number: int) -> dict[str, forms.Field]:
    results = [(result.value, _(APHERESIS.labels[result])) for result in RESULTS]
    return {
        f"apheresis_{number}_on": _day(_("Collected on")),
        f"apheresis_{number}_result": _choice(_("How it went"), results),
        f"apheresis_{number}_din": _scan(_("Donation identification number"), LONGEST_SCAN),
        f"apheresis_{number}_cd3": NumberField(
            label=_("CD3+ cells collected (10⁹)"),
            required=False,
            low=Decimal(0),
            high=MOST_CELLS,
        ),
    }


def _drug_classes() -> list[tuple[str, str]]:
    """The drug classes of every protocol in force; the course's own one decides."""
    language = get_language() or "en"
    found: dict[str, str] = {}
    for protocol in Protocol.objects.filter(status=Status.PUBLISHED).order_by("code"):
        washouts = PathwayRules.of(settings_of(protocol)).washouts.by_class
        found |= {code: row.label.in_language(language) for code, row in washouts.items()}
    return list(found.items())


def past_form(
    data: Mapping[str, Any] | None, *, centre: Centre, actor: User, today: date, known: bool
) -> PastForm:
    """The form for a patient already `known`, or for a new one."""
    kind = PastForm if known else TranscriptionForm
    return kind(data, centre=centre, actor=actor, today=today)
