"""What a fact of the chart says: as its form takes it, as a correction keeps it, and in words."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from django import forms
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from accounts.wording import day_text
from patients.charting import KINDS
from patients.correction_forms import form_of
from patients.fields import DayField, NumberField
from patients.identity import Named
from patients.models import Course, Hold, LabResult, Stay
from patients.models.history import ChartEntry

Fact = ChartEntry | Stay | Hold
STAY, HOLD = "stay", "hold"
# About the row, not what it says.
_ABOUT = frozenset({"id", "course", "in_error"})
_RECORDED = ("source", "recorded_at", "recorded_by")
_ENDED = frozenset({"ended_at", "ended_by"})
_AMBIGUOUS_PLACES = -3
# Free text about a person, which whoever may not see identities does not get. Disease, treatment,
# donor and conditioning are clinical content and pass: see accounts/permissions.py.
FREE_TEXT: Mapping[str, frozenset[str]] = {
    "line": frozenset({"response"}),
    "relapse": frozenset({"remark"}),
    "comorbidity": frozenset({"description"}),
    "lab": frozenset({"context", "typed"}),
    "imaging": frozenset({"remark"}),
    "allergy": frozenset({"substance", "reaction"}),
    "contact": frozenset({"name", "relation", "phone"}),
    "document": frozenset({"number", "kept_at"}),
    "consent": frozenset({"scope"}),
    "attempt": frozenset({"made_by", "remark"}),
    "handover": frozenset({"centre", "physician", "remark"}),
    "note": frozenset({"text"}),
    STAY: frozenset({"place"}),
    HOLD: frozenset({"managed_with", "remark"}),
}
# What a form finds out besides what is typed, and the end that an entry may have come to.
FOUND_OUT: Mapping[str, tuple[str, ...]] = {"lab": ("comparator", "typed")}
ENDS: Mapping[str, tuple[str, ...]] = {"consent": ("withdrawn_on",), "allergy": ("refuted_on",)}


def model_of(kind: str) -> type[Fact]:
    """The model of a kind of chart entry, of stays or of holds. Raises KeyError."""
    if kind == STAY:
        return Stay
    return Hold if kind == HOLD else KINDS[kind].model


def fact_of(course: Course, kind: str, pk: int) -> Fact:
    """A fact of `course` that stands, or Http404."""
    if kind not in (STAY, HOLD, *KINDS):
        raise Http404
    return cast("Fact", get_object_or_404(model_of(kind).objects.filter(course=course), pk=pk))


def content_of(fact: Fact) -> dict[str, Any]:
    """What a fact says, by column, without who recorded it when."""
    names = [field.name for field in fact._meta.concrete_fields]
    left_out = {*_ABOUT, *_RECORDED, *_ENDED}
    return {name: getattr(fact, name) for name in names if name not in left_out}


def stood(fact: Fact) -> dict[str, Any]:
    """Everything that a correction keeps of what stood before it."""
    return content_of(fact) | {name: getattr(fact, name) for name in _RECORDED}


def revived(kind: str, before: Mapping[str, Any]) -> Fact:
    """The fact as it stood, from what a correction kept; never to be saved."""
    model = model_of(kind)
    fields = {field.name: field for field in model._meta.concrete_fields}
    return model(**{name: fields[name].to_python(value) for name, value in before.items()})


def typed_values(entry: ChartEntry, kind: str) -> dict[str, Any]:
    """What an entry says as somebody would type it into the form of its kind."""
    values = {name: _typed(getattr(entry, name)) for name in form_of(kind).base_fields}
    if isinstance(entry, LabResult):
        # As it was typed, in the unit of its report; the canonical one stands in the columns.
        number, _space, unit = entry.typed.rpartition(" ")
        values |= {"value": number, "unit": unit}
    return values


def _typed(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        plain = value.normalize()
        # With three places it could be read as thousands: one zero more cannot.
        more = "0" if plain.as_tuple().exponent == _AMBIGUOUS_PLACES else ""
        return f"{plain:f}{more}"
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else value


def told(course: Course, kind: str, entry: ChartEntry, today: date) -> Iterator[tuple[str, Named]]:
    """What an entry says in words by field, without its date; what is not said is left out."""
    form = form_of(kind)(course=course, today=today)
    for name, value in typed_values(entry, kind).items():
        text = _in_words(form.fields[name], value)
        if name != "on" and text:
            yield name, Named(form.fields[name].label or name, text)


def _in_words(field: forms.Field, value: Any) -> str:
    if value == "":
        return ""
    if isinstance(field, forms.BooleanField):
        return _("Yes") if value == "true" else ""
    if isinstance(field, forms.ChoiceField):
        # A code that the protocol knows no longer is shown as it is.
        return str(dict(field.choices).get(value, value))  # type: ignore[arg-type]
    if isinstance(field, DayField):
        return day_text(date.fromisoformat(value))
    if isinstance(field, NumberField):
        return f"{_number(value)} {field.widget.attrs.get('data-unit', '')}".strip()
    return str(value)


def _number(text: str) -> str:
    try:
        number = Decimal(text)
    except InvalidOperation:  # a limit, such as <0.1
        return text
    return str(number_format(f"{number:f}", use_l10n=True, force_grouping=False))
