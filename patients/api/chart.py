"""Entries of the chart in the API: reading all of them, adding one of a kind, ending a consent."""

from typing import Any

from django import forms
from django.utils import timezone
from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_answers import reading, writing
from accounts.api_requests import (
    ApiView,
    DayField,
    StrictInput,
    TextField,
    WordsField,
    actor_of,
    filters_of,
)
from patients.api.answers import EntryOut, entry_json
from patients.charting import KINDS, add_entry, withdraw_consent
from patients.facts_shown import PARTS
from patients.fields import NumberField, YesNoField
from patients.models.history import ChartEntry
from patients.reading import note_chart_read
from patients.selectors import Chart, chart_of, course_or_404


def input_of(name: str, form: type[forms.ModelForm]) -> type[StrictInput]:  # type: ignore[type-arg]
    """The JSON that a form takes; what it may hold is the form's to say."""
    fields: dict[str, Any] = {name: _field(field) for name, field in form.base_fields.items()}
    fields["__doc__"] = form.__doc__
    return type(name, (StrictInput,), fields)


def _field(field: forms.Field) -> serializers.Field[Any, Any, Any, Any]:
    if isinstance(field, YesNoField | forms.BooleanField):
        return serializers.BooleanField(required=False, allow_null=True)
    if isinstance(field, forms.IntegerField):
        return serializers.IntegerField(required=False, allow_null=True, min_value=0)
    longest = getattr(field, "max_length", None) or 10_000
    kind = serializers.CharField if isinstance(field, NumberField) else WordsField
    return kind(required=False, allow_null=True, allow_blank=True, max_length=longest)


INPUTS = {kind: input_of(f"{kind.title()}In", one.form) for kind, one in KINDS.items()}
AnyEntryIn = PolymorphicProxySerializer(
    component_name="EntryIn", serializers=list(INPUTS.values()), resource_type_field_name=None
)


class EntryFilters(serializers.Serializer[Any]):
    """What the list is narrowed to."""

    kind = serializers.ChoiceField(choices=list(KINDS), required=False)


class ConsentEndIn(StrictInput):
    """When, and why, a consent was taken back."""

    withdrawn_on = DayField()
    reason = TextField()


class ChartView(ListAPIView[ChartEntry]):
    """Entries of the chart."""

    serializer_class = EntryOut

    @reading("List entries of the chart", parameters=[EntryFilters])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the entries, kind by kind in the order of dates; the audit keeps the reading."""
        actor = actor_of(request)
        course = course_or_404(actor, kwargs["pk"])
        wanted = filters_of(request, EntryFilters).get("kind")
        note_chart_read(course, actor=actor, now=timezone.now())
        entries = [pair for pair in _entries(chart_of(course)) if wanted in (None, pair[0])]
        page: Any = self.paginate_queryset(entries)
        return self.get_paginated_response([entry_json(actor, *pair) for pair in page])


class EntryView(ApiView):
    """One kind of entry."""

    @writing("Add an entry to the chart", AnyEntryIn, EntryOut)
    def post(self, request: Request, pk: int, kind: str) -> Response:
        """Add an entry; dates may be partial (2021, 2021-03), values as people type them."""
        course_or_404(self.actor, pk)
        given = self.received(INPUTS[kind])
        values = {name: value for name, value in given.items() if value is not None}
        entry = add_entry(
            course_id=pk, kind=kind, values=values, actor=self.actor, now=timezone.now()
        )
        return Response(entry_json(self.actor, kind, entry), status=201)


class ConsentEndView(ApiView):
    """The end of a consent."""

    @writing("Withdraw a consent", ConsentEndIn, EntryOut)
    def post(self, request: Request, pk: int, consent: int) -> Response:
        """Record that the patient took a consent back."""
        course_or_404(self.actor, pk).consents.get(pk=consent)
        values = self.received(ConsentEndIn)
        ended = withdraw_consent(consent_id=consent, actor=self.actor, now=timezone.now(), **values)
        return Response(entry_json(self.actor, "consent", ended), status=201)


def _entries(chart: Chart) -> list[tuple[str, ChartEntry]]:
    return [(kind, entry) for kind, part in PARTS.items() for entry in getattr(chart, part)]
