"""The flowsheet in the API: the same rows as on the page, each cell with its kind of emptiness."""

from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_answers import reading
from accounts.api_requests import ApiView
from patients.reading import course_read
from terms.day_numbers import day_number, local_date
from toxicity.domain.flowsheet import Cell, Kind
from toxicity.flowsheet import Sheet, known_of, sheet

FROM = OpenApiParameter(
    name="from",
    type=OpenApiTypes.INT,
    description="The first day wanted: 0, 31, 61 and so on; another gives the page it lies on.",
)


class CellOut(serializers.Serializer[Any]):
    """One day of one row. Only `kind` tells why nothing stands there; nothing is never grade 0."""

    day = serializers.IntegerField()
    on = serializers.DateField()
    kind = serializers.ChoiceField(choices=[kind.value for kind in Kind])
    grade = serializers.IntegerField(allow_null=True)
    at_least = serializers.BooleanField(help_text="Something was not known: it could be more.")
    unsure = serializers.BooleanField(help_text="Another check of that day was not gradeable.")
    total = serializers.DecimalField(
        max_digits=14, decimal_places=3, allow_null=True, help_text="Null where it is not known."
    )
    unit = serializers.CharField(allow_null=True)


class SheetRowOut(serializers.Serializer[Any]):
    """One row: a scale, a drug, an infection, or where the patient lay."""

    code = serializers.CharField()
    title = serializers.CharField()
    cells = CellOut(many=True)


class FlowsheetOut(serializers.Serializer[Any]):
    """Some days of a course; without an infusion there are none. Curves: see results, checks."""

    infused_on = serializers.DateField(allow_null=True)
    headline = serializers.ListField(child=serializers.CharField())
    rows = SheetRowOut(many=True)
    earlier = serializers.IntegerField(allow_null=True)
    later = serializers.IntegerField(allow_null=True)


class FlowsheetView(ApiView):
    """The days after an infusion."""

    @reading("Read the flowsheet of a course", FlowsheetOut, parameters=[FROM])
    def get(self, request: Request, pk: int) -> Response:
        """The highest grade of each day, what was given, infections, stays; the audit keeps it."""
        now = timezone.now()
        course = course_read(self.actor, pk, now=now)
        known, today = known_of(course), local_date(now, course.centre.zone)
        asked = request.query_params.get("from", "")
        found = sheet(self.actor, course, known, today=today, asked=asked)
        return Response(_json(found))


def _json(found: Sheet | None) -> dict[str, Any]:
    if found is None:
        return {"infused_on": None, "headline": [], "rows": [], "earlier": None, "later": None}
    return {
        "infused_on": found.infused_on,
        "headline": list(found.headline),
        "rows": [
            {
                "code": row.code,
                "title": row.label,
                "cells": [_cell(cell, found) for cell in row.cells],
            }
            for row in found.rows
        ],
        "earlier": found.earlier,
        "later": found.later,
    }


def _cell(cell: Cell, found: Sheet) -> dict[str, Any]:
    amount = cell.amount
    return {
        "day": day_number(cell.on, found.infused_on),
        "on": cell.on,
        "kind": cell.kind.value,
        "grade": cell.grade,
        "at_least": cell.at_least,
        "unsure": cell.unsure,
        "total": None if amount is None else amount.total,
        "unit": None if amount is None else amount.unit,
    }
