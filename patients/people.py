"""Registering patients, keeping their details, checking who they are, and who is responsible."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from accounts.access import require
from accounts.models import Centre, User
from accounts.permissions import Permission, roles_with
from audit.recording import record
from patients.courses import check_version, lock_courses_of
from patients.domain.dating import refuse_future
from patients.domain.likeness import Person, look_alike, swapped_birth_date
from patients.models import Identifier, Patient
from patients.models.people import Sex
from patients.numbers import codes_of, lock_registry, refusal_of, refuse_numbers, search_text
from terms.day_numbers import add_months, local_date
from terms.refusals import Kind, Refusal, Refused
from terms.words import N_

OLDEST_YEARS = 120


@dataclass(frozen=True, kw_only=True)
class Details:
    """What identifies a person besides the numbers, and who sent them."""

    family_name: str
    given_name: str
    birth_date: date
    sex: str = Sex.UNKNOWN.value
    referring_hospital: str = ""
    referring_physician: str = ""


@dataclass(frozen=True, kw_only=True)
class NewPatient(Details):
    """A patient to register. `identifiers` are pairs of issuer and number, at least one."""

    identifiers: tuple[tuple[str, str], ...]


def lock_patient(patient_id: int, *, actor: User) -> Patient:
    """Lock and return a patient `actor` may see; taken before the locks of the courses.

    Raises Patient.DoesNotExist for an unknown id or another centre's.
    """
    return (
        Patient.objects.visible_to(actor)
        .select_related("centre")
        .select_for_update(no_key=True, of=("self",))
        .get(pk=patient_id)
    )


@transaction.atomic
def create_patient(
    *, values: NewPatient, distinct_reason: str = "", actor: User, now: datetime
) -> Patient:
    """Register a patient at the centre the actor works at.

    Raises Refused naming everything at once: names, birth date (not in the future, at most 120
    years back), no identifier, an identifier that somebody has. A look-alike is a soft refusal
    with code `look_alike`; it yields to `distinct_reason`. NotAllowed without the permission.
    """
    require(actor, Permission.REFER)
    centre = lock_registry(actor)
    numbers = tuple((system.strip(), value.strip()) for system, value in values.identifiers)
    refusals = _refuse_details(values, local_date(now, centre.zone))
    refusals += refuse_numbers(centre, numbers)
    if not distinct_reason.strip():
        refusals += _refuse_look_alike(centre, values)
    if refusals:
        raise Refused(refusals)
    patient = Patient(centre=centre, created_at=now, created_by=actor.get_username())
    _take_over(patient, values)
    patient.search_text = search_text(patient, numbers)
    patient.save(force_insert=True)
    Identifier.objects.bulk_create(
        Identifier(patient=patient, centre=centre, system=system, value=value)
        for system, value in numbers
    )
    record(
        actor=actor,
        now=now,
        action="patient.create",
        obj=patient,
        patient_id=patient.pk,
        reason=distinct_reason.strip(),
        after=_facts(patient) | {"identifiers": [list(number) for number in numbers]},
    )
    return patient


@transaction.atomic
def update_patient(
    *,
    patient_id: int,
    details: Details,
    reason: str = "",
    distinct_reason: str = "",
    expected_version: int | None = None,
    actor: User,
    now: datetime,
) -> Patient:
    """Correct a patient's details.

    A change of name or birth date needs a reason and undoes the check of identity. Raises Refused
    as `create_patient` does, StaleVersion, NotAllowed, Patient.DoesNotExist.
    """
    centre = lock_registry(actor)
    patient = lock_patient(patient_id, actor=actor)
    lock_courses_of(patient, actor=actor)
    require(actor, Permission.EDIT_CHART)
    check_version(patient, expected_version)
    before, identity = _facts(patient), _identity(patient)
    refusals = _refuse_details(details, local_date(now, centre.zone))
    _take_over(patient, details)
    renamed = identity != _identity(patient)
    if renamed and not reason.strip():
        refusals.append(
            refusal_of("reason_needed", N_("Say why name or birth date change."), "reason")
        )
    if renamed and not distinct_reason.strip():
        refusals += _refuse_look_alike(centre, details, besides=patient)
    if refusals:
        raise Refused(refusals)
    if renamed:
        patient.identity_verified_at = None
    patient.search_text = search_text(patient, patient.identifiers.values_list("system", "value"))
    patient.version += 1
    patient.save(update_fields=[*before, "identity_verified_at", "search_text", "version"])
    after = _facts(patient)
    changed = [name for name in after if after[name] != before[name]]
    record(
        actor=actor,
        now=now,
        action="patient.update",
        obj=patient,
        patient_id=patient.pk,
        reason=" ".join(filter(None, (reason.strip(), distinct_reason.strip()))),
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
    )
    return patient


@transaction.atomic
def verify_identity(
    *, patient_id: int, actor: User, now: datetime, expected_version: int | None = None
) -> Patient:
    """Keep the actor's statement that the patient's identity was checked on two identifiers.

    Name with birth date is one, a number the other (JACIE: two independent identifiers). What
    changed since the actor saw them was not compared: StaleVersion. Raises Refused when no number
    is recorded, NotAllowed, Patient.DoesNotExist.
    """
    patient = lock_patient(patient_id, actor=actor)
    lock_courses_of(patient, actor=actor)
    require(actor, Permission.EDIT_CHART)
    check_version(patient, expected_version)
    numbers = list(patient.identifiers.order_by("pk").values_list("system", "value"))
    if not numbers:
        raise Refused(
            [refusal_of("no_identifier", N_("Two identifiers are needed: add a number first."), "")]
        )
    before = patient.identity_verified_at
    patient.identity_verified_at = now
    patient.save(update_fields=["identity_verified_at"])
    record(
        actor=actor,
        now=now,
        action="patient.verify_identity",
        obj=patient,
        patient_id=patient.pk,
        before={"identity_verified_at": before},
        after={"identity_verified_at": now, "identifiers": [list(number) for number in numbers]},
    )
    return patient


def _take_over(patient: Patient, details: Details) -> None:
    patient.family_name = " ".join(details.family_name.split())
    patient.given_name = " ".join(details.given_name.split())
    patient.birth_date = details.birth_date
    patient.sex = details.sex
    patient.referring_hospital = details.referring_hospital.strip()
    patient.referring_physician = details.referring_physician.strip()


def _facts(patient: Patient) -> dict[str, object]:
    names = ("family_name", "given_name", "birth_date", "sex")
    return {
        name: getattr(patient, name)
        for name in (*names, "referring_hospital", "referring_physician")
    }


def _identity(patient: Patient) -> tuple[str, str, date]:
    return patient.family_name, patient.given_name, patient.birth_date


def _refuse_details(details: Details, today: date) -> list[Refusal]:
    refusals = [
        refusal_of("name_missing", N_("Family name and given name are both needed."), field)
        for field in ("family_name", "given_name")
        if not getattr(details, field).strip()
    ]
    refusals += refuse_future(details.birth_date, today, "birth_date")
    if details.birth_date < add_months(today, -12 * OLDEST_YEARS):
        refusals.append(
            refusal_of(
                "too_old",
                N_("This birth date is more than %(years)s years ago."),
                "birth_date",
                years=OLDEST_YEARS,
            )
        )
    if details.sex not in Sex.values:
        refusals.append(refusal_of("unknown_sex", N_("Choose one of the list."), "sex"))
    return refusals


def _refuse_look_alike(
    centre: Centre, details: Details, besides: Patient | None = None
) -> list[Refusal]:
    me = Person(details.family_name, details.given_name, details.birth_date)
    dates = [on for on in (me.birth_date, swapped_birth_date(me.birth_date)) if on is not None]
    alike = [
        other
        for other in Patient.objects.filter(centre=centre, birth_date__in=dates, error_cause="")
        if other != besides
        and look_alike(me, Person(other.family_name, other.given_name, other.birth_date))
    ]
    if not alike:
        return []
    return [
        Refusal(
            code="look_alike",
            message=N_(
                "Somebody very like this is registered already (%(courses)s): "
                "say how they differ if they are two people."
            ),
            params={"courses": codes_of(alike)},
            kind=Kind.SOFT,
            who_may=roles_with(Permission.REFER),
            field="distinct_reason",
        )
    ]
