"""The fact of death: recording it closes what is open, withdrawing it restores exactly that."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.db.models import Model

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from audit.recording import record
from patients import consequences
from patients.consequences import Event, Happening
from patients.courses import lock_courses_of
from patients.domain.dating import refuse_before, refuse_before_birth, refuse_future
from patients.holds import end_all, reopen_all
from patients.models import (
    Anchor,
    Antigen,
    Comorbidity,
    Consent,
    ContactAttempt,
    Course,
    CsfResult,
    Death,
    Diagnosis,
    ImagingResult,
    LabResult,
    MarrowResult,
    Patient,
    Relapse,
    Stay,
    TherapyLine,
    Transplant,
)
from patients.models.history import ChartEntry
from patients.models.people import Autopsy, DeathCategory, DeathSetting
from patients.objections import Asked, Question, against
from patients.people import lock_patient
from patients.stays import close_at_death, reopen_after_death
from patients.survival import death_cause, standing_death
from terms.day_numbers import local_date
from terms.partial_dates import parse
from terms.refusals import Refusal, Refused
from terms.words import N_

_ENTRIES: tuple[type[ChartEntry], ...] = (
    Diagnosis,
    TherapyLine,
    Transplant,
    Relapse,
    Antigen,
    Comorbidity,
    Consent,
    LabResult,
    MarrowResult,
    ImagingResult,
    CsfResult,
)


@transaction.atomic
def record_death(
    *,
    patient_id: int,
    died_on: date,
    cause: str = "",
    place: str = "",
    category: str = DeathCategory.UNKNOWN,
    setting: str = DeathSetting.UNKNOWN,
    autopsy: str = Autopsy.UNKNOWN,
    actor: User,
    now: datetime,
) -> Death:
    """Record that the patient died, at any stage and after any exit.

    Ends the open holds and the open stay of every course. Raises Refused (recorded already, future,
    before birth or a known fact, no word of the list), NotAllowed, Patient.DoesNotExist.
    """
    patient, courses = _locked(patient_id, actor)
    refusals = [
        *_refuse_second(patient),
        *refuse_future(died_on, local_date(now, patient.centre.zone), "died_on"),
        *refuse_before_birth(died_on, patient.birth_date, "died_on"),
        *refuse_before_last_fact(died_on, _facts(patient)),
        *_refuse_unlisted(category, setting, autopsy),
    ]
    for course in courses:
        refusals += against(Asked(Question.PATIENT_DIES, course, actor, now, on=died_on))
    if refusals:
        raise Refused(refusals)
    death = Death.objects.create(
        patient=patient,
        died_on=died_on,
        cause=cause.strip(),
        place=place.strip(),
        category=category,
        setting=setting,
        autopsy=autopsy,
        recorded_at=now,
        recorded_by=actor.get_username(),
    )
    key = death_cause(death)
    _close(courses, died_on, key, actor, now)
    after = {"died_on": died_on, **_details(death)}
    record(
        actor=actor, now=now, action="death.record", obj=death, patient_id=patient.pk, after=after
    )
    for course in courses:
        consequences.run(Happening(Event.PATIENT_DIED, course, actor, now, key, died_on))
    return death


def _close(courses: list[Course], died_on: date, key: str, actor: User, now: datetime) -> None:
    for course in courses:
        end_all(course, on=died_on, cause=key, actor=actor, now=now)
        close_at_death(course, on=died_on, cause=key, actor=actor, now=now)


@transaction.atomic
def describe_death(
    *,
    patient_id: int,
    cause: str = "",
    place: str = "",
    category: str,
    setting: str,
    autopsy: str,
    actor: User,
    now: datetime,
) -> Death:
    """Say anew of a recorded death what was learnt later; its day stays.

    Raises Refused (none recorded, a word of no list), NotAllowed, Patient.DoesNotExist.
    """
    patient, _courses = _locked(patient_id, actor)
    death, refusals = standing_death(patient), _refuse_unlisted(category, setting, autopsy)
    if death is None:
        refusals.append(Refusal(code="no_death", message=N_("No death is recorded.")))
    if death is None or refusals:
        raise Refused(refusals)
    before = _details(death)
    death.cause, death.place = cause.strip(), place.strip()
    death.category, death.setting, death.autopsy = category, setting, autopsy
    death.save(update_fields=list(before))
    record(
        actor=actor,
        now=now,
        action="death.describe",
        obj=death,
        patient_id=patient.pk,
        before=before,
        after=_details(death),
    )
    return death


@transaction.atomic
def withdraw_death(*, patient_id: int, reason: str, actor: User, now: datetime) -> Death:
    """Take back a death recorded by mistake and reopen exactly what it closed.

    Raises Refused (none recorded, no reason given), NotAllowed, Patient.DoesNotExist.
    """
    patient, courses = _locked(patient_id, actor)
    death = standing_death(patient)
    refusals = []
    if death is None:
        refusals.append(Refusal(code="no_death", message=N_("No death is recorded.")))
    if not reason.strip():
        refusals.append(
            Refusal(
                code="reason_needed",
                message=N_("Say why the recorded death is wrong."),
                field="reason",
            )
        )
    if death is None or refusals:
        raise Refused(refusals)
    death.withdrawn_at, death.withdrawn_by = now, actor.get_username()
    death.withdrawn_reason = reason.strip()
    death.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
    key = death_cause(death)
    for course in courses:
        reopen_all(course, cause=key, actor=actor, now=now)
        reopen_after_death(course, cause=key, actor=actor, now=now)
    record(
        actor=actor,
        now=now,
        action="death.withdraw",
        obj=death,
        patient_id=patient.pk,
        reason=death.withdrawn_reason,
        before={"died_on": death.died_on, **_details(death)},
    )
    for course in courses:
        consequences.run(Happening(Event.DEATH_WITHDRAWN, course, actor, now, key))
    return death


def _locked(patient_id: int, actor: User) -> tuple[Patient, list[Course]]:
    """The patient, so that no course is added meanwhile, then every course in the order of ids."""
    patient = lock_patient(patient_id, actor=actor)
    require(actor, Permission.RECORD_DEATH)
    return patient, lock_courses_of(patient, actor=actor)


def _details(death: Death) -> dict[str, str]:
    names = ("cause", "place", "category", "setting", "autopsy")
    return {name: getattr(death, name) for name in names}


def _refuse_unlisted(category: str, setting: str, autopsy: str) -> list[Refusal]:
    given = {"category": (category, DeathCategory), "setting": (setting, DeathSetting)}
    given |= {"autopsy": (autopsy, Autopsy)}
    return [
        Refusal(code="not_listed", message=N_("Choose one of the list."), field=name)
        for name, (value, words) in given.items()
        if value not in words.values
    ]


def _refuse_second(patient: Patient) -> list[Refusal]:
    standing = standing_death(patient)
    if standing is None:
        return []
    return [
        Refusal(
            code="death_recorded",
            message=N_("The death is recorded already, on %(on)s."),
            params={"on": standing.died_on},
        )
    ]


def refuse_before_last_fact(died_on: date, facts: Iterable[date]) -> list[Refusal]:
    """One refusal when something is recorded for a day after the death: a date must be wrong."""
    return refuse_before(
        died_on,
        max(facts, default=None),
        code="before_last_fact",
        message=N_("Something is recorded for %(limit)s: correct that date first, or this one."),
        field="died_on",
    )


def shows_life(fact: Model) -> bool:
    """Whether a fact of the chart says that the patient lived on its day."""
    reached = isinstance(fact, ContactAttempt) and fact.reached
    return reached or isinstance(fact, (Stay, *_ENTRIES))


def _facts(patient: Patient) -> list[date]:
    """The days on which the patient is known to have lived: anchors, stays, dated entries.

    Holds and notes do not count: people write those before anybody tells them of the death.
    """
    # A course entered in error says nothing of the patient.
    courses = patient.courses.filter(error_cause="")
    anchors = Anchor.objects.filter(course__in=courses).exclude(actual_on=None)
    stays = Stay.objects.filter(course__in=courses)
    dates = [*anchors.values_list("actual_on", flat=True)]
    for began_on, ended_on in stays.values_list("began_on", "ended_on"):
        dates += [began_on, ended_on]
    for model in _ENTRIES:
        known = model._default_manager.filter(course__in=courses).exclude(on="")
        dates += [parse(on).earliest() for on in known.values_list("on", flat=True)]
    reached = ContactAttempt.objects.filter(course__in=courses, reached=True)
    dates += [parse(on).earliest() for on in reached.values_list("on", flat=True)]
    return [on for on in dates if on is not None]
