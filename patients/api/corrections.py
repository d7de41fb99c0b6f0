"""Correcting facts of the chart in the API: what stood before, in error, brought back."""

from typing import Any, cast

from django.utils import timezone
from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import require
from accounts.api_answers import IF_MATCH, reading, writing
from accounts.api_requests import (
    ApiView,
    DayField,
    StrictInput,
    TextField,
    VersionField,
    WordsField,
    actor_of,
    naming,
)
from accounts.models import User
from accounts.permissions import Permission
from patients.api.answers import EntryOut, HoldOut, StayOut, entry_json, hold_json, stay_json
from patients.api.chart import input_of
from patients.api.errors import UndoIn
from patients.charting import KINDS
from patients.correcting import correct_entry
from patients.correcting_holds import correct_hold
from patients.correcting_stays import correct_stay
from patients.correction_forms import form_of
from patients.fact_values import FREE_TEXT, HOLD, STAY, fact_of, typed_values
from patients.facts_shown import corrections_of
from patients.mistaken_facts import bring_back, mark_fact, open_marks_of
from patients.models import Correction
from patients.models.corrections import CorrectionKind
from patients.models.courses import StayUnit
from patients.models.history import ChartEntry
from patients.reading import course_read
from patients.selectors import course_or_404

FACTS = (STAY, HOLD, *KINDS)


class WhyIn(StrictInput):
    """Why; `expected_version` of course or patient may be given by `If-Match` instead."""

    reason = WordsField(max_length=2000)
    expected_version = VersionField(required=False)


def _input_of(kind: str) -> type[StrictInput]:
    values = input_of(f"{kind.title()}Values", form_of(kind))
    doc = {"__doc__": f"What an entry of the kind `{kind}` really says; what is left out stays."}
    return type(f"{kind.title()}CorrectionIn", (WhyIn,), {"values": values(), **doc})


INPUTS = {kind: _input_of(kind) for kind in KINDS}
AnyCorrectionIn = PolymorphicProxySerializer(
    component_name="EntryCorrectionIn",
    serializers=list(INPUTS.values()),
    resource_type_field_name=None,
)


class StayCorrectionIn(WhyIn):
    """Where and when a stay really was; `ended_on` is null while it goes on."""

    unit = serializers.ChoiceField(choices=StayUnit.choices)
    place = TextField(80)
    began_on = DayField()
    ended_on = DayField(allow_null=True)


class HoldCorrectionIn(WhyIn):
    """Why, since when, until when and instead of what date a step was really held.

    Without `reason_code` the coded reason stays.
    """

    reason_code = WordsField(max_length=40, required=False)
    began_on = DayField()
    planned_on = DayField(allow_null=True)
    ended_on = DayField(allow_null=True)


class CorrectionOut(serializers.Serializer[Any]):
    """What a fact said before it was corrected; who and why stay empty for readers of codes."""

    id = serializers.IntegerField()
    course = serializers.IntegerField()
    fact = serializers.ChoiceField(choices=FACTS)
    fact_id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=CorrectionKind.choices)
    before = serializers.DictField(child=serializers.JSONField(allow_null=True))
    reason = serializers.CharField()
    corrected_at = serializers.DateTimeField()
    corrected_by = serializers.CharField()


class CorrectionsView(ListAPIView[Correction]):
    """Corrections of a course."""

    serializer_class = CorrectionOut
    queryset = Correction.objects.none()

    @reading("List corrections of the chart")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List what facts that stand said before, each fact's latest correction first."""
        actor = actor_of(request)
        course = course_read(actor, kwargs["pk"], now=timezone.now())
        rows: Any = [one for rows in corrections_of(course).values() for one in rows]
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response([correction_json(actor, one) for one in page])


