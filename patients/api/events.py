"""Delays, stays and planned dates of a course in the API."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_answers import IF_MATCH, reading, writing
from accounts.api_requests import (
    ApiView,
    DayField,
    StrictInput,
    TextField,
    VersionField,
    WordsField,
    actor_of,
    body_of,
    read,
    seen_version,
    with_etag,
)
from patients.anchors import PLANNABLE, plan_date
from patients.api.answers import AnchorOut, HoldOut, StayOut, hold_json, stay_json
from patients.domain.steps import Step
from patients.holds import end_hold, open_hold
from patients.models import Anchor, Hold, Stay
from patients.models.courses import StayUnit
from patients.reading import course_read
from patients.selectors import course_or_404
from patients.stays import admit, discharge, transfer


class HoldIn(StrictInput):
    """A delay to open."""

    step = serializers.ChoiceField(choices=[step.value for step in Step])
    reason_code = WordsField(
        max_length=40, help_text="From the delay reasons of the course's protocol."
    )
    began_on = DayField()
    remark = TextField()
    managed_with = TextField(200)
    planned_on = DayField(required=False, allow_null=True)
    review_on = DayField(required=False, allow_null=True)


class HoldEndIn(StrictInput):
    """The end of a delay."""

    ended_on = DayField()
    new_date = DayField(required=False, allow_null=True)
    remark = TextField()
    managed_with = TextField(200)


class PlaceIn(StrictInput):
    """An admission or a transfer."""

    unit = serializers.ChoiceField(choices=StayUnit.choices)
    place = TextField(80)
    on = DayField()


class DischargeIn(StrictInput):
    """A discharge."""

    on = DayField()


class PlanIn(StrictInput):
    """A planned date; a change of a plan needs a `reason`, of a collection a `delay_code` too."""

    kind = serializers.ChoiceField(choices=[(kind.value, kind.label) for kind in PLANNABLE])
    planned_on = DayField()
    reason = TextField()
    delay_code = TextField(40)
    expected_version = VersionField(required=False)


class HoldsView(ListAPIView[Hold]):
    """Delays of a course."""

    serializer_class = HoldOut
    queryset = Hold.objects.none()

    @reading("List delays")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the delays of a course, oldest first."""
        actor = actor_of(request)
        course = course_read(actor, kwargs["pk"], now=timezone.now())
        page = self.paginate_queryset(course.holds.order_by("began_on", "pk")) or []
        return self.get_paginated_response([hold_json(actor, hold) for hold in page])

    @writing("Open a delay", HoldIn, HoldOut)
    def post(self, request: Request, pk: int) -> Response:
        """Hold a step for a reason of the course's protocol."""
        actor = actor_of(request)
        course_or_404(actor, pk)
        values = read(HoldIn, body_of(request), actor)
        hold = open_hold(course_id=pk, actor=actor, now=timezone.now(), **values)
        return Response(hold_json(actor, hold), status=201)


class HoldEndView(ApiView):
    """The end of a delay."""

    @writing("End a delay", HoldEndIn, HoldOut)
    def post(self, request: Request, pk: int, hold: int) -> Response:
        """End an open delay of the course."""
        course_or_404(self.actor, pk).holds.get(pk=hold)
        values = self.received(HoldEndIn)
        ended = end_hold(hold_id=hold, actor=self.actor, now=timezone.now(), **values)
        return Response(hold_json(self.actor, ended), status=201)


class StaysView(ListAPIView[Stay]):
    """Stays in hospital."""

    serializer_class = StayOut
    queryset = Stay.objects.none()

    @reading("List stays")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the stays of a course, oldest first."""
        actor = actor_of(request)
        course = course_read(actor, kwargs["pk"], now=timezone.now())
        page = self.paginate_queryset(course.stays.order_by("began_on", "pk")) or []
        return self.get_paginated_response([stay_json(actor, stay) for stay in page])


class AdmissionView(ApiView):
    """Admission."""

    @writing("Admit", PlaceIn, StayOut)
    def post(self, request: Request, pk: int) -> Response:
        """Admit the patient; again after a discharge is a new admission."""
        course_or_404(self.actor, pk)
        values = self.received(PlaceIn)
        stay = admit(course_id=pk, actor=self.actor, now=timezone.now(), **values)
        return Response(stay_json(self.actor, stay), status=201)


class TransferView(ApiView):
    """Transfer between units."""

    @writing("Transfer", PlaceIn, StayOut)
    def post(self, request: Request, pk: int) -> Response:
        """Move the patient to another unit; answers the stay that begins."""
        course_or_404(self.actor, pk)
        values = self.received(PlaceIn)
        stay = transfer(course_id=pk, actor=self.actor, now=timezone.now(), **values)
        return Response(stay_json(self.actor, stay), status=201)


class DischargeView(ApiView):
    """Discharge."""

    @writing("Discharge", DischargeIn, StayOut)
    def post(self, request: Request, pk: int) -> Response:
        """End the open stay."""
        course_or_404(self.actor, pk)
        values = self.received(DischargeIn)
        stay = discharge(course_id=pk, actor=self.actor, now=timezone.now(), **values)
        return Response(stay_json(self.actor, stay), status=201)


class AnchorsView(ListAPIView[Anchor]):
    """Dates that others are counted from."""

    serializer_class = AnchorOut
    queryset = Anchor.objects.none()

    @reading("List anchors")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List planned and actual dates, every occurrence."""
        actor = actor_of(request)
        course = course_read(actor, kwargs["pk"], now=timezone.now())
        page = self.paginate_queryset(course.anchors.order_by("kind", "occurrence"))
        return self.get_paginated_response(AnchorOut(page, many=True).data)

    @writing("Plan a date", PlanIn, AnchorOut, parameters=[IF_MATCH])
    def post(self, request: Request, pk: int) -> Response:
        """Plan, or plan anew, the next occurrence of a step."""
        actor = actor_of(request)
        course_or_404(actor, pk)
        values = read(PlanIn, body_of(request), actor)
        version = seen_version(request, pk, values.pop("expected_version", None))
        anchor = plan_date(
            course_id=pk, expected_version=version, actor=actor, now=timezone.now(), **values
        )
        response = Response(AnchorOut(anchor).data, status=201)
        with_etag(response, pk, course_or_404(actor, pk).version)
        return response
