"""Companions in the API: listing and opening those of one machine, and moving one."""

from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_answers import IF_MATCH, reading, writing
from accounts.api_requests import (
    ApiView,
    DayField,
    MomentField,
    StrictInput,
    VersionField,
    WordsField,
    actor_of,
    body_of,
    naming,
    needed_version,
    read,
    with_etag,
)
from pathway.api.answers import ChangeOut, CompanionOut, MoveOut, companion_json, move_json
from pathway.api.moves import OWN_NAMES, MoveIn, move_order, moved
from pathway.api.overrides import OverridesField
from pathway.domain.companions import COMPANIONS
from pathway.domain.outsets import needed
from pathway.loading import CourseState
from pathway.loading_companions import CompanionRow
from pathway.opening import FIELDS, OPENERS, REQUIRED, open_companion
from pathway.selectors import companion_options, course_state
from pathway.suggesting import bridging_suggestion
from pathway.transitions import move_companion
from patients.models import Course
from patients.reading import course_read, note_chart_read
from patients.selectors import course_or_404
from terms.day_numbers import local_date

MACHINE = OpenApiParameter(
    name="machine", location=OpenApiParameter.PATH, type=str, enum=list(COMPANIONS)
)


class CompanionIn(StrictInput):
    """A companion to open; which fields describe it depends on the machine."""

    outset = WordsField(
        max_length=12,
        required=False,
        help_text="Of containment `planned` or `not_needed`, of bridging `planned` or `none`.",
    )
    reason = WordsField(max_length=2000, required=False, allow_blank=True)
    last_dose_on = DayField(required=False, allow_null=True)
    drug = WordsField(max_length=80, required=False, allow_blank=True)
    drug_class = WordsField(max_length=40, required=False, allow_blank=True)
    regimen = WordsField(max_length=120, required=False)
    order_number = WordsField(max_length=40, required=False, allow_blank=True)
    planned_on = DayField(required=False, allow_null=True)
    expected_on = DayField(required=False, allow_null=True)
    happened_at = MomentField(required=False, help_text="Now when left out.")
    expected_version = VersionField(required=False)
    overrides = OverridesField()


class CompanionMoveIn(MoveIn):
    """A move of a companion with what it brings, such as the yield of a collection."""

    details = serializers.DictField(
        child=WordsField(max_length=200, allow_blank=True), required=False
    )


class CompanionsView(ListAPIView[Any]):
    """Companions of one machine."""

    serializer_class = CompanionOut

    @reading("List companions", operation_id="companions_list", parameters=[MACHINE])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the course's companions of one machine, oldest first."""
        actor = actor_of(request)
        state = course_state(actor, kwargs["pk"])
        note_chart_read(state.course, actor=actor, now=timezone.now())
        rows: list[CompanionRow] = list(state.of(kwargs["machine"]))
        page: Any = self.paginate_queryset(rows)
        return self.get_paginated_response([companion_json(row) for row in page])

    @writing(
        "Open a companion",
        CompanionIn,
        CompanionOut,
        operation_id="companions_create",
        statuses=(428,),
        parameters=[MACHINE, IF_MATCH],
    )
    def post(self, request: Request, pk: int, machine: str) -> Response:
        """Open a companion; an eligibility review opens by itself and answers 405."""
        if machine not in OPENERS:
            self.http_method_not_allowed(request)
        actor = actor_of(request)
        course_or_404(actor, pk)
        given = read(CompanionIn, body_of(request), actor)
        seen, happened_at = given.pop("expected_version", None), given.pop("happened_at", None)
        overrides = {one["code"]: one["reason"] for one in given.pop("overrides", [])}
        _refuse_foreign(machine, given)
        version = needed_version(request, pk, seen)
        companion = open_companion(
            course_id=pk,
            machine=machine,
            values=given,
            happened_at=happened_at,
            expected_version=version,
            overrides=overrides,
            actor=actor,
            now=timezone.now(),
        )
        state = course_state(actor, pk)
        response = Response(companion_json(_row(state, machine, companion.pk)), status=201)
        with_etag(response, pk, state.course.version)
        return response


class SuggestionOut(serializers.Serializer[Any]):
    """What the protocol prefers for bridging, and the finding behind it. It decides nothing."""

    antigen = serializers.CharField()
    result = serializers.CharField(help_text="Empty when not known.")
    on = serializers.CharField(help_text="As far as known; empty when it is not.")
    drug = serializers.CharField(help_text="Empty unless the antigen is positive.")
    text = serializers.CharField()


class SuggestionView(ApiView):
    """The suggestion for bridging."""

    @reading("Read what is suggested for bridging", SuggestionOut)
    def get(self, request: Request, pk: int) -> Response:
        """Read it from the latest result; 404 where the protocol suggests nothing at all."""
        course = course_read(self.actor, pk, now=timezone.now())
        found = bridging_suggestion(course)
        if found is None:
            raise Http404
        own = {"result": found.finding.result, "on": found.finding.on}
        values = {"antigen": found.antigen, "drug": found.drug, "text": found.text}
        return Response(SuggestionOut(values | own).data)


class CompanionMovesView(ListAPIView[Any]):
    """Moves of one companion."""

    serializer_class = MoveOut

    @reading(
        "List moves of a companion", operation_id="companions_moves_list", parameters=[MACHINE]
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List every move from the state now, each with every refusal at once."""
        actor, machine = actor_of(request), kwargs["machine"]
        state, now = course_state(actor, kwargs["pk"]), timezone.now()
        note_chart_read(state.course, actor=actor, now=now)
        today = local_date(now, state.course.centre.zone)
        options = companion_options(
            state, _row(state, machine, kwargs["companion"]), actor, today, now
        )
        page: Any = self.paginate_queryset(list(options))
        response = self.get_paginated_response([move_json(machine, one) for one in page])
        with_etag(response, state.course.pk, state.course.version)
        return response

    @writing(
        "Move a companion",
        CompanionMoveIn,
        ChangeOut,
        operation_id="companions_moves_create",
        statuses=(428,),
        parameters=[MACHINE, IF_MATCH],
    )
    def post(self, request: Request, pk: int, machine: str, companion: int) -> Response:
        """Move a companion to another state; answers the change and the course's new version."""
        actor = actor_of(request)
        course_or_404(actor, pk)
        given = read(CompanionMoveIn, body_of(request), actor)
        version = needed_version(request, pk, given.get("expected_version"))
        with naming(OWN_NAMES, within="details"):
            change = move_companion(
                course_id=pk,
                machine=machine,
                pk=companion,
                order=move_order(given, version),
                actor=actor,
                now=timezone.now(),
            )
        return moved(change)


def _row(state: CourseState, machine: str, pk: int) -> CompanionRow:
    found = next((row for row in state.of(machine) if row.pk == pk), None)
    if found is None:
        raise Course.DoesNotExist
    return found


def _refuse_foreign(machine: str, given: dict[str, Any]) -> None:
    """Fields of another machine are unknown here, and what describes this one is needed.

    Raises ValidationError naming all of them; the values themselves are the service's to judge.
    """
    errors: dict[str, Any] = {
        name: serializers.ErrorDetail(_("There is no such field."), code="unknown_field")
        for name in given
        if name not in FIELDS[machine]
    }
    for wanted in needed(machine, given, REQUIRED[machine]):
        if given.get(wanted) in (None, ""):
            errors[wanted] = serializers.ErrorDetail(_("This field is required."), code="required")
    if errors:
        raise serializers.ValidationError(errors)
