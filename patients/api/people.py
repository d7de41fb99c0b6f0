"""Patients in the API: list, registration, details, numbers, identity, death."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.generics import ListCreateAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_answers import IF_MATCH, reading, writing
from accounts.api_requests import (
    ApiView,
    DayField,
    StrictInput,
    TextField,
    VersionField,
    WordsField,
    actor_of,
    body_of,
    filters_of,
    read,
    seen_version,
    with_etag,
)
from accounts.models import User
from patients.api.answers import (
    DeathOut,
    PatientDetail,
    PatientRow,
    patient_detail,
    patient_row,
)
from patients.deaths import describe_death, record_death, withdraw_death
from patients.models import Patient
from patients.models.people import Autopsy, DeathCategory, DeathSetting, Sex
from patients.people import (
    Details,
    NewPatient,
    create_patient,
    update_patient,
    verify_identity,
)
from patients.reading import note_patient_read
from patients.selectors import patient_or_404, search_patients


class IdentifierIn(StrictInput):
    """A number and who issued it."""

    system = WordsField(max_length=60)
    value = WordsField(max_length=60)


class DetailsIn(StrictInput):
    """What is registered of a person."""

    family_name = WordsField(max_length=100)
    given_name = WordsField(max_length=100)
    birth_date = DayField()
    sex = serializers.ChoiceField(choices=Sex.choices, default=Sex.UNKNOWN.value)
    referring_hospital = TextField(150)
    referring_physician = TextField(150)


class PatientIn(DetailsIn):
    """A patient to register, with at least one number."""

    identifiers = serializers.ListField(child=IdentifierIn(), min_length=1, max_length=20)


class NewPatientIn(PatientIn):
    """A patient to register; `distinct_reason` says why a look-alike is somebody else."""

    distinct_reason = TextField()


class ChangedDetailsIn(StrictInput):
    """Corrected details, only those that change; name and birth date need a `reason`."""

    family_name = WordsField(max_length=100, required=False)
    given_name = WordsField(max_length=100, required=False)
    birth_date = DayField(required=False)
    sex = serializers.ChoiceField(choices=Sex.choices, required=False)
    referring_hospital = WordsField(max_length=150, required=False, allow_blank=True)
    referring_physician = WordsField(max_length=150, required=False, allow_blank=True)
    reason = TextField()
    distinct_reason = TextField()
    expected_version = VersionField(required=False)

    def validate(self, attrs: Any) -> Any:
        """Nothing to change is a mistake of the caller."""
        if attrs.keys().isdisjoint(Details.__dataclass_fields__):
            raise serializers.ValidationError(_("Nothing is given to change."), code="required")
        return attrs


class PatientFilters(serializers.Serializer[Any]):
    """What the list is narrowed to."""

    search = TextField(100)


class DeathIn(StrictInput):
    """A death; what is left out is not known."""

    died_on = DayField()
    cause = TextField(200)
    place = TextField(120)
    category = serializers.ChoiceField(choices=DeathCategory.choices, default="unknown")
    setting = serializers.ChoiceField(choices=DeathSetting.choices, default="unknown")
    autopsy = serializers.ChoiceField(choices=Autopsy.choices, default="unknown")


class DeathDetailsIn(StrictInput):
    """What was learnt later of a death: all of it is written anew."""

    cause = TextField(200)
    place = TextField(120)
    category = serializers.ChoiceField(choices=DeathCategory.choices)
    setting = serializers.ChoiceField(choices=DeathSetting.choices)
    autopsy = serializers.ChoiceField(choices=Autopsy.choices)


class WithdrawalIn(StrictInput):
    """Why a recorded death is wrong."""

    reason = WordsField(max_length=2000)


class IdentityIn(StrictInput):
    """The version of the patient that was compared, which may be given by `If-Match` instead."""

    expected_version = VersionField(required=False)


def new_patient(values: dict[str, Any]) -> NewPatient:
    """The service's patient from the values of PatientIn."""
    numbers = tuple((number["system"], number["value"]) for number in values["identifiers"])
    return NewPatient(**values | {"identifiers": numbers})


