"""Numbers of a patient put right: what was said stays, and what rested on it ends."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from accounts.models import User
from audit.models import AuditEvent
from exports.requesting import request_timelines
from exports.timeline import course_timeline
from pathway.identity_selectors import check_view
from pathway.models import IdentityCheck
from patients.identifiers import (
    add_identifier,
    choose_identifier,
    correct_identifier,
    drop_identifier,
)
from patients.mistaken import mark_patient
from patients.models import Course, Identifier, IdentifierCorrection, Patient
from patients.numbers_shown import numbers_shown
from patients.people import verify_identity
from patients.selectors import search_patients
from reminders.models import Notice
from terms.refusals import NotAllowed, Refused, StaleVersion
from tests.conftest import NOW, Refer, UserWith
from tests.services.refused import codes
from tests.walking import Walk

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)
Service = Callable[..., Identifier]


@pytest.fixture
def patient(course: Course, coordinator: User) -> Patient:
    """A patient with one hospital number, verified."""
    return verify_identity(patient_id=course.patient_id, actor=coordinator, now=NOW)


def add(patient: Patient, actor: User, system: str, value: str, **given: Any) -> Identifier:
    """Add a number."""
    return add_identifier(
        patient_id=patient.pk, system=system, value=value, actor=actor, now=LATER, **given
    )


def put(
    service: Service, number: Identifier, actor: User, *, reason: str = "typed wrongly", **said: Any
) -> Patient:
    """Put a number right and read its patient anew."""
    service(
        patient_id=number.patient_id,
        identifier_id=number.pk,
        reason=reason,
        actor=actor,
        now=LATER,
        **said,
    )
    return Patient.objects.get(pk=number.patient_id)


def test_corrected_number_keeps_what_stood_and_ends_the_verification(
    patient: Patient, coordinator: User, course: Course
) -> None:
    number = patient.identifiers.get()
    after = put(correct_identifier, number, coordinator, system="Hospital", value=" H9 ")
    assert (after.identity_verified_at, after.numbers_corrected_at) == (None, LATER)
    assert after.version == patient.version + 1
    assert Course.objects.get(pk=course.pk).version == course.version + 1
    (shown,) = numbers_shown(after)
    assert (shown.value, shown.compared, shown.on_labels) == ("H9", True, False)
    (kept,) = shown.earlier
    assert (kept.before["value"], kept.reason, kept.kind) == (
        "H00001", "typed wrongly", "corrected",
    )  # fmt: skip
    assert [one.pk for one in search_patients(coordinator, "h9")] == [patient.pk]
    assert not after.search_text.endswith("h00001")
    event = AuditEvent.objects.get(action="patient.identifier.corrected")
    assert (event.before["value"], event.after["value"]) == ("H00001", "H9")
    assert event.after["identity_verified_at"] is None
    assert Notice.objects.filter(course=course, code="number_changed").count() == 1
    with pytest.raises(DatabaseError), transaction.atomic():
        kept.delete()
    [row] = [one for one in course_timeline(coordinator, course) if "NUMBER" in one.event_code]
    assert (row.label, row.value) == (
        "Number of the patient corrected, stood before", "Hospital H00001",
    )  # fmt: skip
    assert "H00001" not in "".join(request_timelines(actor=coordinator, now=LATER).pieces)


def test_every_reason_against_a_correction_is_named_at_once(
    patient: Patient, coordinator: User, refer_patient: Refer, user_with: UserWith
) -> None:
    refer_patient(coordinator, number="TAKEN")
    number = patient.identifiers.get()
    same = {"system": "Hospital", "value": "H00001"}
    for service, said, expected in (
        (correct_identifier, same, {"reason_needed", "nothing_changed"}),
        (correct_identifier, same | {"value": "TAKEN"}, {"reason_needed", "identifier_taken"}),
        (correct_identifier, same | {"value": " "}, {"reason_needed", "identifier_blank"}),
        (drop_identifier, {}, {"reason_needed", "only_identifier"}),
        (choose_identifier, {}, {"reason_needed"}),
    ):
        with pytest.raises(Refused) as caught:
            put(service, number, coordinator, reason=" ", **said)
        assert codes(caught.value) == expected
        with pytest.raises(StaleVersion):
            put(service, number, coordinator, expected_version=7, **said)
        with pytest.raises(NotAllowed):
            put(service, number, user_with("quality"), **said)
        with pytest.raises(Identifier.DoesNotExist):
            put(service, Identifier(pk=0, patient=patient), coordinator, **said)
    assert not IdentifierCorrection.objects.exists()
    assert Patient.objects.get(pk=patient.pk).identity_verified_at == NOW


def test_added_number_ends_the_verification_only_where_another_one_is_compared(
    patient: Patient, coordinator: User, course: Course
) -> None:
    study = add(patient, coordinator, "Study", "Z-9")
    kept = Patient.objects.get(pk=patient.pk)
    assert kept.identity_verified_at == NOW
    assert Course.objects.get(pk=course.pk).version == course.version
    assert not Notice.objects.filter(code="number_changed").exists()
    add(patient, coordinator, "Hospital", "H77")
    now_unclear = Patient.objects.get(pk=patient.pk)
    assert (now_unclear.identity_verified_at, now_unclear.numbers_corrected_at) == (None, None)
    assert not any(one.compared for one in numbers_shown(patient))
    assert Notice.objects.filter(code="number_changed").count() == 1
    verify_identity(patient_id=patient.pk, actor=coordinator, now=LATER)
    chosen = put(choose_identifier, study, coordinator, reason="it is on the wristband")
    assert chosen.identity_verified_at is None
    assert [one.value for one in numbers_shown(patient) if one.compared] == ["Z-9"]
    verify_identity(patient_id=patient.pk, actor=coordinator, now=LATER)
    with pytest.raises(Refused) as caught:
        put(choose_identifier, study, coordinator)
    assert codes(caught.value) == {"nothing_changed"}
    add(patient, coordinator, "Hospital", "H78")  # the chosen one stands
    assert Patient.objects.get(pk=patient.pk).identity_verified_at == LATER
    add(patient, coordinator, "Hospital", "H79", on_labels=True)
    assert Patient.objects.get(pk=patient.pk).identity_verified_at is None
    assert [one.value for one in numbers_shown(patient) if one.compared] == ["H79"]


def test_choosing_the_only_one_of_the_hospital_changes_nothing_that_is_read(
    patient: Patient, coordinator: User
) -> None:
    after = put(choose_identifier, patient.identifiers.get(), coordinator, reason="asked the ward")
    assert after.identity_verified_at == NOW
    assert not Notice.objects.filter(code="number_changed").exists()


def test_number_of_somebody_else_is_free_again_and_stays_to_be_read(
    patient: Patient, coordinator: User, refer_patient: Refer, course: Course
) -> None:
    wrong = add(patient, coordinator, "Hospital", "H77")
    verify_identity(patient_id=patient.pk, actor=coordinator, now=LATER)
    after = put(drop_identifier, wrong, coordinator, reason="the neighbour's")
    assert (after.identity_verified_at, after.numbers_corrected_at) == (None, LATER)
    right, mistaken = numbers_shown(patient)
    assert (right.value, right.compared) == ("H00001", True)
    assert (mistaken.value, mistaken.in_error, mistaken.compared) == ("H77", True, False)
    owner = refer_patient(coordinator, number="H77")
    assert [one.pk for one in search_patients(coordinator, "H77")] == [owner.patient_id]
    mark_patient(
        patient_id=patient.pk, confirmation=course.patient.family_name, reason="twice",
        actor=coordinator, now=LATER,
    )  # fmt: skip


@pytest.mark.walked("to_lymphodepletion", "deplete")
def test_no_check_stands_on_a_number_that_was_wrong(walk: Walk, course: Course) -> None:
    walk.thaw().check("bedside", "ward_nurse", "haematologist")
    actor, patient = walk.by("coordinator"), course.patient
    study = add(patient, actor, "Study", "S-1")
    at = IdentityCheck.objects.latest("pk")
    assert not check_view(at, walk.now).lapsed
    # Not the one that was read, but found wrong: nobody knows any more whose the others are.
    put(correct_identifier, study, actor, system="Study", value="S-2")
    at = IdentityCheck.objects.latest("pk")
    assert check_view(at, walk.now).changed == ("Numbers of the patient",)
    with pytest.raises(Refused) as caught:
        walk.go("infusion")
    assert "labels_changed" in codes(caught.value)
    receipt = IdentityCheck.objects.filter(kind="receipt").latest("pk")
    assert check_view(receipt, walk.now).changed == ("Numbers of the patient",)
    # Two numbers of the hospital, and nobody said which: no check begins.
    other = add(patient, actor, "Hospital number", "H-OTHER")
    with pytest.raises(Refused) as caught:
        walk.open_check("bedside", "ward_nurse")
    assert codes(caught.value) == {"hospital_number_unclear"}
    put(choose_identifier, other, actor, reason="printed on the wristband")
    verify_identity(patient_id=patient.pk, actor=actor, now=walk.now)
    walk.pass_gate("infusion").check("bedside", "ward_nurse", "haematologist")
    assert IdentityCheck.objects.latest("pk").snapshot["hospital_id"] == "H-OTHER"
    assert walk.go("infusion").target == "infusion"


@pytest.mark.walked("to_bridging")
def test_without_the_hospital_s_own_number_the_check_says_so(walk: Walk, course: Course) -> None:
    put(
        correct_identifier,
        course.patient.identifiers.get(),
        walk.by("coordinator"),
        system="Another hospital",
        value="H00001",
    )
    with pytest.raises(Refused) as caught:
        walk.open_check("receipt", "cell_lab")
    unclear, missing = (one for one in caught.value.refusals if one.code != "not_to_be_checked")
    assert (unclear.code, missing.code) == ("hospital_number_unclear", "labels_unknown")
    assert "Hospital number" not in str(missing.params["missing"])
