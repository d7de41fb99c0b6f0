"""Treatments given for toxicity and infections in the API: recorded, corrected, taken back."""

from decimal import Decimal
from typing import Any, TypeVar

from django.utils import timezone
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_answers import reading, writing
from accounts.api_keys import IDEMPOTENCY_KEY, key_of
from accounts.api_requests import (
    ApiView,
    DayField,
    MomentField,
    StrictInput,
    TextField,
    WordsField,
    actor_of,
    body_of,
    read,
)
from patients.reading import course_read
from patients.selectors import course_or_404
from toxicity import giving, infections
from toxicity.api.assessments import ReasonIn
from toxicity.api.given_shown import InfectionOut, TreatmentOut, infection_json, treatment_json
from toxicity.bringing_back import bring_back_infection, bring_back_treatment
from toxicity.domain.given import (
    DRUGS,
    HIDES_FEVER,
    IRRADIATED,
    ORGANISMS,
    PURPOSES,
    ROUTES,
    SEVERITIES,
    SITES,
    UNITS,
)
from toxicity.given_records import History, infections_of, treatments_of
from toxicity.given_refusals import MOST_DOSE, MOST_TIMES, GivenDose, InfectionFacts
from toxicity.inputs.fields import NumberField
from toxicity.models import Infection, Treatment

Row = TypeVar("Row", Treatment, Infection)


class DoseField(NumberField):
    """An amount: a number, or text as people type it with a comma or a point."""

    def __init__(self) -> None:
        self.least, self.most = Decimal(0), MOST_DOSE
        serializers.Field.__init__(self, required=False, allow_null=True, default=None)


class TreatmentIn(StrictInput):
    """A dose that was given, or `times` equal ones that day; an unknown amount is null.

    A reason whose `field` is `confirmed` is a doubt: send its code in `confirmed` to stand by it.
    """

    drug = serializers.ChoiceField(choices=list(DRUGS))
    other_drug = TextField(80)
    given_at = MomentField()
    dose = DoseField()
    unit = serializers.ChoiceField(
        choices=list(UNITS), required=False, allow_blank=True, default=""
    )
    times = serializers.IntegerField(required=False, default=1, min_value=1, max_value=MOST_TIMES)
    route = serializers.ChoiceField(
        choices=list(ROUTES), required=False, allow_blank=True, default=""
    )
    purpose = serializers.ChoiceField(choices=list(PURPOSES))
    irradiated = serializers.ChoiceField(
        choices=list(IRRADIATED),
        required=False,
        allow_blank=True,
        default="",
        help_text="Of a transfusion, which is counted in bags; empty for a drug.",
    )
    hides_fever = serializers.ChoiceField(
        choices=list(HIDES_FEVER),
        required=False,
        allow_blank=True,
        default="",
        help_text="Of another drug than the list has, and needed for it.",
    )
    tapering = serializers.BooleanField(required=False, default=False)
    remark = TextField(200)
    confirmed = serializers.ListField(
        child=WordsField(max_length=40), required=False, default=list, max_length=20
    )


class TreatmentCorrectionIn(TreatmentIn):
    """What the record should say instead, and why."""

    reason = WordsField(max_length=500)


class InfectionIn(StrictInput):
    """An infection; `ended_on` is null while it goes on, `severity` where nobody graded it."""

    began_on = DayField()
    organism = serializers.ChoiceField(choices=list(ORGANISMS))
    other_organism = TextField(80)
    site = serializers.ChoiceField(choices=list(SITES))
    severity = serializers.ChoiceField(
        choices=list(SEVERITIES), required=False, allow_null=True, default=None
    )
    ended_on = DayField(required=False, allow_null=True, default=None)
    remark = TextField(200)


class InfectionCorrectionIn(InfectionIn):
    """What the record should say instead, and why."""

    reason = WordsField(max_length=500)


class InfectionEndIn(StrictInput):
    """The last day of an infection."""

    ended_on = DayField()


