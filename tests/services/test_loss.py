"""Calling a patient lost: out of contact for long, looked for, and the way back."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, transaction

from accounts.models import User
from pathway.loading import load_state
from pathway.models import Journey
from patients.charting import add_entry
from patients.correcting import correct_entry
from patients.deaths import record_death
from patients.models import ContactAttempt, Course
from patients.stays import admit
from terms.refusals import NotAllowed, Refused
from tests.services.refused import codes, fields
from tests.walking import DAY_ZERO, Walk


def day(number: int) -> date:
    return DAY_ZERO + timedelta(days=number)


def seek(walk: Walk, on: date, *, reached: bool = False, **more: Any) -> None:
    walk.note(
        "attempt", on=on.isoformat(), means="phone", made_by="Anna Neri", reached=reached, **more
    )


@pytest.mark.walked("to_follow_up")
def test_lost_only_long_after_the_last_contact_and_two_attempts(walk: Walk) -> None:
    walk.until(100)
    with pytest.raises(Refused) as refused:
        walk.go("lost", "coordinator")
    assert codes(refused.value) == {"contact_recent", "attempts_missing", "reason_missing"}
    assert refused.value.refusals[0].params["on"] == day(14)  # the discharge
    walk.note("marrow", on="2027-01", mrd="negative")  # taken for its last day, or as written down
    assert load_state(walk.course).last_contact(walk.now.date()) == day(100)
    walk.until(200).note("csf", on=day(150).isoformat(), cytology="negative", flow="negative")
    seek(walk, day(160), reached=True, remark="well, far away")
    seek(walk, day(180))
    state = load_state(walk.course)
    assert (state.last_contact(walk.now.date()), state.attempts_on) == (day(160), (day(180),))
    walk.until(600)
    with pytest.raises(Refused) as refused:
        walk.go("lost", "coordinator", reason="Does not answer")
    assert codes(refused.value) == {"attempts_missing"}
    seek(walk, day(599))
    walk.go("lost", "coordinator", reason="Does not answer")
    journey = Journey.objects.get(course=walk.course)
    assert (journey.stage, journey.active, journey.exit_reason) == ("lost", False, "")
    walk.go("follow_up", "coordinator", reason="Her sister called")
    journey.refresh_from_db()
    assert (journey.stage, journey.active) == ("follow_up", True)


@pytest.mark.walked("to_follow_up")
def test_a_typing_error_put_right_is_no_contact(walk: Walk) -> None:
    walk.until(100).note("marrow", on="2027-01", mrd="negative")
    marrow = walk.course.marrowresults.get()

    def last_contact_after(**values: str) -> date | None:
        correct_entry(
            course_id=walk.course.pk, kind="marrow", entry_id=marrow.pk, values=values,
            reason="typed wrongly", actor=walk.by("haematologist"), now=walk.tick(),
        )  # fmt: skip
        return load_state(walk.course).last_contact(walk.now.date())

    walk.until(200)
    assert last_contact_after(on="2027-01", mrd="positive") == day(100)
    assert last_contact_after(on="2027-01", mrd="negative") == day(100)
    # A date that is put right was written down when it was put right.
    assert last_contact_after(on="2027-02", mrd="negative") == date(2027, 2, 28)
    assert last_contact_after(on="2027", mrd="negative") == day(200)
    assert last_contact_after(on="2027-01", mrd="negative") == day(100)
    assert last_contact_after(on="2027-02-03", mrd="negative") == date(2027, 2, 3)


@pytest.mark.walked("to_follow_up")
def test_whoever_lies_in_hospital_is_not_lost(walk: Walk) -> None:
    walk.until(500)
    admit(
        course_id=walk.course.pk, unit="ward", place="", on=day(20), actor=walk.by("ward_nurse"),
        now=walk.tick(),
    )  # fmt: skip
    assert load_state(walk.course).last_contact(day(499)) == day(499)
    assert load_state(walk.course).attempts_on == ()


def test_an_attempt_is_kept(walk: Walk) -> None:
    seek(walk, walk.now.date())
    with pytest.raises(ProgrammingError), transaction.atomic():
        ContactAttempt.objects.get().delete()
    with pytest.raises(Refused) as refused:
        walk.note("attempt", on="2026-08", means="smoke", made_by="", reached="")
    assert fields(refused.value) == {
        ("on", "day_needed"), ("means", "invalid_choice"), ("made_by", "required"),
        ("reached", "required"),
    }  # fmt: skip
    values = {"on": "2026-08-01", "means": "phone", "made_by": "x", "reached": "false"}
    nurse = walk.by("ward_nurse")
    with pytest.raises(NotAllowed):
        add_entry(
            course_id=walk.course.pk, kind="attempt", values=values, actor=nurse, now=walk.now
        )


def test_the_dead_are_sought_but_not_reached(walk: Walk, coordinator: User) -> None:
    walk.until(-30)
    record_death(
        patient_id=walk.course.patient_id, died_on=day(-35), actor=coordinator, now=walk.tick()
    )
    seek(walk, day(-33))
    with pytest.raises(Refused) as refused:
        seek(walk, day(-33), reached=True)
    assert fields(refused.value) == {("on", "after_death")}


def test_nobody_dies_before_they_were_reached(walk: Walk, coordinator: User) -> None:
    seek(walk, day(-41), reached=True)
    seek(walk, day(-41))
    with pytest.raises(Refused) as refused:
        record_death(
            patient_id=walk.course.patient_id, died_on=day(-42), actor=coordinator,
            now=walk.until(-30).tick(),
        )  # fmt: skip
    assert codes(refused.value) == {"before_last_fact"}


@pytest.mark.walked("to_follow_up")
def test_care_shared_with_another_centre_leaves_the_course_open(walk: Walk) -> None:
    on = walk.now.date().isoformat()
    walk.note(
        "handover", on=on, centre="Pavia", shared="visits", documents_sent=True, patient_informed=""
    )
    handover = Course.objects.get(pk=walk.course.pk).handovers.get()
    assert (handover.documents_sent, handover.patient_informed) == (True, None)
    assert Journey.objects.get(course=walk.course).active
    with pytest.raises(Refused) as refused:
        walk.note("handover", on="2026", centre="", shared="")
    assert fields(refused.value) == {
        ("on", "day_needed"), ("centre", "required"), ("shared", "required"),
    }  # fmt: skip
