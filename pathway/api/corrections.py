"""Every change of a course in the API, with what stood before, and correcting a time."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_answers import IF_MATCH, reading, writing
from accounts.api_requests import (
    ApiView,
    MomentField,
    StrictInput,
    VersionField,
    WordsField,
    actor_of,
)
from accounts.models import User
from accounts.permissions import Permission
from pathway.api.answers import ChangeOut
from pathway.api.moves import moved
from pathway.api.overrides import OverridesField
from pathway.correcting import correct_time, history
from pathway.models import Change
from patients.api.foresight import ForeseenOut
from patients.foresight import foresee
from patients.reading import course_read
from patients.selectors import course_or_404


class CorrectionIn(StrictInput):
    """When a step really happened; `expected_version` may be given by `If-Match` instead."""

    happened_at = MomentField()
    reason = WordsField(max_length=2000)
    expected_version = VersionField(required=False)
    overrides = OverridesField(
        help_text="Reasons for soft refusals, such as a time outside the identity check."
    )


class EarlierOut(serializers.Serializer[Any]):
    """What stood before a correction; who and why stay empty for readers of codes."""

    happened_at = serializers.DateTimeField(allow_null=True)
    recorded_at = serializers.DateTimeField()
    recorded_by = serializers.CharField()
    corrected_at = serializers.DateTimeField()
    corrected_by = serializers.CharField()
    reason = serializers.CharField(help_text="Why it was corrected.")


class StandingOut(serializers.Serializer[Any]):
    """A change as it stands. `place` names it in the address that corrects it."""

    place = serializers.IntegerField()
    machine = serializers.CharField()
    companion = serializers.IntegerField(allow_null=True)
    source = serializers.CharField()  # type: ignore[assignment]
    target = serializers.CharField()
    transcribed = serializers.BooleanField(help_text="Whether its guards were not checked.")
    told_after = serializers.BooleanField(
        help_text="Told after the fact: its guards were asked, and could stop nothing any more."
    )
    happened_at = serializers.DateTimeField(allow_null=True, help_text="Null where nobody knows.")
    recorded_at = serializers.DateTimeField()
    earlier = EarlierOut(many=True)


class ChangesView(ListAPIView[Any]):
    """Changes of a course."""

    serializer_class = StandingOut
    queryset = Change.objects.none()

    @reading("List changes")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List what happened, in order, each as last corrected with what stood before."""
        actor = actor_of(request)
        course = course_read(actor, kwargs["pk"], now=timezone.now())
        page: Any = self.paginate_queryset(history(course))
        return self.get_paginated_response([_standing(actor, *one) for one in page])


class CorrectionView(ApiView):
    """The correction of one change."""

    @writing("Correct a time", CorrectionIn, ChangeOut, statuses=(428,), parameters=[IF_MATCH])
    def post(self, request: Request, pk: int, place: int) -> Response:
        """Say when a step really happened; what stood before is kept."""
        return moved(_correction(self, pk, place)())


class CorrectionForeseenView(ApiView):
    """What the correction of one change would move."""

    @writing(
        "Foresee a correction", CorrectionIn, ForeseenOut,
        status=200, statuses=(428,), parameters=[IF_MATCH],
    )  # fmt: skip
    def post(self, request: Request, pk: int, place: int) -> Response:
        """Tell what a corrected time would move; refused for what the correction would be."""
        found = foresee(pk, _correction(self, pk, place), actor=self.actor)
        return Response(ForeseenOut(found).data)


def _correction(view: ApiView, pk: int, place: int) -> Callable[[], Change]:
    """The correction that a request asks for, to be made or only tried."""
    course_or_404(view.actor, pk)
    given, version = view.received_on(CorrectionIn, pk)
    overrides = {one["code"]: one["reason"] for one in given.pop("overrides", [])}
    return partial(
        correct_time,
        course_id=pk,
        place=place,
        expected_version=version,
        overrides=overrides,
        actor=view.actor,
        now=timezone.now(),
        **given,
    )


def _standing(user: User, change: Change, earlier: tuple[Change, ...]) -> dict[str, Any]:
    named = user.may(Permission.SEE_IDENTITY)
    newer = (change, *earlier)
    return {
        "place": change.place,
        "machine": change.machine,
        "companion": change.subject_id,
        "source": change.source,
        "target": change.target,
        "transcribed": change.transcribed,
        "told_after": change.told_after,
        "happened_at": _known(change),
        "recorded_at": change.recorded_at,
        "earlier": [
            {
                "happened_at": _known(before),
                "recorded_at": before.recorded_at,
                "recorded_by": before.actor.username if named else "",
                "corrected_at": after.recorded_at,
                "corrected_by": after.actor.username if named else "",
                "reason": after.correction if named else "",
            }
            for after, before in zip(newer, earlier, strict=False)
        ],
    }


def _known(change: Change) -> Any:
    return change.happened_at if change.known_on is not None else None
