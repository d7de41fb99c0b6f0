"""What a change of dates would move, in the API: asked before it is written."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_answers import IF_MATCH, writing
from accounts.api_requests import ApiView, seen_version
from patients.anchors import plan_date
from patients.api.events import PlanIn
from patients.foresight import foresee
from patients.selectors import course_or_404


class ShiftOut(serializers.Serializer[Any]):
    """One thing that would move. Days are numbered from day 0 as it stands then."""

    label = serializers.CharField()  # type: ignore[assignment]
    counted_from = serializers.CharField(help_text="The date it follows, in words; may be empty.")
    before = serializers.DateField(allow_null=True, help_text="Null: it is new.")
    after = serializers.DateField(allow_null=True, help_text="Null: it falls away.")
    day_before = serializers.IntegerField(allow_null=True)
    day_after = serializers.IntegerField(allow_null=True)


class ForeseenOut(serializers.Serializer[Any]):
    """Everything that would move with a write; nothing is written."""

    moved = serializers.IntegerField()
    new = serializers.IntegerField()
    gone = serializers.IntegerField()
    shifts = ShiftOut(many=True)


class PlanForeseenView(ApiView):
    """What planning a date would move."""

    @writing("Foresee a plan", PlanIn, ForeseenOut, status=200, parameters=[IF_MATCH])
    def post(self, request: Request, pk: int) -> Response:
        """Tell what a planned date would move, refused for whatever the plan itself would be."""
        course_or_404(self.actor, pk)
        values = self.received(PlanIn)
        version = seen_version(request, pk, values.pop("expected_version", None))
        found = foresee(
            pk,
            lambda: plan_date(
                course_id=pk,
                expected_version=version,
                actor=self.actor,
                now=timezone.now(),
                **values,
            ),
            actor=self.actor,
        )
        return Response(ForeseenOut(found).data)
