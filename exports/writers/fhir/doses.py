"""Doses of containment, bridging and lymphodepletion: ordered, given or not given."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from exports.course_records import CourseRecord
from exports.writers.fhir.frame import Frame, Resource, bare, concept, quantity
from pathway.domain.companions import COMPANIONS, Bridging
from pathway.models import BridgingCourse, Dose
from terms.day_numbers import local_date


def resources(record: CourseRecord, frame: Frame) -> Iterator[Resource]:
    """Each dose as it stands; why one was not given is in somebody's words and stays here."""
    held = {row.pk for row in record.of(BridgingCourse) if row.state == Bridging.ON_HOLD}
    for dose in record.of(Dose):
        if dose.given_on is not None:
            yield _stated(frame, dose, "completed", dose.given_on, dose.given_amount)
        elif dose.not_given_reason:
            on = dose.planned_on or local_date(dose.recorded_at, frame.zone)
            yield _stated(frame, dose, "not-done", on, None)
        else:
            waits = dose.machine == "bridging" and dose.subject_id in held
            yield _ordered(frame, dose, "on-hold" if waits else "active")


def _stated(frame: Frame, dose: Dose, status: str, on: date, amount: Decimal | None) -> Resource:
    return frame.entry(
        "dose",
        dose.pk,
        "MedicationAdministration",
        status=status,
        category=concept(_(COMPANIONS[dose.machine].label)),
        medicationCodeableConcept=concept(frame.typed(dose.drug)),
        subject=frame.patient,
        effectiveDateTime=frame.on(on),
        dosage=bare({"route": _route(dose), "dose": quantity(amount, dose.unit)})
        if amount is not None
        else None,
    )


def _ordered(frame: Frame, dose: Dose, status: str) -> Resource:
    timing = {"event": [frame.on(dose.planned_on)]} if dose.planned_on else None
    amount = quantity(dose.amount, dose.unit)
    said: dict[str, Any] = {
        "timing": timing,
        "route": _route(dose),
        "doseAndRate": [{"doseQuantity": amount}] if amount else None,
    }
    return frame.entry(
        "dose",
        dose.pk,
        "MedicationRequest",
        status=status,
        intent="order",
        category=[concept(_(COMPANIONS[dose.machine].label))],
        medicationCodeableConcept=concept(frame.typed(dose.drug)),
        subject=frame.patient,
        dosageInstruction=[bare(said)] if bare(said) else None,
    )


def _route(dose: Dose) -> dict[str, Any] | None:
    return concept(dose.get_route_display())
