"""Asking for a correction of a fact of the chart, in the API."""

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_answers import writing
from accounts.api_requests import ApiView, StrictInput, WordsField
from patients.api.corrections import FACTS, CorrectionOut, correction_json
from patients.fact_values import fact_of
from patients.selectors import course_or_404
from reminders.asking import ask_to_correct

_KIND = OpenApiParameter(name="kind", location=OpenApiParameter.PATH, type=str, enum=list(FACTS))


class AskIn(StrictInput):
    """What is wrong, and what is right."""

    reason = WordsField(max_length=2000)


class AskingView(ApiView):
    """A correction that somebody asks for."""

    @writing("Ask for a correction", AskIn, CorrectionOut, parameters=[_KIND])
    def post(self, request: Request, pk: int, kind: str, fact: int) -> Response:
        """Tell those who may correct it what is wrong with an entry, a stay or a delay."""
        fact_of(course_or_404(self.actor, pk), kind, fact)
        given = self.received(AskIn)
        asked = ask_to_correct(
            course_id=pk, kind=kind, fact_id=fact, actor=self.actor, now=timezone.now(), **given
        )
        return Response(correction_json(self.actor, asked), status=201)