class TreatmentsView(ListAPIView[Treatment]):
    """Treatments of a course."""

    serializer_class = TreatmentOut
    queryset = Treatment.objects.none()

    @reading("List treatments given for toxicity")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List what stands, the latest first, each with what stood before."""
        actor = actor_of(request)
        course = course_read(actor, kwargs["pk"], now=timezone.now())
        rows: Any = [one for one in treatments_of(course) if not one.row.withdrawn]
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response([treatment_json(actor, one) for one in page])

    @writing(
        "Record a treatment that was given", TreatmentIn, TreatmentOut, parameters=[IDEMPOTENCY_KEY]
    )
    def post(self, request: Request, pk: int) -> Response:
        """Record a dose; nothing is ordered or advised."""
        actor = actor_of(request)
        course_or_404(actor, pk)
        given = read(TreatmentIn, body_of(request), actor)
        confirmed = given.pop("confirmed")
        row = giving.give_treatment(
            course_id=pk, given=GivenDose(**given), confirmed=confirmed, key=key_of(request),
            actor=actor, now=timezone.now(),
        )  # fmt: skip
        return Response(treatment_json(actor, History(row)), status=201)


class TreatmentCorrectionView(ApiView):
    """The correction of one record."""

    @writing(
        "Correct a treatment", TreatmentCorrectionIn, TreatmentOut, parameters=[IDEMPOTENCY_KEY]
    )
    def post(self, request: Request, pk: int, treatment: int) -> Response:
        """Let the record say something else; what stood before is kept."""
        course = course_or_404(self.actor, pk)
        given = self.received(TreatmentCorrectionIn)
        reason, confirmed = given.pop("reason"), given.pop("confirmed")
        row = giving.correct_treatment(
            course_id=pk, treatment_id=treatment, given=GivenDose(**given), reason=reason,
            confirmed=confirmed, key=key_of(request), actor=self.actor, now=timezone.now(),
        )  # fmt: skip
        found = _history(treatments_of(course), row)
        return Response(treatment_json(self.actor, found), status=201)


class TreatmentWithdrawalView(ApiView):
    """Taking one record back."""

    @writing("Take a treatment back", ReasonIn, None, status=204, parameters=[IDEMPOTENCY_KEY])
    def post(self, request: Request, pk: int, treatment: int) -> Response:
        """Say that it was never given; it is kept, and stands no longer."""
        course_or_404(self.actor, pk)
        giving.withdraw_treatment(
            course_id=pk, treatment_id=treatment, **self.received(ReasonIn), key=key_of(request),
            actor=self.actor, now=timezone.now(),
        )  # fmt: skip
        return Response(status=204)


class TreatmentRestorationView(ApiView):
    """Bringing one record back."""

    @writing("Bring a treatment back", ReasonIn, TreatmentOut, parameters=[IDEMPOTENCY_KEY])
    def post(self, request: Request, pk: int, treatment: int) -> Response:
        """It was taken back by mistake: it stands again as it stood."""
        course = course_or_404(self.actor, pk)
        row = bring_back_treatment(
            course_id=pk, treatment_id=treatment, **self.received(ReasonIn), key=key_of(request),
            actor=self.actor, now=timezone.now(),
        )  # fmt: skip
        found = _history(treatments_of(course), row)
        return Response(treatment_json(self.actor, found), status=201)


class InfectionRestorationView(ApiView):
    """Bringing one record back."""

    @writing("Bring an infection back", ReasonIn, InfectionOut, parameters=[IDEMPOTENCY_KEY])
    def post(self, request: Request, pk: int, infection: int) -> Response:
        """It was taken back by mistake: it stands again as it stood."""
        course = course_or_404(self.actor, pk)
        row = bring_back_infection(
            course_id=pk, infection_id=infection, **self.received(ReasonIn), key=key_of(request),
            actor=self.actor, now=timezone.now(),
        )  # fmt: skip
        found = _history(infections_of(course), row)
        return Response(infection_json(self.actor, found), status=201)


class InfectionsView(ListAPIView[Infection]):
    """Infections of a course."""

    serializer_class = InfectionOut
    queryset = Infection.objects.none()

    @reading("List infections")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List what stands, the latest first, each with what stood before."""
        actor = actor_of(request)
        course = course_read(actor, kwargs["pk"], now=timezone.now())
        rows: Any = [one for one in infections_of(course) if not one.row.withdrawn]
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response([infection_json(actor, one) for one in page])

    @writing("Record an infection", InfectionIn, InfectionOut, parameters=[IDEMPOTENCY_KEY])
    def post(self, request: Request, pk: int) -> Response:
        """Record an infection."""
        actor = actor_of(request)
        course_or_404(actor, pk)
        facts = InfectionFacts(**read(InfectionIn, body_of(request), actor))
        row = infections.record_infection(
            course_id=pk, infection=facts, key=key_of(request), actor=actor, now=timezone.now()
        )
        return Response(infection_json(actor, History(row)), status=201)


class InfectionEndView(ApiView):
    """The end of one infection."""

    @writing("End an infection", InfectionEndIn, InfectionOut, parameters=[IDEMPOTENCY_KEY])
    def post(self, request: Request, pk: int, infection: int) -> Response:
        """Say since when it is over."""
        course = course_or_404(self.actor, pk)
        row = infections.end_infection(
            course_id=pk, infection_id=infection, **self.received(InfectionEndIn),
            key=key_of(request), actor=self.actor, now=timezone.now(),
        )  # fmt: skip
        found = _history(infections_of(course), row)
        return Response(infection_json(self.actor, found), status=201)


class InfectionCorrectionView(ApiView):
    """The correction of one record."""

    @writing(
        "Correct an infection", InfectionCorrectionIn, InfectionOut, parameters=[IDEMPOTENCY_KEY]
    )
    def post(self, request: Request, pk: int, infection: int) -> Response:
        """Let the record say something else; what stood before is kept."""
        course = course_or_404(self.actor, pk)
        given = self.received(InfectionCorrectionIn)
        reason = given.pop("reason")
        row = infections.correct_infection(
            course_id=pk, infection_id=infection, infection=InfectionFacts(**given),
            reason=reason, key=key_of(request), actor=self.actor, now=timezone.now(),
        )  # fmt: skip
        found = _history(infections_of(course), row)
        return Response(infection_json(self.actor, found), status=201)


class InfectionWithdrawalView(ApiView):
    """Taking one record back."""

    @writing("Take an infection back", ReasonIn, None, status=204, parameters=[IDEMPOTENCY_KEY])
    def post(self, request: Request, pk: int, infection: int) -> Response:
        """Say that it never was; it is kept, and stands no longer."""
        course_or_404(self.actor, pk)
        infections.withdraw_infection(
            course_id=pk, infection_id=infection, **self.received(ReasonIn), key=key_of(request),
            actor=self.actor, now=timezone.now(),
        )  # fmt: skip
        return Response(status=204)


def _history(histories: tuple[History[Row], ...], row: Row) -> History[Row]:
    """What stood before a row; alone where a later one replaced it before the same was asked."""
    return next((one for one in histories if one.row.pk == row.pk), History(row))
