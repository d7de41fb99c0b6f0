"""How patients, delays, stays, dates and entries look in the API, with names only for who may."""

from typing import Any

from rest_framework import serializers

from accounts.models import User
from accounts.permissions import Permission
from patients.charting import KINDS
from patients.domain.steps import Step
from patients.fact_values import ENDS, FOUND_OUT, FREE_TEXT
from patients.models import Patient
from patients.models.courses import AnchorKind, StayUnit
from patients.models.history import ChartEntry


class IdentifierOut(serializers.Serializer[Any]):
    """A number of the patient and who issued it."""

    system = serializers.CharField()
    value = serializers.CharField()


class PatientOut(serializers.Serializer[Any]):
    """Who it is about; only the id for who may not see identities."""

    id = serializers.IntegerField()
    name = serializers.CharField(allow_null=True)
    identifiers = IdentifierOut(many=True)
    birth_date = serializers.DateField(allow_null=True)


class CourseLink(serializers.Serializer[Any]):
    """A course by id and code."""

    id = serializers.IntegerField()
    code = serializers.CharField()


class PatientRow(PatientOut):
    """A patient of the list."""

    courses = CourseLink(many=True)
    deceased_on = serializers.DateField(allow_null=True)


class PatientDetail(PatientRow):
    """A patient with everything that was registered; null for who may not see identities."""

    family_name = serializers.CharField(allow_null=True)
    given_name = serializers.CharField(allow_null=True)
    sex = serializers.CharField()
    referring_hospital = serializers.CharField(allow_null=True)
    referring_physician = serializers.CharField(allow_null=True)
    identity_verified_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField(help_text="Of the details; for `If-Match`.")


class HoldOut(serializers.Serializer[Any]):
    """A delay of one step; `days_lost` is null when it is not known, never 0."""

    id = serializers.IntegerField()
    step = serializers.ChoiceField(choices=[step.value for step in Step])
    reason_code = serializers.CharField()
    began_on = serializers.DateField()
    planned_on = serializers.DateField(allow_null=True)
    review_on = serializers.DateField(allow_null=True)
    ended_on = serializers.DateField(allow_null=True)
    new_date = serializers.DateField(allow_null=True)
    managed_with = serializers.CharField(allow_null=True)
    remark = serializers.CharField(allow_null=True)


class StayOut(serializers.Serializer[Any]):
    """An uninterrupted time in one unit."""

    id = serializers.IntegerField()
    unit = serializers.ChoiceField(choices=StayUnit.choices)
    place = serializers.CharField(allow_null=True)
    began_on = serializers.DateField()
    ended_on = serializers.DateField(allow_null=True)
    ended_by_transfer = serializers.BooleanField()


class AnchorOut(serializers.Serializer[Any]):
    """A date that others are counted from."""

    kind = serializers.ChoiceField(choices=AnchorKind.choices)
    occurrence = serializers.IntegerField()
    planned_on = serializers.DateField(allow_null=True)
    actual_on = serializers.DateField(allow_null=True)
    delay_code = serializers.CharField(help_text="Why the plan moved last; empty where not asked.")


class EntryOut(serializers.Serializer[Any]):
    """An entry of the chart; `on` is ISO text as far as it is known, empty when it is not."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=list(KINDS))
    on = serializers.CharField()
    values = serializers.DictField(child=serializers.JSONField(allow_null=True))
    source = serializers.CharField()  # type: ignore[assignment]
    recorded_at = serializers.DateTimeField()
    recorded_by = serializers.CharField(allow_null=True)


class DeathOut(serializers.Serializer[Any]):
    """The fact of death."""

    id = serializers.IntegerField()
    died_on = serializers.DateField()
    category = serializers.CharField()
    setting = serializers.CharField()
    autopsy = serializers.CharField()
    withdrawn_at = serializers.DateTimeField(allow_null=True)


def patient_json(user: User, patient: Patient) -> dict[str, Any]:
    """Who it is about, as `user` may see it; identifiers are prefetched by the caller."""
    if not user.may(Permission.SEE_IDENTITY):
        return {"id": patient.pk, "name": None, "identifiers": [], "birth_date": None}
    return {
        "id": patient.pk,
        "name": f"{patient.family_name}, {patient.given_name}",
        "identifiers": [
            {"system": number.system, "value": number.value} for number in patient.identifiers.all()
        ],
        "birth_date": patient.birth_date,
    }


def patient_row(user: User, patient: Patient) -> dict[str, Any]:
    """A patient with courses and death, from `patients.selectors.search_patients`."""
    return patient_json(user, patient) | {
        "courses": [{"id": course.pk, "code": course.code} for course in patient.courses.all()],
        "deceased_on": getattr(patient, "died_on", None),
    }


def patient_detail(user: User, patient: Patient) -> dict[str, Any]:
    """Everything registered of a patient, as `user` may see it."""
    named = user.may(Permission.SEE_IDENTITY)
    identifying = ("family_name", "given_name", "referring_hospital", "referring_physician")
    return patient_row(user, patient) | {
        **{name: getattr(patient, name) if named else None for name in identifying},
        "sex": patient.sex,
        "identity_verified_at": patient.identity_verified_at,
        "version": patient.version,
    }


def hold_json(user: User, hold: Any) -> dict[str, Any]:
    """A delay; how it is managed and the remark are free text."""
    values: dict[str, Any] = dict(HoldOut(hold).data)
    hidden = {"managed_with": None, "remark": None}
    return values if user.may(Permission.SEE_IDENTITY) else values | hidden


def stay_json(user: User, stay: Any) -> dict[str, Any]:
    """A stay; the name of the place is free text."""
    values: dict[str, Any] = dict(StayOut(stay).data)
    return values if user.may(Permission.SEE_IDENTITY) else values | {"place": None}


def entry_json(user: User, kind: str, entry: ChartEntry) -> dict[str, Any]:
    """An entry of the chart, without free text and names for who may not see identities."""
    named = user.may(Permission.SEE_IDENTITY)
    names = [
        name
        for name in (*KINDS[kind].fields, *ENDS.get(kind, ()), *FOUND_OUT.get(kind, ()))
        if name != "on"
    ]
    hidden = frozenset() if named else FREE_TEXT.get(kind, frozenset())
    return {
        "id": entry.pk,
        "kind": kind,
        "on": entry.on,
        "values": {name: None if name in hidden else getattr(entry, name) for name in names},
        "source": entry.source,
        "recorded_at": entry.recorded_at,
        "recorded_by": entry.recorded_by if named else None,
    }
