"""Toxicity: episodes and infections as conditions and adverse events, grades, what was given."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from exports.course_records import CourseRecord
from exports.writers.fhir.codes import CONDITIONS, GRADED, OUTCOMES, Code
from exports.writers.fhir.frame import Frame, Resource, bare, concept, quantity
from exports.writers.fhir.statuses import GRADES
from pathway.models import Product
from patients.models.people import DeathCategory
from terms.day_numbers import local_date
from toxicity.domain.grading import Status
from toxicity.domain.scales import SCALE_NAMES, SCALE_TITLES
from toxicity.models import Episode, Infection, Treatment
from toxicity.standing_grades import Standing

_KILLED = {
    "crs": DeathCategory.CRS,
    "icans": DeathCategory.ICANS,
    "iec_hs": DeathCategory.IEC_HS,
}


def resources(record: CourseRecord, frame: Frame) -> Iterator[Resource]:
    """Episodes with their highest grade, the grade of every check, infections and treatments."""
    suspect = _suspect(record, frame)
    for episode in record.of(Episode):
        yield from _episode(record, frame, episode, suspect)
    yield from (_grade(frame, grade) for grade in record.grades)
    for infection in record.of(Infection):
        yield from _infection(frame, infection)
    yield from (_given(frame, treatment) for treatment in record.of(Treatment))


def _suspect(record: CourseRecord, frame: Frame) -> list[dict[str, Any]]:
    product = record.last(Product, state="infused")
    return [{"instance": frame.ref("product", product.pk)}] if product else []


def _episode(
    record: CourseRecord, frame: Frame, episode: Episode, suspect: list[dict[str, Any]]
) -> Iterator[Resource]:
    words = {"scale": _(SCALE_TITLES[episode.scale]), "grade": episode.peak}
    title = _("%(scale)s, highest grade %(grade)s") % words
    key = f"{episode.scale}-{episode.ordinal}"
    over = not episode.ongoing
    death = record.death
    fatal = death is not None and death.category == _KILLED[episode.scale]
    code = GRADED.get((episode.scale, episode.peak))
    yield _condition(
        frame, key, title, code, "resolved" if over else "active",
        onsetDateTime=frame.at(episode.onset_at),
        abatementDateTime=frame.at(episode.ended_at),
    )  # fmt: skip
    yield frame.entry(
        "event",
        key,
        "AdverseEvent",
        actuality="actual",
        event=concept(title, code),
        subject=frame.patient,
        date=frame.at(episode.onset_at),
        resultingCondition=[frame.ref("condition", key)],
        outcome=_outcome("fatal" if fatal else "resolved" if over else "ongoing"),
        suspectEntity=suspect,
    )


def _condition(
    frame: Frame, key: object, title: str, code: Code | None, stands: str, **dates: Any
) -> Resource:
    clinical = CONDITIONS[stands]
    return frame.entry(
        "condition",
        key,
        "Condition",
        clinicalStatus={"coding": [{"system": clinical.system, "code": clinical.code}]},
        code=concept(title, code),
        subject=frame.patient,
        **dates,
    )


def _outcome(name: str) -> dict[str, Any]:
    code = OUTCOMES[name]
    return {"coding": [{"system": code.system, "code": code.code}]}


def _grade(frame: Frame, grade: Standing) -> Resource:
    """The grade that stands; one that could still be more is preliminary, none is no zero."""
    status = Status.PROVISIONAL if grade.at_least else Status(grade.status)
    if grade.grade is not None and not grade.at_least:
        status = Status.FINAL
    return frame.entry(
        "grade",
        f"{grade.check}-{grade.scale}",
        "Observation",
        status=GRADES[status],
        code=concept(_("%(scale)s grade") % {"scale": _(SCALE_NAMES[grade.scale])}),
        subject=frame.patient,
        effectiveDateTime=frame.at(grade.at),
        valueInteger=grade.grade,
        dataAbsentReason=concept(_("not gradeable")) if grade.grade is None else None,
    )


def _infection(frame: Frame, infection: Infection) -> Iterator[Resource]:
    title = f"{_('Infection')}: {infection.get_organism_display()}, {infection.get_site_display()}"
    over, key = infection.ended_on is not None, f"infection-{infection.pk}"
    yield _condition(
        frame, key, title, None, "resolved" if over else "active",
        onsetDateTime=frame.on(infection.began_on),
        abatementDateTime=frame.on(infection.ended_on),
        severity=concept(infection.get_severity_display() or ""),
    )  # fmt: skip
    yield frame.entry(
        "event",
        key,
        "AdverseEvent",
        actuality="actual",
        event=concept(title),
        subject=frame.patient,
        date=frame.on(infection.began_on),
        resultingCondition=[frame.ref("condition", key)],
        outcome=_outcome("fatal" if infection.severity == 5 else "resolved" if over else "ongoing"),
    )


def _given(frame: Frame, treatment: Treatment) -> Resource:
    """One dose, or several equal ones of a day; the name that somebody typed stays here."""
    times, dose = treatment.times, quantity(treatment.dose, treatment.unit)
    repeated = _("%(times)s times that day") % {"times": times} if times > 1 else ""
    said = {
        "text": repeated,
        "route": concept(treatment.get_route_display()),
        "dose": dose,
    }
    day = frame.on(local_date(treatment.given_at, frame.zone))
    return frame.entry(
        "treatment",
        treatment.pk,
        "MedicationAdministration",
        status="completed",
        medicationCodeableConcept=concept(treatment.get_drug_display()),
        subject=frame.patient,
        effectiveDateTime=day if times > 1 else frame.at(treatment.given_at),
        reasonCode=[concept(treatment.get_purpose_display())],
        dosage=bare(said) if dose else None,
        note=[{"text": repeated}] if repeated and not dose else None,
    )
