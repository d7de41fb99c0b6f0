"""Doses in the API: those of one companion, ordering them, and what became of each."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_answers import reading, writing
from accounts.api_requests import (
    ApiView,
    DayField,
    MomentField,
    StrictInput,
    TextField,
    VersionField,
    WordsField,
    actor_of,
    body_of,
    read,
)
from accounts.permissions import Permission
from accounts.wording import param_in_words
from pathway import dosing
from pathway.api.overrides import OverridesField
from pathway.domain.doses import DoseFacts, DoseState, Route
from pathway.dose_amounts import Counted, counted_amounts
from pathway.loading_doses import MACHINES, facts_of
from pathway.models import Dose
from pathway.selectors import course_state
from patients.models import Course
from patients.reading import note_chart_read
from terms.day_numbers import local_date
from terms.words import Bilingual

_OF_NAMED = "Empty for who may not see identities."
_ROUTES = [route.value for route in Route]
DOSED = OpenApiParameter(
    name="machine", location=OpenApiParameter.PATH, type=str, enum=sorted(MACHINES)
)


class AmountField(serializers.DecimalField):
    """An amount of a drug, with at most three decimals."""

    def __init__(self, **given: Any) -> None:
        super().__init__(9, 3, required=False, allow_null=True, **given)


class DoseOut(serializers.Serializer[Any]):
    """A dose as it stands. An amount that is not recorded is null."""

    id = serializers.IntegerField()
    number = serializers.IntegerField()
    drug = serializers.CharField()
    drug_class = serializers.CharField()
    route = serializers.CharField()
    state = serializers.ChoiceField(choices=[state.value for state in DoseState])
    planned_on = serializers.DateField(allow_null=True)
    planned_day = serializers.IntegerField(allow_null=True)
    amount = serializers.DecimalField(9, 3, allow_null=True)
    unit = serializers.CharField()
    given_on = serializers.DateField(allow_null=True)
    given_amount = serializers.DecimalField(9, 3, allow_null=True)


class AnswerOut(serializers.Serializer[Any]):
    """What a first dose told after it was given was asked, and the reason that was given."""

    code = serializers.CharField()
    check = serializers.CharField(help_text="The check of the gate, if it is one.")
    question = serializers.CharField(help_text="In the language of the request.")
    reason = serializers.CharField(help_text=_OF_NAMED)


class DoseRow(DoseOut):
    """A dose of the list, with what a dose per square metre comes to: shown, never ordered.

    It is counted on the day the dose was given, else today. What is not compared is null.
    """

    per_m2 = serializers.DecimalField(9, 3, allow_null=True, help_text="mg/m².")
    counted_mg = serializers.DecimalField(
        9, 1, allow_null=True, help_text="Null while the body surface is not counted."
    )
    surface_m2 = serializers.DecimalField(5, 2, allow_null=True)
    surface_formula = serializers.CharField()
    weight_on = serializers.DateField(allow_null=True)
    height_on = serializers.DateField(allow_null=True)
    tolerance_percent = serializers.IntegerField(allow_null=True)
    ordered_off_percent = serializers.DecimalField(12, 1, allow_null=True)
    given_off_percent = serializers.DecimalField(12, 1, allow_null=True)
    amount_reason = serializers.CharField(help_text=_OF_NAMED)
    deviation = serializers.CharField(help_text=_OF_NAMED)
    told_after = AnswerOut(
        many=True, help_text="Of a first dose told after it was given: what did not stand then."
    )


class _DeedIn(StrictInput):
    """What every write about doses takes."""

    expected_version = VersionField(required=False)


class DoseOrderIn(_DeedIn):
    """A dose to order."""

    drug = WordsField(max_length=80)
    drug_class = TextField(40)
    route = serializers.ChoiceField(choices=_ROUTES)
    planned_on = DayField(required=False, allow_null=True)
    planned_day = serializers.IntegerField(
        required=False, allow_null=True, min_value=-60, max_value=60
    )
    amount = AmountField()
    unit = WordsField(max_length=12, required=False, default="mg")
    remark = TextField()
    overrides = OverridesField()


class DoseGivenIn(_DeedIn):
    """A dose as it was given."""

    given_at = MomentField()
    amount = AmountField()
    verified_by = TextField(150)
    deviation = TextField()
    remark = TextField()
    overrides = OverridesField()


class DoseWithheldIn(_DeedIn):
    """Why a dose is not given."""

    reason = WordsField(max_length=2000)


class DoseChangeIn(_DeedIn):
    """Another amount or day of a dose not given yet."""

    amount = AmountField()
    planned_on = DayField(required=False, allow_null=True)
    delay_code = TextField(40)
    reason = TextField()
    overrides = OverridesField()


class DoseCorrectIn(_DeedIn):
    """What a dose was in truth: given, or not given, or neither yet."""

    given_at = MomentField(required=False, allow_null=True)
    amount = AmountField()
    verified_by = TextField(150)
    deviation = TextField()
    not_given_reason = TextField()
    reason = WordsField(max_length=4000)
    overrides = OverridesField()


class DosesView(ListAPIView[Any]):
    """Doses of one companion."""

    serializer_class = DoseRow

    @reading("List doses of a companion", operation_id="doses_list", parameters=[DOSED])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the doses of one companion as they stand now."""
        actor = actor_of(request)
        state = course_state(actor, kwargs["pk"])
        row = next((r for r in state.of(kwargs["machine"]) if r.pk == kwargs["companion"]), None)
        if row is None or kwargs["machine"] not in MACHINES:
            raise Course.DoesNotExist
        now = timezone.now()
        note_chart_read(state.course, actor=actor, now=now)
        page: Any = self.paginate_queryset(list(row.doses))
        today = local_date(now, state.course.centre.zone)
        sums = counted_amounts(state, row, today)
        named = actor.may(Permission.SEE_IDENTITY)
        return self.get_paginated_response([_row(dose, sums.get(dose.pk), named) for dose in page])

    @writing("Order a dose", DoseOrderIn, DoseOut, operation_id="doses_create", parameters=[DOSED])
    def post(self, request: Request, pk: int, machine: str, companion: int) -> Response:
        """Order one dose of a companion that is not over."""
        actor = actor_of(request)
        given = read(DoseOrderIn, body_of(request), actor)
        if machine not in MACHINES:
            raise Course.DoesNotExist
        version, overrides = given.pop("expected_version", None), _overrides(given)
        [dose] = dosing.order_doses(
            course_id=pk,
            machine=machine,
            pk=companion,
            orders=[dosing.DoseOrder(**given)],
            overrides=overrides,
            expected_version=version,
            actor=actor,
            now=timezone.now(),
        )
        return _answered(dose)