class PatientsView(ListCreateAPIView[Patient]):
    """Patients one may see."""

    serializer_class = PatientRow
    queryset = Patient.objects.none()

    @reading("List patients", parameters=[PatientFilters])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List patients; whoever may not see identities searches by course code only."""
        actor = actor_of(request)
        found = search_patients(actor, filters_of(request, PatientFilters)["search"])
        page = self.paginate_queryset(found) or []
        rows = [patient_row(actor, patient) for patient in page]
        return self.get_paginated_response(PatientRow(rows, many=True).data)

    @writing("Register a patient", NewPatientIn, PatientDetail)
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Register a patient; a look-alike yields to `distinct_reason`."""
        actor = actor_of(request)
        values = read(NewPatientIn, body_of(request), actor)
        reason = values.pop("distinct_reason")
        patient = create_patient(
            values=new_patient(values), distinct_reason=reason, actor=actor, now=timezone.now()
        )
        return _answer(actor, patient.pk, status=201)


class PatientView(ApiView):
    """One patient."""

    @reading("Read a patient", PatientDetail)
    def get(self, request: Request, pk: int) -> Response:
        """Read what is registered of a patient; the audit keeps that it was read."""
        patient = patient_or_404(self.actor, pk)
        note_patient_read(patient, actor=self.actor, now=timezone.now())
        return _answer(self.actor, pk)

    @writing(
        "Correct a patient's details",
        ChangedDetailsIn,
        PatientDetail,
        status=200,
        statuses=(428,),
        parameters=[IF_MATCH],
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Change the given details of a patient; what is left out stays as it was read."""
        patient = patient_or_404(self.actor, pk)
        values, version = self.received_on(ChangedDetailsIn, pk)
        reasons = {name: values.pop(name) for name in ("reason", "distinct_reason")}
        # Read before the lock: were it older than the version, the service would refuse.
        kept = {name: getattr(patient, name) for name in Details.__dataclass_fields__}
        update_patient(
            patient_id=pk,
            details=Details(**kept | values),
            expected_version=version,
            actor=self.actor,
            now=timezone.now(),
            **reasons,
        )
        return _answer(self.actor, pk)


class IdentityView(ApiView):
    """The check of identity."""

    @writing("Record the check of identity", IdentityIn, PatientDetail, parameters=[IF_MATCH])
    def post(self, request: Request, pk: int) -> Response:
        """State that the patient's identity was checked on two identifiers."""
        patient_or_404(self.actor, pk)
        given = self.received(IdentityIn)
        version = seen_version(request, pk, given.get("expected_version"))
        verify_identity(
            patient_id=pk, expected_version=version, actor=self.actor, now=timezone.now()
        )
        return _answer(self.actor, pk, status=201)


class DeathView(ApiView):
    """The fact of death."""

    @writing("Record a death", DeathIn, DeathOut)
    def post(self, request: Request, pk: int) -> Response:
        """Record that the patient died; closes what is open on every course."""
        patient_or_404(self.actor, pk)
        values = self.received(DeathIn)
        death = record_death(patient_id=pk, actor=self.actor, now=timezone.now(), **values)
        return Response(DeathOut(death).data, status=201)


class DeathDetailsView(ApiView):
    """What is known of a death."""

    @writing("Describe a recorded death", DeathDetailsIn, DeathOut)
    def post(self, request: Request, pk: int) -> Response:
        """Say anew what is known of a recorded death; its day stays."""
        patient_or_404(self.actor, pk)
        values = self.received(DeathDetailsIn)
        death = describe_death(patient_id=pk, actor=self.actor, now=timezone.now(), **values)
        return Response(DeathOut(death).data, status=201)


class DeathWithdrawalView(ApiView):
    """The end of a mistaken death."""

    @writing("Withdraw a recorded death", WithdrawalIn, DeathOut)
    def post(self, request: Request, pk: int) -> Response:
        """Take back a death recorded by mistake; opens again exactly what it closed."""
        patient_or_404(self.actor, pk)
        values = self.received(WithdrawalIn)
        death = withdraw_death(patient_id=pk, actor=self.actor, now=timezone.now(), **values)
        return Response(DeathOut(death).data, status=201)


def _answer(actor: User, pk: int, status: int = 200) -> Response:
    patient = search_patients(actor).get(pk=pk)
    response = Response(patient_detail(actor, patient), status=status)
    with_etag(response, pk, patient.version)
    return response
