"""Entering a course that was under way before Percorso, at its stage and with its past dates."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from audit.recording import record
from pathway import ending
from pathway.domain.isbt128 import read_din
from pathway.domain.rules import PathwayRules
from pathway.domain.spine import Stage
from pathway.domain.transcription import PastCourse, PastStep, steps_of
from pathway.domain.transcription_rules import refuse_past
from pathway.donation_numbers import refuse_numbers
from pathway.further_course import refuse_further
from pathway.loading_companions import MODELS
from pathway.models import Precision
from pathway.referring import (
    TRANSCRIBED,
    NewCourse,
    course_refusals,
    locked_centre,
    start_course,
    start_of_day,
)
from pathway.writing import Step, write_history
from patients.models import Course, Patient
from patients.models.courses import AnchorKind
from patients.people import NewPatient, create_patient
from patients.transcribed import PastStay, set_down
from protocol.models import Protocol
from protocol.selectors import settings_of
from terms.day_numbers import local_date
from terms.refusals import Refusal, Refused


@dataclass(frozen=True)
class Transcript:
    """A course as it is entered: what a referral asks for, and the past."""

    course: NewCourse
    past: PastCourse


@transaction.atomic
def transcribe(
    *,
    patient: NewPatient,
    transcript: Transcript,
    actor: User,
    now: datetime,
    distinct_reason: str = "",
) -> Course:
    """Register a patient and enter the course that is under way.

    No guard is asked: every change says that it was transcribed. Raises NotAllowed, or Refused
    with every fault of patient, course and past at once.
    """
    require(actor, Permission.REFER)
    refusals, protocol = _refusals(transcript, patient.birth_date, actor, now)
    try:
        created = create_patient(
            values=patient, actor=actor, now=now, distinct_reason=distinct_reason
        )
    except Refused as refused:
        raise Refused([*refused.refusals, *refusals]) from refused
    if refusals or protocol is None:
        raise Refused(refusals)
    return _enter(created, transcript, protocol, actor, now)


@transaction.atomic
def transcribe_further(
    *, patient_id: int, transcript: Transcript, actor: User, now: datetime
) -> Course:
    """Enter a course under way of a patient already known.

    Raises Patient.DoesNotExist, NotAllowed, or Refused.
    """
    require(actor, Permission.REFER)
    locked_centre(actor)
    patient = Patient.objects.visible_to(actor).select_for_update(no_key=True).get(pk=patient_id)
    refusals, protocol = _refusals(transcript, patient.birth_date, actor, now)
    refusals += refuse_further(patient)
    if refusals or protocol is None:
        raise Refused(refusals)
    return _enter(patient, transcript, protocol, actor, now)


def _refusals(
    transcript: Transcript, birth_date: date, actor: User, now: datetime
) -> tuple[list[Refusal], Protocol | None]:
    centre = locked_centre(actor)
    refusals, protocol = course_refusals(transcript.course, birth_date, centre, now)
    classes = (
        PathwayRules.of(settings_of(protocol)).washouts.by_class if protocol is not None else {}
    )
    refusals += refuse_past(
        transcript.past,
        birth_date=birth_date,
        today=local_date(now, centre.zone),
        drug_classes=classes,
    )
    refusals += refuse_numbers([attempt.din for attempt in transcript.past.attempts])
    return refusals, protocol


def _enter(
    patient: Patient, transcript: Transcript, protocol: Protocol, actor: User, now: datetime
) -> Course:
    past = transcript.past
    course = start_course(patient, transcript.course, protocol, actor, now, transcribed=True)
    steps = steps_of(past)[1:]  # the referral is written with the course
    companions = _companions(course, past, steps, actor, now)
    journey = course.journey
    changes = write_history(
        journey, [_step(step, course, companions, actor, now) for step in steps]
    )
    set_down(course, list(_anchors(past)), _stay(past), source=TRANSCRIBED, actor=actor, now=now)
    if past.ended:
        ending.leave(journey, changes[-1], actor, now)
    record(
        actor=actor,
        now=now,
        action="course.transcribe",
        obj=course,
        course_id=course.pk,
        patient_id=course.patient_id,
        reason=past.exit_reason.strip(),
        after={"stage": past.stage, "steps": [_told(step) for step in steps]},
    )
    return course


def _told(step: PastStep) -> list[object]:
    return [step.machine, step.place, step.target, step.on]


def _companions(
    course: Course, past: PastCourse, steps: list[PastStep], actor: User, now: datetime
) -> dict[tuple[str, int], int]:
    """Make each companion in the state its last step leads to; answer their ids."""
    last = {(step.machine, step.place): step for step in steps if step.machine != "journey"}
    made = {}
    for (machine, place), step in last.items():
        companion = MODELS[machine]._default_manager.create(
            course=course,
            state=step.target,
            state_since=step.on or step.not_before,
            created_at=now,
            created_by=actor.get_username(),
            source=TRANSCRIBED,
            **_described(past, machine, place),
        )
        made[machine, place] = companion.pk
    return made


def _described(past: PastCourse, machine: str, place: int) -> dict[str, Any]:
    """The columns of a companion besides its state."""
    if machine == "apheresis":
        attempt = [attempt for attempt in past.attempts if attempt.told][place]
        return {
            "number": place + 1,
            "din": read_din(attempt.din).din,
            "cd3_yield": attempt.cd3_yield,
        }
    if machine == "product":
        return {
            "order_number": past.order_number,
            "lot": past.lot,
            "expires_on": past.expires_on,
        }
    if machine == "bridging":
        return {
            "drug": past.bridging_drug,
            "drug_class": past.bridging_class,
            "last_dose_on": past.bridging_last_dose_on,
        }
    return {"regimen": past.ld_regimen} if machine == "lymphodepletion" else {}


def _step(
    step: PastStep,
    course: Course,
    companions: dict[tuple[str, int], int],
    actor: User,
    now: datetime,
) -> Step:
    known = step.on is not None
    return Step(
        course=course,
        machine=step.machine,
        subject_id=companions.get((step.machine, step.place)),
        source=step.source,
        target=step.target,
        happened_at=start_of_day(step.on or step.not_before, course.centre, now),
        actor=actor,
        now=now,
        reason=step.reason,
        details={"exit_scope": step.scope},
        data_source=TRANSCRIBED,
        transcribed=True,
        precision=Precision.DAY.value if known else Precision.UNKNOWN.value,
    )


def _anchors(past: PastCourse) -> Iterator[tuple[AnchorKind, int, date]]:
    """The dates that others count from, as far as they are known."""
    collected = [a.on for a in past.attempts if a.result in ("adequate", "inadequate") and a.on]
    for occurrence, on in enumerate(collected, start=1):
        yield AnchorKind.APHERESIS, occurrence, on
    after = past.infused_on is not None and past.discharged_on is not None
    discharged = past.discharged_on if after and past.came_to(Stage.INFUSION) else None
    if discharged is not None and past.infused_on is not None and discharged < past.infused_on:
        discharged = None  # the end of an earlier stay
    for kind, day in (
        (AnchorKind.ENROLMENT, past.enrolled_on),
        (AnchorKind.LYMPHODEPLETION, past.ld_from),
        (AnchorKind.INFUSION, past.infused_on),
        (AnchorKind.DISCHARGE, discharged),
    ):
        if day is not None:
            yield kind, 1, day


def _stay(past: PastCourse) -> PastStay | None:
    if past.admitted_on is None:
        return None
    return PastStay(past.admitted_on, past.discharged_on, past.ward)
