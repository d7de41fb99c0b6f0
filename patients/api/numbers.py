"""Numbers of a patient in the API: adding and correcting one, and which one the labels carry."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.generics import ListCreateAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import require
from accounts.api_answers import IF_MATCH, reading, writing
from accounts.api_requests import (
    ApiView,
    WordsField,
    actor_of,
    body_of,
    naming,
    read,
)
from accounts.permissions import Permission
from patients.api.answers import IdentifierOut
from patients.api.corrections import WhyIn
from patients.api.people import IdentifierIn
from patients.identifiers import (
    add_identifier,
    choose_identifier,
    correct_identifier,
    drop_identifier,
)
from patients.models import Identifier
from patients.models.people import IdentifierCorrectionKind
from patients.numbers_shown import NumberView, numbers_shown
from patients.reading import note_patient_read
from patients.selectors import patient_or_404


class NewIdentifierIn(IdentifierIn):
    """A number; `on_labels` says that wristband and labels carry this one."""

    on_labels = serializers.BooleanField(default=False)


class IdentifierCorrectionIn(WhyIn):
    """What a number really is."""

    system = WordsField(max_length=60)
    value = WordsField(max_length=60)


class EarlierNumberOut(serializers.Serializer[Any]):
    """What was said of a number before."""

    kind = serializers.ChoiceField(choices=IdentifierCorrectionKind.choices)
    system = serializers.CharField()
    value = serializers.CharField()
    reason = serializers.CharField()
    corrected_at = serializers.DateTimeField()
    corrected_by = serializers.CharField()


class NumberOut(serializers.Serializer[Any]):
    """A number, whether the labels are compared with it, and what it said before.

    `on_labels` says that somebody named it; `compared` is also true of the hospital's only number.
    """

    id = serializers.IntegerField()
    system = serializers.CharField()
    value = serializers.CharField()
    on_labels = serializers.BooleanField()
    compared = serializers.BooleanField()
    in_error = serializers.BooleanField()
    earlier = EarlierNumberOut(many=True)


class IdentifiersView(ListCreateAPIView[Identifier]):
    """Numbers of a patient."""

    serializer_class = NumberOut
    queryset = Identifier.objects.none()

    @reading("List the numbers of a patient")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List every number ever recorded, those entered in error last, with what stood before."""
        actor = actor_of(request)
        patient = patient_or_404(actor, kwargs["pk"])
        require(actor, Permission.SEE_IDENTITY)
        note_patient_read(patient, actor=actor, now=timezone.now())
        rows: Any = numbers_shown(patient)
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response([_json(one) for one in page])

    @writing("Add a number", NewIdentifierIn, IdentifierOut)
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Add a number that somebody issued to the patient."""
        actor, pk = actor_of(request), kwargs["pk"]
        patient_or_404(actor, pk)
        values = read(NewIdentifierIn, body_of(request), actor)
        with naming({"identifiers": "value"}):
            made = add_identifier(patient_id=pk, actor=actor, now=timezone.now(), **values)
        return Response(IdentifierOut(made).data, status=201)


class IdentifierCorrectionView(ApiView):
    """The correction of one number."""

    @writing(
        "Correct a number",
        IdentifierCorrectionIn,
        NumberOut,
        statuses=(428,),
        parameters=[IF_MATCH],
    )
    def post(self, request: Request, pk: int, number: int) -> Response:
        """Say what a number really is; identity is to be verified and labels checked anew."""
        patient_or_404(self.actor, pk)
        given, version = self.received_on(IdentifierCorrectionIn, pk)
        with naming({"identifiers": "value"}):
            correct_identifier(
                patient_id=pk,
                identifier_id=number,
                expected_version=version,
                actor=self.actor,
                now=timezone.now(),
                **given,
            )
        return self._answer(pk, number)

    def _put_right(self, pk: int, number: int, service: Callable[..., object]) -> Response:
        """Let a service say something of a number for which a reason is all it takes."""
        patient_or_404(self.actor, pk)
        given, version = self.received_on(WhyIn, pk)
        service(
            patient_id=pk,
            identifier_id=number,
            expected_version=version,
            actor=self.actor,
            now=timezone.now(),
            **given,
        )
        return self._answer(pk, number)

    def _answer(self, pk: int, number: int) -> Response:
        shown = numbers_shown(patient_or_404(self.actor, pk))
        (found,) = (one for one in shown if one.pk == number)
        return Response(_json(found), status=201)


class IdentifierErrorView(IdentifierCorrectionView):
    """The mark of one number."""

    @writing(
        "Mark a number as entered in error",
        WhyIn,
        NumberOut,
        statuses=(428,),
        parameters=[IF_MATCH],
    )
    def post(self, request: Request, pk: int, number: int) -> Response:
        """Say that a number is not this patient's at all."""
        return self._put_right(pk, number, drop_identifier)


class IdentifierChoiceView(IdentifierCorrectionView):
    """The number on the labels."""

    @writing(
        "Choose the number on the labels",
        WhyIn,
        NumberOut,
        statuses=(428,),
        parameters=[IF_MATCH],
    )
    def post(self, request: Request, pk: int, number: int) -> Response:
        """Say which number wristband and labels carry: the checks of two people compare it."""
        return self._put_right(pk, number, choose_identifier)


def _json(number: NumberView) -> dict[str, Any]:
    return {
        "id": number.pk,
        "system": number.system,
        "value": number.value,
        "on_labels": number.on_labels,
        "compared": number.compared,
        "in_error": number.in_error,
        "earlier": [
            {
                "kind": one.kind,
                "system": one.before["system"],
                "value": one.before["value"],
                "reason": one.reason,
                "corrected_at": one.corrected_at,
                "corrected_by": one.corrected_by,
            }
            for one in number.earlier
        ],
    }
