"""Laboratory values of a course in the API: listed as they are read, added many at once."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_answers import reading, writing
from accounts.api_requests import (
    StrictInput,
    TextField,
    WordsField,
    actor_of,
    body_of,
    filters_of,
    read,
)
from accounts.models import User
from patients.api.answers import entry_json
from patients.domain.lab_values import mark_of
from patients.domain.ranges import Ranges
from patients.lab_forms import ranges_of
from patients.models import LabResult
from patients.panels import record_panel
from patients.reading import course_read
from patients.result_pages import shown
from patients.results import reading_of
from patients.selectors import course_or_404


class ResultOut(serializers.Serializer[Any]):
    """A value as it is kept, as this centre reads it, and its mark; no mark is not normal."""

    id = serializers.IntegerField()
    on = serializers.CharField()
    values = serializers.DictField(child=serializers.JSONField(allow_null=True))
    source = serializers.CharField()  # type: ignore[assignment]
    recorded_at = serializers.DateTimeField()
    recorded_by = serializers.CharField(allow_null=True)
    shown = serializers.CharField()
    mark = serializers.CharField(help_text="`low`, `high`, `positive` or empty: not known.")


class ResultFilters(serializers.Serializer[Any]):
    """What the list is narrowed to."""

    analyte = serializers.CharField(required=False, max_length=40)


class ValueIn(StrictInput):
    """One value of the day."""

    analyte = WordsField(max_length=40)
    value = serializers.CharField(required=False, allow_blank=True, max_length=40)
    unit = TextField(20)
    result = TextField(8)
    confirmed = serializers.BooleanField(required=False, default=False)


class PanelIn(StrictInput):
    """The values of one day; all of them are kept, or none."""

    on = WordsField(max_length=30, required=False, allow_blank=True, default="")
    context = TextField(80)  # type: ignore[assignment]
    values = ValueIn(many=True)


class ResultsView(ListAPIView[LabResult]):
    """Laboratory values of a course."""

    serializer_class = ResultOut
    queryset = LabResult.objects.none()

    @reading("List laboratory values", parameters=[ResultFilters])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the values, the latest first; the audit keeps the reading."""
        actor = actor_of(request)
        course = course_read(actor, kwargs["pk"], now=timezone.now())
        rows = course.labresults.order_by("-on", "-pk")
        wanted = filters_of(request, ResultFilters).get("analyte")
        page = self.paginate_queryset(rows.filter(analyte=wanted) if wanted else rows) or []
        ranges = ranges_of(course)
        return self.get_paginated_response([_json(actor, ranges, row) for row in page])

    @writing("Add the laboratory values of a day", PanelIn, ResultOut(many=True))
    def post(self, request: Request, pk: int) -> Response:
        """Add many values of one day in one go; a reason names its field as `ANC.value`."""
        actor = actor_of(request)
        course = course_or_404(actor, pk)
        given = read(PanelIn, body_of(request), actor)
        entries = record_panel(course_id=pk, **given, actor=actor, now=timezone.now())
        ranges = ranges_of(course)
        return Response([_json(actor, ranges, entry) for entry in entries], status=201)


def _json(actor: User, ranges: Ranges, row: LabResult) -> dict[str, Any]:
    analyte, reading = ranges.analyte(row.analyte), reading_of(row)
    told = entry_json(actor, "lab", row)
    told.pop("kind")
    return told | {"shown": shown(analyte, reading).text, "mark": mark_of(analyte, reading)}
