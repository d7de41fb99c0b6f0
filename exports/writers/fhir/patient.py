"""The patient without a name or a birth date: sex, age, and that and how somebody died."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from exports.course_records import CourseRecord
from exports.domain.pseudonyms import age_told
from exports.writers.fhir.frame import Frame, Resource, concept, quantity
from patients.models.courses import AnchorKind
from terms.day_numbers import whole_years_between


def resources(record: CourseRecord, frame: Frame) -> Iterator[Resource]:
    """The patient, then the age at the infusion, or at the referral before one."""
    death = record.death
    yield frame.entry(
        "patient",
        "",
        "Patient",
        identifier=[{"type": concept(_("Course code")), "value": frame.code}],
        gender=record.course.patient.sex,
        deceasedDateTime=frame.on(death.died_on) if death else None,
    )
    yield _age(record, frame)


def _age(record: CourseRecord, frame: Frame) -> Resource:
    course, day_zero = record.course, record.anchor(AnchorKind.INFUSION)
    infused_on = day_zero.actual_on if day_zero else None
    on = infused_on or course.referred_on
    told = age_told(whole_years_between(course.patient.birth_date, on))
    oldest = ">=" if told.endswith("+") else ""
    return frame.entry(
        "age",
        "",
        "Observation",
        status="final",
        code=concept(_("Age at the infusion") if infused_on else _("Age at the referral")),
        subject=frame.patient,
        effectiveDateTime=frame.on(on),
        valueQuantity=quantity(int(told.rstrip("+")), "a", oldest),
    )
