"""The papers of a collection or a product in the API, and the signatures of acceptance."""

from typing import Any

from django import forms
from django.db.models import Field
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_answers import reading, writing
from accounts.api_requests import ApiView, IdField, StrictInput, WordsField, actor_of
from accounts.models import User
from accounts.permissions import Permission
from pathway.domain.paper_facts import CAPACITIES
from pathway.models import OosSignature
from pathway.models.papers import Paper
from pathway.paper_forms import KINDS, kinds_of
from pathway.paper_selectors import companion_or_404, papers_of_companion
from pathway.papers import add_paper, sign_oos
from pathway.selectors import course_state
from patients.fields import NumberField, YesNoField
from patients.models import Course
from patients.reading import note_chart_read
from patients.selectors import course_or_404

MACHINE = OpenApiParameter(
    name="machine", location=OpenApiParameter.PATH, type=str, enum=["apheresis", "product"]
)
KIND = OpenApiParameter(name="kind", location=OpenApiParameter.PATH, type=str, enum=list(KINDS))


def _input_of(kind: str) -> type[StrictInput]:
    """The JSON that a kind of paper takes; what it may hold is the form's to say."""
    fields: dict[str, Any] = {column.name: _input(column) for column in KINDS[kind].columns}
    fields["__doc__"] = f"A paper of the kind `{kind}`; moments are local times of the centre."
    return type(f"{kind.title()}PaperIn", (StrictInput,), fields)


def _input(column: "Field[Any, Any]") -> serializers.Field[Any, Any, Any, Any]:
    form_field = column.formfield()
    if isinstance(form_field, forms.NullBooleanField | YesNoField):
        return serializers.BooleanField(required=False, allow_null=True)
    if isinstance(form_field, forms.DecimalField | NumberField):
        return serializers.CharField(required=False, allow_null=True, allow_blank=True)
    codes = " or ".join(str(code) for code, _name in column.choices or ())
    return WordsField(
        required=False, allow_null=True, allow_blank=True, max_length=300, help_text=codes
    )


INPUTS = {kind: _input_of(kind) for kind in KINDS}
AnyPaperIn = PolymorphicProxySerializer(
    component_name="PaperIn", serializers=list(INPUTS.values()), resource_type_field_name=None
)


class SignatureOut(serializers.Serializer[Any]):
    """A signature; without the permission to see identities the signer stays out."""

    capacity = serializers.CharField()
    signer = serializers.CharField()
    signed_at = serializers.DateTimeField()


class PaperOut(serializers.Serializer[Any]):
    """A paper; `counts` is true for the latest of its kind. Null values are not recorded."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    counts = serializers.BooleanField()
    values = serializers.DictField(child=serializers.CharField(allow_null=True))
    recorded_at = serializers.DateTimeField()
    signatures = SignatureOut(many=True)


class SignIn(StrictInput):
    """A signature under the out-of-specification record that was read."""

    record_id = IdField()
    capacity = WordsField(max_length=16, help_text=" or ".join(CAPACITIES))


class PapersView(ListAPIView[Any]):
    """Papers of one companion."""

    serializer_class = PaperOut

    @reading("List papers", operation_id="papers_list", parameters=[MACHINE])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the papers kind by kind, the one that counts first."""
        actor = actor_of(request)
        machine, pk = kwargs["machine"], kwargs["companion"]
        state = course_state(actor, kwargs["pk"])
        _found(state, machine, pk)
        note_chart_read(state.course, actor=actor, now=timezone.now())
        found = papers_of_companion(machine, pk)
        rows = [
            paper_json(actor, kind, paper, counts=number == 0,
                       signatures=found.signatures.get(paper.pk, ()) if kind == "oos" else ())
            for kind in kinds_of(machine)
            for number, paper in enumerate(found.of(kind))
        ]  # fmt: skip
        page: Any = self.paginate_queryset(rows)
        return self.get_paginated_response(page)


class PaperView(ApiView):
    """One kind of paper."""

    @writing(
        "Add a paper", AnyPaperIn, PaperOut, operation_id="papers_create",
        parameters=[MACHINE, KIND],
    )  # fmt: skip
    def post(self, request: Request, pk: int, machine: str, companion: int, kind: str) -> Response:
        """Add a paper; the latest of a kind counts, earlier ones stay."""
        course_or_404(self.actor, pk)
        if kind not in kinds_of(machine):
            raise Course.DoesNotExist
        given = self.received(INPUTS[kind])
        values = {name: value for name, value in given.items() if value is not None}
        paper = add_paper(
            course_id=pk,
            machine=machine,
            pk=companion,
            kind=kind,
            values=values,
            actor=self.actor,
            now=timezone.now(),
        )
        return Response(paper_json(self.actor, kind, paper, counts=True), status=201)


class SignaturesView(ApiView):
    """Signatures under an out-of-specification record."""

    @writing("Sign an out-of-specification record", SignIn, SignatureOut)
    def post(self, request: Request, pk: int, companion: int) -> Response:
        """Sign as haematologist or as quality: two different people, one call each."""
        course_or_404(self.actor, pk)
        given = self.received(SignIn)
        signature = sign_oos(
            course_id=pk, pk=companion, **given, actor=self.actor, now=timezone.now()
        )
        return Response(_signature_json(self.actor, signature), status=201)


def paper_json(
    user: User,
    kind: str,
    paper: Paper,
    *,
    counts: bool,
    signatures: tuple[OosSignature, ...] = (),
) -> dict[str, Any]:
    """A paper; free text could name somebody and is left out for readers of codes."""
    named = user.may(Permission.SEE_IDENTITY)
    values = {}
    for column in KINDS[kind].columns:
        value = getattr(paper, column.name)
        if isinstance(value, str) and not column.choices and not named:
            continue
        values[column.name] = None if value in (None, "") else _plain(value)
    return {
        "id": paper.pk,
        "kind": kind,
        "counts": counts,
        "values": values,
        "recorded_at": paper.recorded_at,
        "signatures": [_signature_json(user, one) for one in signatures],
    }


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _signature_json(user: User, signature: OosSignature) -> dict[str, Any]:
    named = user.may(Permission.SEE_IDENTITY)
    return {
        "capacity": signature.capacity,
        "signer": signature.signer.get_full_name() if named else "",
        "signed_at": signature.signed_at,
    }


def _found(state: Any, machine: str, pk: int) -> None:
    try:
        companion_or_404(state, machine, pk)
    except LookupError as error:
        raise Course.DoesNotExist from error
