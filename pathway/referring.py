"""New patient, course and journey: one service, one transaction."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from accounts.access import centre_of, require
from accounts.models import Centre, User
from accounts.permissions import Permission
from audit.recording import record
from pathway.domain.spine import SPINE, Stage
from pathway.further_course import refuse_further
from pathway.models import Journey, Precision
from pathway.writing import Step, write_change
from patients.domain.dating import refuse_before_birth
from patients.models import Course, Patient
from patients.people import NewPatient, create_patient
from protocol.models import Protocol
from protocol.selectors import current
from terms.day_numbers import local_date
from terms.refusals import Refusal, Refused
from terms.words import N_

# The source of what was entered with its past: nobody checked it when it happened.
TRANSCRIBED = "transcribed"


@dataclass(frozen=True)
class NewCourse:
    """What is asked for a new course besides the patient."""

    protocol_code: str
    referred_on: date
    coordinator_id: int | None = None
    haematologist_id: int | None = None


@transaction.atomic
def refer(
    *,
    patient: NewPatient,
    course: NewCourse,
    actor: User,
    now: datetime,
    distinct_reason: str = "",
) -> Course:
    """Create the patient, the course and the journey at referral.

    Raises NotAllowed, or Refused with every fault of patient and course at once; a look-alike
    patient yields to `distinct_reason`.
    """
    require(actor, Permission.REFER)
    centre = locked_centre(actor)
    refusals, protocol = course_refusals(course, patient.birth_date, centre, now)
    try:
        created = create_patient(
            values=patient, actor=actor, now=now, distinct_reason=distinct_reason
        )
    except Refused as refused:
        raise Refused([*refused.refusals, *refusals]) from refused
    if refusals or protocol is None:
        raise Refused(refusals)
    return start_course(created, course, protocol, actor, now)


@transaction.atomic
def add_course(*, patient_id: int, course: NewCourse, actor: User, now: datetime) -> Course:
    """Another course of a patient already known, such as a second infusion.

    Raises Patient.DoesNotExist, NotAllowed, or Refused.
    """
    require(actor, Permission.REFER)
    centre = locked_centre(actor)
    patient = Patient.objects.visible_to(actor).select_for_update(no_key=True).get(pk=patient_id)
    refusals, protocol = course_refusals(course, patient.birth_date, centre, now)
    refusals += refuse_further(patient)
    if refusals or protocol is None:
        raise Refused(refusals)
    return start_course(patient, course, protocol, actor, now)


def locked_centre(actor: User) -> Centre:
    """The actor's centre, locked so that course codes count up without a gap or a twin."""
    return Centre.objects.select_for_update(no_key=True).get(pk=centre_of(actor).pk)


def course_refusals(
    course: NewCourse, birth_date: date, centre: Centre, now: datetime
) -> tuple[list[Refusal], Protocol | None]:
    """What is against a new course, and the protocol it will be pinned to."""
    refusals: list[Refusal] = []
    protocol = None
    if course.referred_on > local_date(now, centre.zone):
        refusals.append(
            Refusal("future_date", N_("The time lies in the future."), field="referred_on")
        )
    refusals += refuse_before_birth(course.referred_on, birth_date, "referred_on")
    try:
        protocol = current(course.protocol_code)
    except Protocol.DoesNotExist:
        refusals.append(
            Refusal("no_protocol", N_("No such protocol is in force."), field="protocol_code")
        )
    members = set(centre.memberships.filter(ended_at=None).values_list("user_id", "role"))
    for field, role in (("coordinator_id", "coordinator"), ("haematologist_id", "haematologist")):
        chosen = getattr(course, field)
        if chosen is not None and (chosen, role) not in members:
            refusals.append(
                Refusal("not_a_member", N_("This person does not hold the role here."), field=field)
            )
    return refusals, protocol


def start_course(
    patient: Patient,
    values: NewCourse,
    protocol: Protocol,
    actor: User,
    now: datetime,
    *,
    transcribed: bool = False,
) -> Course:
    """Write course and journey at referral, in a transaction that has locked the centre."""
    centre = patient.centre
    number = Course.objects.filter(centre=centre).count() + 1
    course = Course.objects.create(
        patient=patient,
        centre=centre,
        protocol=protocol,
        code=f"{centre.code}-{number:04d}",
        product=protocol.product,
        coordinator_id=values.coordinator_id,
        haematologist_id=values.haematologist_id,
        referred_on=values.referred_on,
        transcribed_on=local_date(now, centre.zone) if transcribed else None,
        created_at=now,
        created_by=actor.get_username(),
    )
    Journey.objects.create(
        course=course, centre=centre, stage=Stage.REFERRAL.value, stage_since=values.referred_on
    )
    write_change(_referral(course, transcribed, actor, now))
    record(
        actor=actor,
        now=now,
        action="course.refer",
        obj=course,
        course_id=course.pk,
        patient_id=patient.pk,
        after={
            "code": course.code,
            "protocol": str(protocol.pk),
            "referred_on": values.referred_on,
        },
    )
    return course


def _referral(course: Course, transcribed: bool, actor: User, now: datetime) -> Step:
    """The first step of a journey; of a referral nobody knows the hour."""
    return Step(
        course=course,
        machine=SPINE.name,
        subject_id=None,
        source="",
        target=Stage.REFERRAL.value,
        happened_at=start_of_day(course.referred_on, course.centre, now),
        actor=actor,
        now=now,
        precision=Precision.DAY.value,
        transcribed=transcribed,
        data_source=TRANSCRIBED if transcribed else "",
    )


def start_of_day(on: date, centre: Centre, now: datetime) -> datetime:
    """The start of a local day, for a fact that has no hour; never after now."""
    start = datetime(on.year, on.month, on.day, tzinfo=centre.zone)
    return min(start, now)
