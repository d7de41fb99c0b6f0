"""The scores of a course in the API: what the page shows, with every value that they rest on."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_answers import reading
from accounts.api_requests import ApiView
from accounts.wording import in_words
from patients.reading import course_read
from terms.day_numbers import local_date
from terms.refusals import Refusal
from toxicity.api.answers import DriverOut, WarningOut
from toxicity.domain.chart_values import MEASURES, Result, Taken, Why
from toxicity.domain.grading import Status
from toxicity.domain.iec_hs import Screen
from toxicity.domain.iec_hs_results import Proposal, Screened
from toxicity.domain.rules import Mode
from toxicity.domain.scores import Part, State
from toxicity.scores.computing import (
    DISABLED,
    Listed,
    asked_of,
    proposals_of,
    scores_of,
    screen_of,
)


class PartOut(serializers.Serializer[Any]):
    """One answer. Where `state` is not `said` there is none, which is never grade 0."""

    code = serializers.CharField()
    state = serializers.ChoiceField(choices=[state.value for state in State])
    status = serializers.ChoiceField(choices=[one.value for one in Status], allow_null=True)
    grade = serializers.IntegerField(allow_null=True)
    figures = serializers.DictField(
        child=serializers.JSONField(), help_text="Numbers, days and words of this part, by name."
    )
    drivers = DriverOut(many=True)
    warnings = WarningOut(many=True)
    missing = serializers.ListField(child=serializers.CharField())


class ChartValueOut(serializers.Serializer[Any]):
    """A value that a score rests on, as recorded and in the unit of the scale."""

    result = serializers.IntegerField()
    analyte = serializers.CharField()
    on = serializers.DateField(allow_null=True)
    typed = serializers.CharField()
    comparator = serializers.CharField()
    value = serializers.DecimalField(max_digits=20, decimal_places=6, allow_null=True)
    unit = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    why = serializers.ChoiceField(
        choices=[why.value for why in Why], allow_null=True, help_text="Why it is not counted."
    )


class ScoreOut(serializers.Serializer[Any]):
    """One score; parts and values only where the centre has it computed."""

    code = serializers.CharField()
    mode = serializers.ChoiceField(choices=[*(mode.value for mode in Mode), DISABLED])
    rule_version = serializers.CharField()
    parts = PartOut(many=True)
    used = ChartValueOut(many=True)
    unused = ChartValueOut(many=True)


class ProposalOut(serializers.Serializer[Any]):
    """What the chart says of one sign of IEC-HS, in the unit of the assessment."""

    name = serializers.CharField()
    value = serializers.DecimalField(max_digits=20, decimal_places=6)
    result = serializers.IntegerField(
        allow_null=True, help_text="Null for an end of the protocol's usual range."
    )
    on = serializers.DateField(allow_null=True)
    source = serializers.CharField()  # type: ignore[assignment]


class ScreenOut(serializers.Serializer[Any]):
    """What the laboratory says of IEC-HS, where the centre has that scale computed."""

    screen = serializers.ChoiceField(choices=[one.value for one in Screen])
    limbs = serializers.ListField(child=serializers.CharField())
    rule_version = serializers.CharField()


class ScoresOut(serializers.Serializer[Any]):
    """Every score of a course as its chart is now, and what its days are counted by."""

    as_of = serializers.DateField()
    infused_on = serializers.DateField(allow_null=True)
    depleted_on = serializers.DateField(allow_null=True)
    progressed_on = serializers.DateField(allow_null=True)
    next_therapy_on = serializers.DateField(allow_null=True)
    died_on = serializers.DateField(allow_null=True)
    scores = ScoreOut(many=True)
    iec_hs_screen = ScreenOut(allow_null=True)
    iec_hs_proposals = ProposalOut(
        many=True, help_text="For an assessment of IEC-HS; whoever sends it decides what it says."
    )


class ScoresView(ApiView):
    """Scores of a course."""

    @reading("Read the scores of a course", ScoresOut)
    def get(self, request: Request, pk: int) -> Response:
        """Computed from the results as they are now; nothing is stored, the audit keeps it."""
        now = timezone.now()
        course = course_read(self.actor, pk, now=now)
        asked = asked_of(course, today=local_date(now, course.centre.zone))
        known = asked.known
        return Response(
            {
                "as_of": known.today,
                "infused_on": known.infused_on,
                "depleted_on": known.depleted_on,
                "progressed_on": known.progressed_on,
                "next_therapy_on": known.next_therapy_on,
                "died_on": known.died_on,
                "scores": [_score(one) for one in scores_of(asked)],
                "iec_hs_screen": _screen(screen_of(asked)),
                "iec_hs_proposals": [_proposal(one) for one in proposals_of(asked).signs.values()],
            }
        )


def _screen(found: Screened | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "screen": found.found.screen.value,
        "limbs": list(found.found.limbs),
        "rule_version": found.found.grading.rule_version,
    }


def _proposal(one: Proposal) -> dict[str, Any]:
    taken = one.taken
    return {
        "name": one.name,
        "value": one.value,
        "result": None if taken is None else taken.result.pk,
        "on": None if taken is None else taken.on,
        "source": "" if taken is None else taken.result.source,
    }


def _score(listed: Listed) -> dict[str, Any]:
    score = listed.score
    return {
        "code": listed.code,
        "mode": listed.mode,
        "rule_version": listed.rule_version,
        "parts": [] if score is None else [_part(part) for part in score.parts],
        "used": [] if score is None else [_taken(one) for one in dict.fromkeys(score.used)],
        "unused": []
        if score is None
        else [_value(one.result) | {"why": one.why.value} for one in score.unused],
    }


def _part(part: Part) -> dict[str, Any]:
    return {
        "code": part.code,
        "state": part.state.value,
        "status": None if part.status is None else part.status.value,
        "grade": part.grade,
        "figures": dict(part.figures),
        "drivers": [{"code": one.code, "grade": one.grade} for one in part.drivers],
        "warnings": [
            {"code": one.code, "message": in_words(Refusal(one.code, one.message, one.params))}
            for one in part.warnings
        ],
        "missing": list(part.missing),
    }


def _taken(one: Taken) -> dict[str, Any]:
    unit = MEASURES[one.result.analyte].unit
    return _value(one.result) | {"value": one.value, "unit": unit}


def _value(result: Result) -> dict[str, Any]:
    reading = result.reading
    return {
        "result": result.pk,
        "analyte": result.analyte,
        "on": reading.on,
        "typed": reading.typed,
        "comparator": reading.comparator,
        "value": reading.value,
        "unit": reading.unit,
        "source": result.source,
        "why": None,
    }
