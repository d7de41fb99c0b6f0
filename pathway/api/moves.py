"""Moves of the journey in the API: what can be done and why not, and doing it."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_answers import IF_MATCH, reading, writing
from accounts.api_requests import (
    MomentField,
    StrictInput,
    TextField,
    VersionField,
    WordsField,
    actor_of,
    body_of,
    naming,
    needed_version,
    read,
    with_etag,
)
from pathway.api.answers import ChangeOut, MoveOut, change_json, move_json
from pathway.api.overrides import OverridesField
from pathway.domain.machine import Option
from pathway.domain.spine import SPINE
from pathway.models import Change
from pathway.selectors import course_state, stage_options
from pathway.transitions import MoveOrder, advance
from patients.reading import note_chart_read
from patients.selectors import course_or_404
from terms.day_numbers import local_date

# What the service calls the inputs that stand beside `details`.
OWN_NAMES = {name: name for name in ("target", "happened_at", "reason")}


class MoveIn(StrictInput):
    """A move to make; `expected_version` may be given by `If-Match` instead."""

    target = WordsField(max_length=24)
    happened_at = MomentField()
    expected_version = VersionField(required=False)
    reason = TextField()
    overrides = OverridesField()


class StageMoveIn(MoveIn):
    """A move of the journey; an early end brings its coded reason, a withdrawal its scope."""

    details = serializers.DictField(
        child=WordsField(max_length=200, allow_blank=True), required=False
    )


class MovesView(ListAPIView[Any]):
    """Moves of the journey."""

    serializer_class = MoveOut

    @reading("List moves of the journey")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List every move from the stage now, each with every refusal at once."""
        actor = actor_of(request)
        state, now = course_state(actor, kwargs["pk"]), timezone.now()
        note_chart_read(state.course, actor=actor, now=now)
        today = local_date(now, state.course.centre.zone)
        options: list[Option[Any]] = list(stage_options(state, actor, today, now))
        page: Any = self.paginate_queryset(options)
        response = self.get_paginated_response([move_json(SPINE.name, one) for one in page])
        with_etag(response, state.course.pk, state.course.version)
        return response

    @writing("Move the journey", StageMoveIn, ChangeOut, statuses=(428,), parameters=[IF_MATCH])
    def post(self, request: Request, pk: int) -> Response:
        """Move the journey to another stage; answers the change and the new version."""
        actor = actor_of(request)
        course_or_404(actor, pk)
        given = read(StageMoveIn, body_of(request), actor)
        version = needed_version(request, pk, given.get("expected_version"))
        with naming(OWN_NAMES, within="details"):
            change = advance(
                course_id=pk, order=move_order(given, version), actor=actor, now=timezone.now()
            )
        return moved(change)


def move_order(given: dict[str, Any], version: int | None) -> MoveOrder:
    """What the service is asked, from the values of MoveIn."""
    at: datetime = given["happened_at"]
    return MoveOrder(
        target=given["target"],
        happened_at=at,
        reason=given["reason"],
        overrides={one["code"]: one["reason"] for one in given.get("overrides", [])},
        expected_version=version,
        details=given.get("details", {}),
    )


def moved(change: Change) -> Response:
    """The answer to a move that was made."""
    version = change.course.version  # raised under the lock by the service that made the change
    response = Response(change_json(change, version), status=201)
    with_etag(response, change.course_id, version)
    return response
