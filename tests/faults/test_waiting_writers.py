"""A writer that waited for a course's lock judges the patient as the patient is after the wait."""

import threading
from datetime import datetime

import pytest
from django.db import connection, transaction

from accounts.models import User
from patients.courses import lock_course
from patients.models import Course
from patients.people import Details, update_patient, verify_identity
from tests.conftest import NOW
from tests.faults.waiting import wait_until_blocked

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


def rename(course: Course, actor: User) -> None:
    patient = course.patient
    details = Details(
        family_name="Bianchi",
        given_name=patient.given_name,
        birth_date=patient.birth_date,
        sex=patient.sex,
    )
    update_patient(
        patient_id=patient.pk,
        details=details,
        reason="Mistyped",
        distinct_reason="a test",
        actor=actor,
        now=NOW,
    )


def test_identity_undone_during_the_wait_is_seen_after_it(
    course: Course, coordinator: User
) -> None:
    verify_identity(patient_id=course.patient_id, actor=coordinator, now=NOW)
    seen: list[datetime | None] = []

    def judge() -> None:
        try:
            with transaction.atomic():
                waited = lock_course(course.pk, actor=User.objects.get(pk=coordinator.pk))
                seen.append(waited.patient.identity_verified_at)
        finally:
            connection.close()

    writer = threading.Thread(target=judge)
    with transaction.atomic():
        rename(course, coordinator)
        writer.start()
        wait_until_blocked()
    writer.join(timeout=30)
    assert seen == [None]


@pytest.mark.parametrize("service", ["verify", "rename"])
def test_a_writer_of_the_patient_waits_for_who_moves_the_course(
    course: Course, coordinator: User, service: str
) -> None:
    done = threading.Event()

    def write() -> None:
        actor = User.objects.get(pk=coordinator.pk)
        try:
            if service == "verify":
                verify_identity(patient_id=course.patient_id, actor=actor, now=NOW)
            else:
                rename(course, actor)
            done.set()
        finally:
            connection.close()

    writer = threading.Thread(target=write)
    with transaction.atomic():
        lock_course(course.pk, actor=coordinator)
        writer.start()
        wait_until_blocked()
        assert not done.is_set()
    writer.join(timeout=30)
    assert done.is_set()