class EntryCorrectionView(ApiView):
    """The correction of one entry."""

    @writing("Correct an entry", AnyCorrectionIn, EntryOut, statuses=(428,), parameters=[IF_MATCH])
    def post(self, request: Request, pk: int, kind: str, entry: int) -> Response:
        """Let an entry say something else; null clears a value, what is left out stays."""
        course = course_or_404(self.actor, pk)
        found = fact_of(course, kind, entry)
        given, version = self.received_on(INPUTS[kind], pk)
        said = {name: "" if value is None else value for name, value in given["values"].items()}
        with naming({"reason": "reason"}, within="values"):
            corrected = correct_entry(
                course_id=pk,
                kind=kind,
                entry_id=entry,
                values=typed_values(cast("ChartEntry", found), kind) | said,
                reason=given["reason"],
                expected_version=version,
                actor=self.actor,
                now=timezone.now(),
            )
        return Response(entry_json(self.actor, kind, corrected), status=201)


class StayCorrectionView(ApiView):
    """The correction of one stay."""

    @writing("Correct a stay", StayCorrectionIn, StayOut, statuses=(428,), parameters=[IF_MATCH])
    def post(self, request: Request, pk: int, stay: int) -> Response:
        """Say where and when a stay really was."""
        course_or_404(self.actor, pk)
        given, version = self.received_on(StayCorrectionIn, pk)
        corrected = correct_stay(
            course_id=pk,
            stay_id=stay,
            expected_version=version,
            actor=self.actor,
            now=timezone.now(),
            **given,
        )
        return Response(stay_json(self.actor, corrected), status=201)


class HoldCorrectionView(ApiView):
    """The correction of one delay."""

    @writing("Correct a delay", HoldCorrectionIn, HoldOut, statuses=(428,), parameters=[IF_MATCH])
    def post(self, request: Request, pk: int, hold: int) -> Response:
        """Say why, since when and until when a step was really held."""
        course_or_404(self.actor, pk)
        given, version = self.received_on(HoldCorrectionIn, pk)
        corrected = correct_hold(
            course_id=pk,
            hold_id=hold,
            expected_version=version,
            actor=self.actor,
            now=timezone.now(),
            **given,
        )
        return Response(hold_json(self.actor, corrected), status=201)


class FactErrorView(ApiView):
    """The mark of one fact."""

    @writing(
        "Mark a fact as entered in error",
        WhyIn,
        CorrectionOut,
        statuses=(428,),
        parameters=[IF_MATCH],
    )
    def post(self, request: Request, pk: int, kind: str, fact: int) -> Response:
        """Hide an entry, a stay or a delay everywhere; the audit keeps it."""
        course_or_404(self.actor, pk)
        given, version = self.received_on(WhyIn, pk)
        mark = mark_fact(
            course_id=pk,
            kind=kind,
            fact_id=fact,
            expected_version=version,
            actor=self.actor,
            now=timezone.now(),
            **given,
        )
        return Response(correction_json(self.actor, mark), status=201)


class FactErrorsView(ListAPIView[Correction]):
    """Marks of facts of the centre."""

    serializer_class = CorrectionOut
    queryset = Correction.objects.none()

    @reading("List facts that were entered in error")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the marks that nobody undid, the latest first."""
        actor = actor_of(request)
        require(actor, Permission.UNDO_ERROR)
        page = self.paginate_queryset(open_marks_of(actor)) or []
        return self.get_paginated_response([correction_json(actor, mark) for mark in page])


class FactUndoView(ApiView):
    """The undo of a mark."""

    @writing("Bring back a fact", UndoIn, CorrectionOut)
    def post(self, request: Request, pk: int) -> Response:
        """Let a fact that was marked by mistake stand again."""
        given = self.received(UndoIn)
        back = bring_back(correction_id=pk, actor=self.actor, now=timezone.now(), **given)
        return Response(correction_json(self.actor, back), status=201)


def correction_json(user: User, one: Correction) -> dict[str, Any]:
    """A correction; what is free text stays with those who may see identities."""
    named = user.may(Permission.SEE_IDENTITY)
    hidden = frozenset() if named else FREE_TEXT.get(one.fact, frozenset()) | {"recorded_by"}
    return {
        "id": one.pk,
        "course": one.course_id,
        "fact": one.fact,
        "fact_id": one.fact_id,
        "kind": one.kind,
        "before": {name: None if name in hidden else value for name, value in one.before.items()},
        "reason": one.reason if named else "",
        "corrected_at": one.corrected_at,
        "corrected_by": one.corrected_by if named else "",
    }