class DoseGiveView(ApiView):
    """A dose that was given."""

    @writing("Record a dose as given", DoseGivenIn, DoseOut, operation_id="doses_give")
    def post(self, request: Request, dose: int) -> Response:
        """Record when and how much was given; the first dose begins its companion."""
        given = self.received(DoseGivenIn)
        version, overrides = given.pop("expected_version", None), _overrides(given)
        standing = dosing.give_dose(
            dose_id=dose,
            given=dosing.DoseGiven(**given, overrides=overrides),
            expected_version=version,
            actor=self.actor,
            now=timezone.now(),
        )
        return _answered(standing)


class DoseWithholdView(ApiView):
    """A dose that is not given."""

    @writing("Record a dose as not given", DoseWithheldIn, DoseOut, operation_id="doses_withhold")
    def post(self, request: Request, dose: int) -> Response:
        """Say why an ordered dose is not given."""
        given = self.received(DoseWithheldIn)
        standing = dosing.withhold_dose(dose_id=dose, **given, actor=self.actor, now=timezone.now())
        return _answered(standing)


class DoseChangeView(ApiView):
    """The order of a dose."""

    @writing("Change the order of a dose", DoseChangeIn, DoseOut, operation_id="doses_change")
    def post(self, request: Request, dose: int) -> Response:
        """Change amount or day; another day needs a reason of the protocol."""
        given = {"amount": None, "planned_on": None} | self.received(DoseChangeIn)
        given["overrides"] = _overrides(given)
        standing = dosing.change_order(dose_id=dose, **given, actor=self.actor, now=timezone.now())
        return _answered(standing)


class DoseCorrectView(ApiView):
    """A dose that was recorded wrongly."""

    @writing("Correct a dose", DoseCorrectIn, DoseOut, operation_id="doses_correct")
    def post(self, request: Request, dose: int) -> Response:
        """Put right what was recorded; the wrong row stays beside it."""
        given = self.received(DoseCorrectIn)
        at, overrides = given.get("given_at"), _overrides(given)
        truth: dict[str, Any] = {
            name: given.get(name) or "" for name in ("verified_by", "deviation")
        }
        standing = dosing.correct_dose(
            dose_id=dose,
            given=dosing.DoseGiven(at, given.get("amount"), **truth, overrides=overrides)
            if at
            else None,
            not_given_reason=given["not_given_reason"],
            reason=given["reason"],
            expected_version=given.get("expected_version"),
            actor=self.actor,
            now=timezone.now(),
        )
        return _answered(standing)


def _overrides(given: dict[str, Any]) -> dict[str, str]:
    return {one["code"]: one["reason"] for one in given.pop("overrides", [])}


def _answered(dose: Dose) -> Response:
    return Response(_json(facts_of(dose, None)), status=201)


def _row(dose: DoseFacts, counted: Counted | None, named: bool) -> dict[str, Any]:
    found = counted.arithmetic if counted else None
    body = found.surface if found else None
    own = {
        "per_m2": dose.per_m2,
        "counted_mg": found.expected if found else None,
        "surface_m2": body.square_metres if body else None,
        "surface_formula": body.formula if body else "",
        "weight_on": body.weight.on if body and body.weight else None,
        "height_on": body.height.on if body and body.height else None,
        "tolerance_percent": found.tolerance if found else None,
        "ordered_off_percent": found.off_by(dose.amount) if found else None,
        "given_off_percent": found.off_by(dose.given_amount) if found else None,
        "amount_reason": dose.amount_reason if named else "",
        "deviation": dose.deviation if named else "",
        "told_after": [
            {
                "code": one["code"],
                "check": one["check"],
                "question": param_in_words(Bilingual(**one["said"])),
                "reason": one["reason"] if named else "",
            }
            for one in dose.answers
        ],
    }
    shown: dict[str, Any] = DoseRow(_json(dose) | own).data
    return shown


def _json(dose: DoseFacts) -> dict[str, Any]:
    names = (
        "number", "drug", "drug_class", "route", "planned_on", "planned_day", "amount", "unit",
        "given_on", "given_amount",
    )  # fmt: skip
    values = {name: getattr(dose, name) for name in names}
    shown: dict[str, Any] = DoseOut(values | {"id": dose.pk, "state": dose.state.value}).data
    return shown
