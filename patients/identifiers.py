"""Numbers of a patient: adding and correcting one, and saying which one the labels carry.

A number found to be wrong ends what rested on it: who the patient is has to be verified anew, and
no check by two people that was begun before stands any longer. Adding one or choosing among them
ends the same only where it changes which number the labels are compared with.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from audit.recording import record
from patients import consequences
from patients.consequences import Event, Happening
from patients.correcting import refuse_unreasoned
from patients.courses import check_version, lock_courses_of, raise_version
from patients.domain.numbers import Number, compared_with
from patients.models import Course, Identifier, IdentifierCorrection, Patient
from patients.models.people import IdentifierCorrectionKind
from patients.numbers import lock_registry, numbers_of, refusal_of, refuse_numbers, search_text
from patients.people import lock_patient
from terms.refusals import Refusal, Refused
from terms.words import N_


@dataclass(frozen=True)
class _Held:
    """A patient and the courses under their locks, with what the labels were compared with."""

    patient: Patient
    courses: list[Course]
    compared: Number | None
    verified_at: datetime | None
    actor: User
    now: datetime


@transaction.atomic
def add_identifier(
    *,
    patient_id: int,
    system: str,
    value: str,
    on_labels: bool = False,
    actor: User,
    now: datetime,
) -> Identifier:
    """Add a number somebody issued to the patient; `on_labels` when the labels carry this one.

    Identity is to be verified anew only where the labels are compared with another number than
    before. Raises Refused (blank, somebody has it already), NotAllowed, Patient.DoesNotExist.
    """
    centre = lock_registry(actor)
    held = _locked(patient_id, actor, now)
    number = (system.strip(), value.strip())
    refusals = refuse_numbers(centre, (number,))
    if refusals:
        raise Refused(refusals)
    if on_labels:
        held.patient.identifiers.update(on_labels=False)
    identifier = Identifier.objects.create(
        patient=held.patient,
        centre=centre,
        system=number[0],
        value=number[1],
        on_labels=on_labels,
    )
    _settle(held, corrected=False)
    _note(held, identifier, "add_identifier", before={}, after=_content(identifier))
    return identifier


@transaction.atomic
def correct_identifier(
    *,
    patient_id: int,
    identifier_id: int,
    system: str,
    value: str,
    reason: str,
    expected_version: int | None = None,
    actor: User,
    now: datetime,
) -> Identifier:
    """Let a number say what it really is; what it said before stays to be read.

    Raises Refused with everything against it (no reason, nothing changed, blank, another's),
    StaleVersion, NotAllowed, Patient.DoesNotExist, Identifier.DoesNotExist.
    """

    def refuse(identifier: Identifier) -> list[Refusal]:
        number = (system.strip(), value.strip())
        if number == (identifier.system, identifier.value):
            return [refusal_of("nothing_changed", N_("This is what stands already."), "")]
        return refuse_numbers(identifier.centre, (number,))

    def write(identifier: Identifier) -> None:
        identifier.system, identifier.value = system.strip(), value.strip()
        identifier.save(update_fields=["system", "value"])

    lock_registry(actor)
    held = _locked(patient_id, actor, now)
    check_version(held.patient, expected_version)
    what = IdentifierCorrectionKind.CORRECTED
    return _put_right(held, identifier_id, what, reason, refuse, write)


@transaction.atomic
def drop_identifier(
    *,
    patient_id: int,
    identifier_id: int,
    reason: str,
    expected_version: int | None = None,
    actor: User,
    now: datetime,
) -> Identifier:
    """Say that a number is not this patient's at all; it is free for whoever has it.

    Raises Refused (no reason, the only number), StaleVersion, NotAllowed, Patient.DoesNotExist,
    Identifier.DoesNotExist.
    """

    def refuse(identifier: Identifier) -> list[Refusal]:
        if held.patient.identifiers.exclude(pk=identifier.pk).exists():
            return []
        message = N_("This is the patient's only number: correct it, or add the right one first.")
        return [refusal_of("only_identifier", message, "")]

    def write(identifier: Identifier) -> None:
        identifier.in_error = True
        identifier.save(update_fields=["in_error"])

    lock_registry(actor)
    held = _locked(patient_id, actor, now)
    check_version(held.patient, expected_version)
    what = IdentifierCorrectionKind.IN_ERROR
    return _put_right(held, identifier_id, what, reason, refuse, write)


@transaction.atomic
def choose_identifier(
    *,
    patient_id: int,
    identifier_id: int,
    reason: str,
    expected_version: int | None = None,
    actor: User,
    now: datetime,
) -> Identifier:
    """Say which of the numbers wristband and labels carry.

    Raises Refused (no reason, said already), StaleVersion, NotAllowed, Patient.DoesNotExist,
    Identifier.DoesNotExist.
    """

    def refuse(identifier: Identifier) -> list[Refusal]:
        if not identifier.on_labels:
            return []
        return [refusal_of("nothing_changed", N_("This is what stands already."), "")]

    def write(identifier: Identifier) -> None:
        held.patient.identifiers.update(on_labels=False)
        identifier.on_labels = True
        identifier.save(update_fields=["on_labels"])

    held = _locked(patient_id, actor, now)
    check_version(held.patient, expected_version)
    what = IdentifierCorrectionKind.ON_LABELS
    return _put_right(held, identifier_id, what, reason, refuse, write)


def _locked(patient_id: int, actor: User, now: datetime) -> _Held:
    patient = lock_patient(patient_id, actor=actor)
    courses = lock_courses_of(patient, actor=actor)
    require(actor, Permission.EDIT_CHART)
    return _Held(
        patient=patient,
        courses=courses,
        compared=compared_with(numbers_of(patient)),
        verified_at=patient.identity_verified_at,
        actor=actor,
        now=now,
    )


def _put_right(
    held: _Held,
    identifier_id: int,
    what: IdentifierCorrectionKind,
    reason: str,
    refuse: Callable[[Identifier], list[Refusal]],
    write: Callable[[Identifier], None],
) -> Identifier:
    """Keep what a number said, let it say something else, and end what rested on it."""
    identifier = held.patient.identifiers.select_related("centre").get(pk=identifier_id)
    refusals = [*refuse_unreasoned(reason), *refuse(identifier)]
    if refusals:
        raise Refused(refusals)
    before = _content(identifier)
    write(identifier)
    IdentifierCorrection.objects.create(
        patient=held.patient,
        identifier=identifier,
        kind=what,
        before=before,
        reason=reason.strip(),
        corrected_at=held.now,
        corrected_by=held.actor.get_username(),
    )
    _settle(held, corrected=what != IdentifierCorrectionKind.ON_LABELS)
    action = f"identifier.{what.value}"
    after = {} if identifier.in_error else _content(identifier)
    _note(held, identifier, action, before=before, after=after, reason=reason.strip())
    return identifier


def _settle(held: _Held, *, corrected: bool) -> None:
    """End what rested on the numbers as they were, on the locked patient and courses."""
    patient, numbers = held.patient, numbers_of(held.patient)
    patient.version += 1  # whoever compares what they saw before compares something else
    compared = compared_with(numbers)
    otherwise = held.compared is not None and (
        compared is None or compared.value != held.compared.value
    )
    if corrected:
        patient.numbers_corrected_at = held.now
    if corrected or otherwise or (held.compared is None and compared is not None):
        patient.identity_verified_at = None
        for course in held.courses:
            raise_version(course)
    patient.search_text = search_text(patient, [(one.system, one.value) for one in numbers])
    names = ["search_text", "version", "identity_verified_at", "numbers_corrected_at"]
    patient.save(update_fields=names)
    if otherwise:
        for course in held.courses:
            consequences.run(Happening(Event.NUMBER_CHANGED, course, held.actor, held.now))


def _content(identifier: Identifier) -> dict[str, object]:
    return {
        "system": identifier.system,
        "value": identifier.value,
        "on_labels": identifier.on_labels,
    }


def _note(
    held: _Held,
    identifier: Identifier,
    action: str,
    *,
    before: dict[str, object],
    after: dict[str, object],
    reason: str = "",
) -> None:
    record(
        actor=held.actor,
        now=held.now,
        action=f"patient.{action}",
        obj=identifier,
        patient_id=held.patient.pk,
        reason=reason,
        before=before | {"identity_verified_at": held.verified_at},
        after=after | {"identity_verified_at": held.patient.identity_verified_at},
    )
