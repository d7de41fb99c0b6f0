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
from patients.models import Course
from patients.reading import course_read
from terms.day_numbers import day_number, local_date
from toxicity.domain.flowsheet import Cell, Kind
from toxicity.flowsheet import Sheet, known_of, sheet
from toxicity.panels import Measured, panels

_KINDS = {"": "measured", "<": "below_limit", ">": "above_limit"}
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
    checks = serializers.ListField(
        child=serializers.IntegerField(), help_text="The checks of the day, in the order of time."
    )


class SheetRowOut(serializers.Serializer[Any]):
    """One row: a scale, a drug, an infection, or where the patient lay."""

    code = serializers.CharField()
    title = serializers.CharField()
    cells = CellOut(many=True)


class CurveValueOut(serializers.Serializer[Any]):
    """One value of a curve, in the order of days. `value` null: it cannot be drawn, see `text`."""

    day = serializers.IntegerField()
    on = serializers.DateField()
    at = serializers.DateTimeField(allow_null=True, help_text="Null where the day alone is known.")
    value = serializers.DecimalField(max_digits=18, decimal_places=6, allow_null=True)
    kind = serializers.ChoiceField(
        choices=["measured", "below_limit", "above_limit", "unknown"],
        help_text="Of a censored one `value` is the limit.",
    )
    text = serializers.CharField(help_text="As it was recorded, in words.")


class CurveOut(serializers.Serializer[Any]):
    """Every value of one measure in the days of the page, all in one unit."""

    code = serializers.CharField()
    title = serializers.CharField()
    unit = serializers.CharField()
    values = CurveValueOut(many=True)


class FlowsheetOut(serializers.Serializer[Any]):
    """Some days of a course; without an infusion there are none."""

    infused_on = serializers.DateField(allow_null=True)
    headline = serializers.ListField(child=serializers.CharField())
    rows = SheetRowOut(many=True)
    curves = CurveOut(many=True)
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
        return Response(_json(course, found))


def _json(course: Course, found: Sheet | None) -> dict[str, Any]:
    if found is None:
        lists: dict[str, Any] = {name: [] for name in ("headline", "rows", "curves")}
        return {"infused_on": None, **lists, "earlier": None, "later": None}
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
        "curves": [
            {
                "code": panel.code,
                "title": panel.label,
                "unit": panel.unit,
                "values": [_value(one, found) for one in panel.measured],
            }
            for panel in panels(course, found.days, found.infused_on)
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
        "checks": list(cell.checks),
    }


def _value(one: Measured, found: Sheet) -> dict[str, Any]:
    return {
        "day": day_number(one.on, found.infused_on),
        "on": one.on,
        "at": one.at,
        "value": one.value,
        "kind": "unknown" if one.value is None else _KINDS[one.limit],
        "text": one.text,
    }
