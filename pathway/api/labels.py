"""The labels of a product or a collection in the API: what stands, an entry, its confirmation."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import require
from accounts.api_answers import reading, writing
from accounts.api_requests import ApiView, StrictInput, TextField, WordsField, actor_of
from accounts.models import User
from accounts.permissions import Permission
from accounts.signing_again import sign_in_again
from pathway.domain.labels import LABELS_OF, Label
from pathway.label_selectors import LabelStanding, entry_of, labels_of, require_reader
from pathway.labelling import confirm_label, enter_label
from pathway.loading import CourseState
from pathway.loading_companions import CompanionRow
from pathway.scanning import LONGEST_SCAN
from pathway.selectors import course_state
from patients.models import Course
from patients.reading import note_chart_read

MACHINE = OpenApiParameter(
    name="machine", location=OpenApiParameter.PATH, type=str, enum=list(LABELS_OF)
)
NAME = OpenApiParameter(
    name="name", location=OpenApiParameter.PATH, type=str, enum=[label.value for label in Label]
)


class SecondReadingIn(StrictInput):
    """What a second person read off the label, and their password."""

    value = WordsField(max_length=LONGEST_SCAN, help_text="As scanned or printed; days in ISO.")
    password = WordsField(max_length=1024, trim_whitespace=False)


class LabelIn(SecondReadingIn):
    """What the first person read; `reason` when it corrects something."""

    reason = TextField(200)


class LabelOut(serializers.Serializer[Any]):
    """A label as it stands; what waits for a second reading is not told."""

    machine = serializers.CharField()
    companion = serializers.IntegerField()
    name = serializers.CharField()
    value = serializers.CharField(allow_null=True, help_text="Null when nothing is recorded.")
    read_by_two = serializers.BooleanField()
    waiting_entry = serializers.IntegerField(
        allow_null=True, help_text="What somebody else than who entered it confirms."
    )
    order_says = serializers.CharField(help_text="What the order names; empty elsewhere.")


class AgreementOut(serializers.Serializer[Any]):
    """What the second reading came to: without agreement both are void."""

    entry = serializers.IntegerField()
    agrees = serializers.BooleanField()


class LabelsView(ListAPIView[Any]):
    """Labels of one companion."""

    serializer_class = LabelOut

    @reading("List labels", operation_id="labels_list", parameters=[MACHINE])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the labels; of a product also the donation number of its collection."""
        actor = actor_of(request)
        state, row = _found(actor, kwargs["pk"], kwargs["machine"], kwargs["companion"])
        note_chart_read(state.course, actor=actor, now=timezone.now())
        page: Any = self.paginate_queryset([_json(one) for one in labels_of(state, row)])
        return self.get_paginated_response(page)


class LabelView(ApiView):
    """One label."""

    @writing(
        "Enter a label", LabelIn, LabelOut, operation_id="labels_create",
        parameters=[MACHINE, NAME],
    )  # fmt: skip
    def post(self, request: Request, pk: int, machine: str, companion: int, name: str) -> Response:
        """Keep what the first person read: it counts once a second one confirms it."""
        now = timezone.now()
        _found(self.actor, pk, machine, companion)
        if name not in LABELS_OF[machine]:
            raise Course.DoesNotExist
        require_reader(self.actor, machine)
        given = self.received(LabelIn)
        signed_at = sign_in_again(request._request, self.actor, given.pop("password"), now=now)
        enter_label(
            course_id=pk,
            machine=machine,
            pk=companion,
            name=name,
            **given,
            signed_in_at=signed_at,
            actor=self.actor,
            now=now,
        )
        state, row = _found(self.actor, pk, machine, companion)
        found = next(one for one in labels_of(state, row) if one.name == name)
        return Response(_json(found), status=201)


class LabelReadingView(ApiView):
    """The second reading of a label."""

    @writing("Confirm a label", SecondReadingIn, AgreementOut)
    def post(self, request: Request, pk: int, entry: int) -> Response:
        """Read the label a second time: the same lets it count, anything else voids both."""
        now = timezone.now()
        state = course_state(self.actor, pk)
        require(self.actor, Permission.SEE_IDENTITY)
        require_reader(self.actor, entry_of(state.course, entry).machine)
        given = self.received(SecondReadingIn)
        signed_at = sign_in_again(request._request, self.actor, given["password"], now=now)
        read = confirm_label(
            course_id=pk,
            entry_id=entry,
            value=given["value"],
            signed_in_at=signed_at,
            actor=self.actor,
            now=now,
        )
        return Response({"entry": entry, "agrees": read.agrees}, status=201)


def _found(user: User, pk: int, machine: str, companion: int) -> tuple[CourseState, CompanionRow]:
    state = course_state(user, pk)
    require(user, Permission.SEE_IDENTITY)
    row = next((one for one in state.of(machine) if one.pk == companion), None)
    if row is None or machine not in LABELS_OF:
        raise Course.DoesNotExist
    return state, row


def _json(found: LabelStanding) -> dict[str, Any]:
    return {
        "machine": found.machine,
        "companion": found.pk,
        "name": found.name,
        "value": found.value or None,
        "read_by_two": found.by_two,
        "waiting_entry": found.waiting.pk if found.waiting else None,
        "order_says": found.order_says,
    }
