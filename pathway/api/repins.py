"""The version that a course follows, in the API: what another one would change, and the move."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import require
from accounts.api_answers import IF_MATCH, Reason, reading, writing
from accounts.api_requests import (
    ApiView,
    IdField,
    StrictInput,
    VersionField,
    WordsField,
    needed_version,
    with_etag,
)
from accounts.permissions import Permission
from accounts.problems import refusal_json
from pathway.repinning import Effect, effect_of, repin, state_to_move
from pathway.selectors import course_of
from patients.reading import note_chart_read
from patients.selectors import course_or_404
from protocol.models import Protocol
from protocol.selectors import in_force


class VersionOut(serializers.Serializer[Any]):
    """A version of a protocol."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    version = serializers.IntegerField()


class TargetChangeOut(serializers.Serializer[Any]):
    """Days a course should take in a stage."""

    stage = serializers.CharField()
    before = serializers.IntegerField(allow_null=True)
    after = serializers.IntegerField(allow_null=True)


class DueChangeOut(serializers.Serializer[Any]):
    """A due date that moves, appears or goes."""

    item = serializers.CharField()
    number = serializers.CharField(help_text="Occurrence of the anchor and ordinal.")
    before = serializers.DateField(allow_null=True)
    after = serializers.DateField(allow_null=True)


class NewRefusalOut(serializers.Serializer[Any]):
    """A move that the version would newly refuse."""

    machine = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    target = serializers.CharField()
    refusal = Reason()


class CheckChangeOut(serializers.Serializer[Any]):
    """An item or check that comes, goes or stands otherwise; empty where a version has none."""

    gate = serializers.CharField(help_text="Empty for an item of the eligibility review.")
    code = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()


class EffectOut(serializers.Serializer[Any]):
    """What following a version would change; with `refusals` the course cannot follow it."""

    version = VersionOut()
    targets = TargetChangeOut(many=True)
    due = DueChangeOut(many=True)
    checks = CheckChangeOut(many=True)
    refused = NewRefusalOut(many=True)
    refusals = Reason(many=True)
    compared = serializers.BooleanField(
        help_text="False where the version it follows cannot be read: only dates are compared."
    )


class CourseProtocolOut(serializers.Serializer[Any]):
    """The version a course follows, and the effect of the one in force."""

    follows = VersionOut()
    in_force = EffectOut(allow_null=True)


class RepinIn(StrictInput):
    """The version to follow; `expected_version` of the course may be given by `If-Match`."""

    protocol_id = IdField()
    reason = WordsField(max_length=2000)
    expected_version = VersionField(required=False)


class CourseProtocolView(ApiView):
    """The version that a course follows."""

    @reading("Read which version a course follows", CourseProtocolOut)
    def get(self, request: Request, pk: int) -> Response:
        """Answer the version, and what following the one in force would change."""
        state, now = state_to_move(course_of(self.actor, pk)), timezone.now()
        # What newly stands against a move tells of the patient.
        require(self.actor, Permission.SEE_IDENTITY)
        note_chart_read(state.course, actor=self.actor, now=now)
        target = in_force(state.course.protocol.code)
        effect = effect_of(state, target, actor=self.actor, now=now) if target else None
        follows = _version_json(state.course.protocol)
        answer = {"follows": follows, "in_force": _effect_json(effect) if effect else None}
        response = Response(answer)
        with_etag(response, pk, state.course.version)
        return response

    @writing(
        "Move a course to another version", RepinIn, VersionOut, statuses=(428,),
        parameters=[IF_MATCH],
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        """Let the course follow another version of its protocol, with a reason."""
        course_or_404(self.actor, pk)
        given = self.received(RepinIn)
        course = repin(
            course_id=pk,
            protocol_id=given["protocol_id"],
            reason=given["reason"],
            expected_version=needed_version(request, pk, given.get("expected_version")),
            actor=self.actor,
            now=timezone.now(),
        )
        response = Response(_version_json(course.protocol), status=201)
        with_etag(response, pk, course.version)
        return response


def _version_json(protocol: Protocol) -> dict[str, Any]:
    return {"id": protocol.pk, "code": protocol.code, "version": protocol.version}


def _effect_json(effect: Effect) -> dict[str, Any]:
    return {
        "version": _version_json(effect.target),
        "targets": [vars(one) for one in effect.targets],
        "due": [vars(one) for one in effect.due],
        "checks": [
            {"gate": one.gate, "code": one.code, "before": one.before, "after": one.after}
            for one in effect.checks
        ],
        "refused": [{**vars(one), "refusal": refusal_json(one.refusal)} for one in effect.refused],
        "refusals": [refusal_json(refusal) for refusal in effect.refusals],
        "compared": effect.compared,
    }
