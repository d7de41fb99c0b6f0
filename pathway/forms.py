"""Forms of the moves: when, why, the reasons against soft refusals, and a few details."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import DateField, DecimalField
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from accounts.wording import in_words, role_names
from pathway.details import details_of
from pathway.domain.exits import SCOPE_MEANS, SCOPES
from pathway.domain.machine import Move
from pathway.domain.outsets import OUTSETS
from pathway.domain.rules import PathwayRules
from pathway.loading_companions import MODELS
from pathway.opening import FIELDS, REQUIRED
from pathway.scanning import LONGEST_SCAN, SCAN_HELP, ScanField
from pathway.transitions import MoveOrder
from patients.fields import DayField, MomentField, NumberField
from patients.models import Course
from protocol.selectors import settings_of
from terms.refusals import Refusal, Refused

OVERRIDE = "override_"
SCANNED_DETAILS = ("din", "lot", "storage_position")


def _reason_area() -> forms.Textarea:
    return forms.Textarea(attrs={"rows": 2})


class _AsksReasons(forms.Form):
    """A form in which soft refusals appear as fields that ask for the reason."""

    def ask_reason(self, refusal: Refusal) -> None:
        """Add the field in which a soft refusal yields to a reason."""
        names = ", ".join(role_names(refusal.who_may))
        who = _("It yields to a reason of: %(who)s.") % {"who": names}
        self.fields[OVERRIDE + refusal.code] = forms.CharField(
            label=_("Reason to go on"),
            help_text=f"{in_words(refusal)} {who}",
            required=False,
            widget=_reason_area(),
        )

    def show(self, refused: Refused) -> None:
        """Put every refusal where it can be answered, keeping what was typed."""
        for refusal in refused.refusals:
            if refusal.kind == "soft" and OVERRIDE + refusal.code not in self.fields:
                self.ask_reason(refusal)
            place = OVERRIDE + refusal.code if refusal.kind == "soft" else refusal.field
            self.add_error(place if place in self.fields else None, in_words(refusal))


class MoveForm(_AsksReasons):
    """One move. Soft refusals appear as fields that ask for the reason."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(label=_("Reason"), required=False, widget=_reason_area())

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        machine: str,
        move: "Move[Any]",
        soft: Iterable[Refusal],
        version: int,
        now: datetime,
        course: Course,
    ) -> None:
        super().__init__(data, initial={"expected_version": version, "happened_at": now})
        self.fields["happened_at"] = MomentField(
            label=_("When it happened"), zone=course.centre.zone
        )
        self.order_fields(["happened_at", "reason"])
        self.fields["reason"].required = move.needs_reason
        self.details = details_of(machine, move.target.value, move.source.value)
        for name in self.details:
            self.fields[name] = self._detail(machine, move.target.value, name, course)
        for refusal in soft:
            self.ask_reason(refusal)

    def _detail(self, machine: str, target: str, name: str, course: Course) -> forms.Field:
        if name == "exit_reason":
            return forms.ChoiceField(
                label=_("Reason, coded"),
                choices=[("", _("Choose")), *exit_reasons(course, target)],
            )
        if name == "exit_scope":
            return forms.ChoiceField(
                label=_("How far the withdrawal goes"),
                choices=[("", _("Choose")), *((code, _(word)) for code, word in SCOPES.items())],
                help_text=" ".join(
                    f"{gettext(SCOPES[code])}: {gettext(means)}"
                    for code, means in SCOPE_MEANS.items()
                ),
            )
        if name == "failure_reason":
            return forms.ChoiceField(
                label=_("Reason for the loss"),
                choices=[("", _("Choose")), *failure_reasons(course)],
            )
        return detail_field(MODELS[machine], name)

    def order(self, target: str) -> MoveOrder:
        """What the valid form asks for."""
        cleaned = self.cleaned_data
        return MoveOrder(
            target=target,
            happened_at=cleaned["happened_at"],
            reason=cleaned["reason"],
            overrides={
                name.removeprefix(OVERRIDE): value
                for name, value in cleaned.items()
                if name.startswith(OVERRIDE) and value
            },
            expected_version=cleaned["expected_version"],
            details={
                name: cleaned[name] for name in self.details if cleaned.get(name) not in (None, "")
            },
        )


def detail_field(model: type[Any], name: str, *, required: bool = False) -> forms.Field:
    """The form field for a column; dates and numbers are read as everywhere in the chart."""
    column = model._meta.get_field(name)
    label = capfirst(column.verbose_name)
    if name in SCANNED_DETAILS:
        longest = LONGEST_SCAN if name == "din" else column.max_length
        return ScanField(label=label, required=required, help_text=SCAN_HELP, longest=longest)
    if column.choices:
        choices = [("", _("Choose")), *((code, _(word)) for code, word in column.choices)]
        return forms.ChoiceField(label=label, required=required, choices=choices)
    if isinstance(column, DateField):
        return DayField(label=label, required=required)
    if isinstance(column, DecimalField):
        return NumberField(label=label, required=required, low=Decimal(0), high=Decimal(10_000))
    return forms.CharField(label=label, required=required, max_length=column.max_length)


class OpeningForm(_AsksReasons):
    """A new companion: the few fields that describe it."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, machine: str, course: Course
    ) -> None:
        super().__init__(data, initial={"expected_version": course.version})
        self.machine = machine
        for name in FIELDS[machine]:
            self.fields[name] = self._field(name, course)
        if machine in OUTSETS:
            self.fields["drug"].required = False

    def _field(self, name: str, course: Course) -> forms.Field:
        if name == "outset":
            ways = OUTSETS[self.machine].items()
            return forms.ChoiceField(
                label=_("How it begins"), choices=[(code, _(word)) for code, word in ways]
            )
        if name == "reason":
            return forms.CharField(
                label=_("Reason"),
                required=False,
                widget=_reason_area(),
                help_text=_("Needed when there is no therapy."),
            )
        if name == "drug_class":
            return forms.ChoiceField(
                label=_("Drug class"),
                required=False,
                choices=[("", _("Choose")), *drug_classes(course)],
                help_text=_("Counts for the washout of the protocol."),
            )
        return detail_field(MODELS[self.machine], name, required=name in REQUIRED[self.machine])

    def values(self) -> dict[str, Any]:
        """The cleaned values without the version."""
        return {name: self.cleaned_data[name] for name in FIELDS[self.machine]}


def failure_reasons(course: Course) -> list[tuple[str, str]]:
    """The reasons for which a product is lost, as the course's protocol names them."""
    reasons = PathwayRules.of(settings_of(course.protocol)).failure_reasons.by_code
    language = get_language() or "en"
    return [(code, row.label.in_language(language)) for code, row in reasons.items()]


def exit_reasons(course: Course, end: str) -> list[tuple[str, str]]:
    """The reasons for an early end, as the course's protocol names them."""
    reasons = PathwayRules.of(settings_of(course.protocol)).exit_reasons.of(end)
    language = get_language() or "en"
    return [(code, row.label.in_language(language)) for code, row in reasons.items()]


def drug_classes(course: Course) -> list[tuple[str, str]]:
    """The drug classes of the course's protocol with their names in the active language."""
    washouts = PathwayRules.of(settings_of(course.protocol)).washouts.by_class
    language = get_language() or "en"
    return [(code, row.label.in_language(language)) for code, row in washouts.items()]
