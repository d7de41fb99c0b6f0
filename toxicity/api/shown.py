"""Checks and episodes as the API answers them."""

from datetime import UTC, date
from typing import Any

from rest_framework import serializers

from accounts.models import User
from accounts.permissions import Permission
from accounts.wording import in_words
from terms.day_numbers import day_number
from terms.refusals import Refusal
from toxicity.checks import Check, Review, ScaleGrade
from toxicity.domain.scales import Scale
from toxicity.domain.signs import shown
from toxicity.models import Episode


class ReviewOut(serializers.Serializer[Any]):
    """A clinician's word about a grade."""

    id = serializers.IntegerField()
    verdict = serializers.CharField()
    grade = serializers.IntegerField(allow_null=True)
    reason = serializers.CharField(allow_null=True)
    by = serializers.CharField(allow_null=True)
    at = serializers.DateTimeField()


class ScaleOut(serializers.Serializer[Any]):
    """What stands for one scale. `grade` null is not assessable, which is never 0."""

    id = serializers.IntegerField()
    grade = serializers.IntegerField(allow_null=True)
    found = serializers.IntegerField(allow_null=True)
    origin = serializers.CharField()
    status = serializers.CharField()
    drivers = serializers.ListField(child=serializers.JSONField())
    warnings = serializers.ListField(child=serializers.JSONField())
    rule_version = serializers.CharField()
    review = ReviewOut(allow_null=True)
    lost = ReviewOut(
        allow_null=True,
        help_text="A clinician's word of a higher grade, about what stood before a correction.",
    )
    signs = serializers.DictField(child=serializers.JSONField())


class AssessmentOut(serializers.Serializer[Any]):
    """A bedside check that stands; a scale that was not assessed is null."""

    id = serializers.IntegerField()
    observed_at = serializers.DateTimeField()
    received_at = serializers.DateTimeField()
    recorded_by = serializers.CharField(allow_null=True)
    baseline = serializers.BooleanField()
    crs = ScaleOut(allow_null=True)
    icans = ScaleOut(allow_null=True)
    iec_hs = ScaleOut(allow_null=True)
    handwriting = serializers.CharField(allow_null=True)
    remark = serializers.CharField(allow_null=True)
    replaces = serializers.IntegerField(allow_null=True)
    reason = serializers.CharField(allow_null=True)
    told = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="After logging: the scales of which people were told. Nobody was called.",
    )


class EpisodeOut(serializers.Serializer[Any]):
    """An episode; `days` of an ongoing one are those so far."""

    scale = serializers.CharField()
    ordinal = serializers.IntegerField()
    peak = serializers.IntegerField()
    onset_on = serializers.DateField()
    onset_day = serializers.IntegerField(allow_null=True)
    last_on = serializers.DateField()
    days = serializers.IntegerField()
    ongoing = serializers.BooleanField()
    to_confirm = serializers.BooleanField()
    flares = serializers.IntegerField()


def check_json(user: User, check: Check) -> dict[str, Any]:
    """A check for `user`: what could name somebody is null for who reads codes."""
    row, named = check.assessment, user.may(Permission.SEE_IDENTITY)
    scales = {
        scale.value: _scale_json(check.grades.get(scale), shown(row.signs.get(scale, {})), named)
        for scale in Scale
    }
    return {
        "id": row.pk,
        "observed_at": row.observed_at.astimezone(UTC),
        "received_at": row.received_at,
        "recorded_by": row.recorded_by if named else None,
        "baseline": row.baseline,
        **scales,
        "handwriting": row.handwriting if named else None,
        "remark": row.remark if named else None,
        "replaces": row.replaces_id,
        "reason": row.reason if named else None,
    }


def _scale_json(found: ScaleGrade | None, signs: dict[str, Any], named: bool) -> Any:
    if found is None:
        return None
    return {
        "id": found.pk,
        "grade": found.grade,
        "found": found.found,
        "origin": found.origin.value,
        "status": found.status,
        "drivers": list(found.drivers),
        "warnings": [
            {"code": one["code"], "message": in_words(Refusal(**one))} for one in found.warnings
        ],
        "rule_version": found.rule_version,
        "review": _review_json(found.review, named),
        "lost": _review_json(found.lost, named),
        # With two of them around a birthday the age would tell the birth date.
        "signs": signs if named else {k: v for k, v in signs.items() if k != "age_years"},
    }


def _review_json(said: Review | None, named: bool) -> Any:
    if said is None:
        return None
    return {
        "id": said.pk,
        "verdict": said.verdict.value,
        "grade": said.grade,
        "reason": said.reason if named else None,
        "by": said.by if named else None,
        "at": said.at,
    }


def episode_json(row: Episode, infused_on: date | None) -> dict[str, Any]:
    """An episode; its day is counted from the infusion."""
    return {
        "scale": row.scale,
        "ordinal": row.ordinal,
        "peak": row.peak,
        "onset_on": row.onset_on,
        "onset_day": None if infused_on is None else day_number(row.onset_on, infused_on),
        "last_on": row.last_on,
        "days": row.days,
        "ongoing": row.ongoing,
        "to_confirm": row.to_confirm,
        "flares": row.flares,
    }
