"""Treatments and infections as the API answers them, without free text for coded readers."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from accounts.models import User
from accounts.permissions import Permission
from toxicity.domain.amounts import plain
from toxicity.given_records import History, Row
from toxicity.models import Infection, Treatment
from toxicity.wording.given_words import doubt_text


class DoubtOut(serializers.Serializer[Any]):
    """What the dose check had to say, and somebody stood by."""

    code = serializers.CharField()
    message = serializers.CharField(help_text="In the language of the request.")


class RecordOut(serializers.Serializer[Any]):
    """What every record carries; people, reasons and free text are null for readers of codes."""

    id = serializers.IntegerField()
    received_at = serializers.DateTimeField()
    recorded_by = serializers.CharField(allow_null=True)
    source = serializers.CharField()  # type: ignore[assignment]
    replaces = serializers.IntegerField(allow_null=True)
    reason = serializers.CharField(allow_null=True)
    remark = serializers.CharField(allow_null=True)


class TreatmentFacts(RecordOut):
    """One dose, or `times` equal ones; a dose that nobody knows is null."""

    drug = serializers.CharField()
    other_drug = serializers.CharField(allow_null=True)
    given_at = serializers.DateTimeField()
    dose = serializers.DecimalField(10, 3, allow_null=True, normalize_output=True)
    unit = serializers.CharField()
    times = serializers.IntegerField()
    route = serializers.CharField()
    purpose = serializers.CharField()
    irradiated = serializers.CharField()
    hides_fever = serializers.CharField()
    tapering = serializers.BooleanField()
    doubts = DoubtOut(many=True)


class TreatmentOut(TreatmentFacts):
    """A record as it stands, with what stood before it, the latest first."""

    before = TreatmentFacts(many=True)


class InfectionFacts(RecordOut):
    """One infection; `ended_on` is null while it goes on, `severity` where nobody graded it."""

    began_on = serializers.DateField()
    ended_on = serializers.DateField(allow_null=True)
    organism = serializers.CharField()
    other_organism = serializers.CharField(allow_null=True)
    site = serializers.CharField()
    severity = serializers.IntegerField(allow_null=True)


class InfectionOut(InfectionFacts):
    """A record as it stands, with what stood before it, the latest first."""

    before = InfectionFacts(many=True)


def treatment_json(user: User, history: History[Treatment]) -> dict[str, Any]:
    """A treatment with what stood before."""
    return _told(user, history, _treatment)


def infection_json(user: User, history: History[Infection]) -> dict[str, Any]:
    """An infection with what stood before."""
    return _told(user, history, _infection)


def _told(user: User, history: History[Row], facts: Any) -> dict[str, Any]:
    named = user.may(Permission.SEE_IDENTITY)
    shown = [_without(facts(row), named, row.recorded_by) for row in (history.row, *history.before)]
    return {**shown[0], "before": shown[1:]}


def _without(values: Mapping[str, Any], named: bool, by: str) -> dict[str, Any]:
    """The values of a record with its person, or without all that could name somebody."""
    if named:
        return {**values, "recorded_by": by}
    free = {"recorded_by", "reason", "remark", "other_drug", "other_organism"}
    return {name: None if name in free else value for name, value in values.items()}


def _treatment(row: Treatment) -> dict[str, Any]:
    doubts = [{"code": one["code"], "message": doubt_text(one)} for one in row.doubts]
    names = (
        "drug",
        "other_drug",
        "given_at",
        "unit",
        "times",
        "route",
        "purpose",
        "tapering",
        "irradiated",
        "hides_fever",
    )
    return {
        **_shared(row),
        **{name: getattr(row, name) for name in names},
        "dose": None if row.dose is None else str(plain(row.dose)),
        "doubts": doubts,
    }


def _infection(row: Infection) -> dict[str, Any]:
    names = ("began_on", "ended_on", "organism", "other_organism", "site", "severity")
    return {**_shared(row), **{name: getattr(row, name) for name in names}}


def _shared(row: Treatment | Infection) -> dict[str, Any]:
    return {
        "id": row.pk,
        "received_at": row.received_at,
        "recorded_by": None,
        "source": row.source,
        "replaces": row.replaces_id,
        "reason": row.reason,
        "remark": row.remark,
    }
