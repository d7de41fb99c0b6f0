"""The forms of papers, made from their models: one truth for page, API and service."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import BooleanField, DateField, DateTimeField, DecimalField
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pathway.models import (
    Administration,
    Certificate,
    Clearance,
    Collection,
    Incident,
    OosRecord,
    Order,
    Shipment,
)
from pathway.models.papers import AttemptPaper, Paper
from pathway.scanning import SCAN_HELP, ScanField
from patients.fields import DayField, MomentField, NumberField, YesNoField, choices_with_blank
from patients.models import Course
from terms.day_numbers import local_date

# What a barcode may stand for.
_SCANNED = frozenset({"coi_id", "waybill", "logger", "seal", "bag_number"})
_OWN = frozenset({"id", "recorded_at", "recorded_by", "source", "product", "attempt"})


@dataclass(frozen=True)
class Kind:
    """A kind of paper; `order` are pairs of moments of which the second is not the earlier."""

    model: type[Paper]
    label: str | Promise
    order: tuple[tuple[str, str], ...] = ()
    ahead: frozenset[str] = frozenset()  # days that may lie in the future

    @property
    def machine(self) -> str:
        """The machine of the companion it is about."""
        return "apheresis" if issubclass(self.model, AttemptPaper) else "product"

    @property
    def columns(self) -> tuple[Any, ...]:
        """The columns that somebody fills."""
        return tuple(c for c in self.model._meta.concrete_fields if c.name not in _OWN)


KINDS: Mapping[str, Kind] = {
    "clearance": Kind(Clearance, _("Clearance for collection")),
    "collection": Kind(Collection, _("Record of the collection"), (("started_at", "ended_at"),)),
    "order": Kind(
        Order, _("Order and expected dates"), ahead=frozenset({"slot_on", "release_on", "site_on"})
    ),
    "shipment": Kind(Shipment, _("Shipment"), (("picked_up_at", "arrived_at"),)),
    "certificate": Kind(Certificate, _("Certificate of analysis")),
    "oos": Kind(
        OosRecord,
        _("Out-of-specification record"),
        (("physician_request_on", "physician_accepted_on"),),
    ),
    "administration": Kind(
        Administration,
        _("Thaw and infusion"),
        (
            ("thaw_started_at", "thaw_ended_at"),
            ("thaw_ended_at", "infusion_started_at"),
            ("infusion_started_at", "infusion_ended_at"),
        ),
    ),
    "incident": Kind(Incident, _("Incident")),
}


def kinds_of(machine: str) -> dict[str, Kind]:
    """The kinds of paper of one machine."""
    return {code: kind for code, kind in KINDS.items() if kind.machine == machine}


class PaperForm(forms.Form):
    """A paper of one kind; what is left empty is not known."""

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, kind: str, course: Course, now: datetime
    ) -> None:
        self.kind, self.course, self.now = KINDS[kind], course, now
        super().__init__(data)
        for column in self.kind.columns:
            self.fields[column.name] = _field(column, course)

    def clean(self) -> dict[str, Any]:
        """Nothing lies in the future or before what led to it, and something is said."""
        cleaned = super().clean() or {}
        today = local_date(self.now, self.course.centre.zone)
        for name, value in list(cleaned.items()):
            if name not in self.kind.ahead and _after(value, self.now, today):
                self._refuse(name, gettext("This lies in the future."), "future_date")
        for first, second in self.kind.order:
            early, late = cleaned.get(first), cleaned.get(second)
            if early is not None and late is not None and late < early:
                self._refuse(
                    second, gettext("This lies before what leads to it."), "before_previous"
                )
        if not self.errors and all(value in (None, "") for value in cleaned.values()):
            self._refuse(None, gettext("Nothing is filled in."), "empty")
        return cleaned

    def _refuse(self, field: str | None, message: str, code: str) -> None:
        self.add_error(field, forms.ValidationError(message, code=code))


def _after(value: object, now: datetime, today: date) -> bool:
    if isinstance(value, datetime):
        return value > now
    return isinstance(value, date) and value > today


def _field(column: Any, course: Course) -> forms.Field:
    label, required = capfirst(column.verbose_name), not column.null and not column.blank
    if isinstance(column, DateTimeField):
        field = MomentField(label=label, zone=course.centre.zone)
        field.required = required
        return field
    if isinstance(column, DateField):
        return DayField(label=label, required=required)
    if isinstance(column, DecimalField):
        low, high = _bounds(column)
        return NumberField(label=label, required=required, low=low, high=high)
    if isinstance(column, BooleanField):
        return YesNoField(label=label, required=required)
    if column.choices:
        return forms.ChoiceField(
            label=label, required=required, choices=choices_with_blank(column.choices)
        )
    longest = column.max_length
    if column.name in _SCANNED:
        return ScanField(label=label, required=required, help_text=SCAN_HELP, longest=longest)
    return forms.CharField(label=label, required=required, max_length=longest)


def _bounds(column: Any) -> tuple[Decimal, Decimal]:
    """What the column can hold; temperatures go below zero, percentages end at a hundred."""
    most = Decimal(10) ** (column.max_digits - column.decimal_places) - 1
    if column.name == "transport_celsius":
        return Decimal(-200), Decimal(60)
    percent = column.name in {"viability", "car_positive", "blasts_percent"}
    return Decimal(0), Decimal(100) if percent else most
