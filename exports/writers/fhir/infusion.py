"""The infusion: a procedure, and what was given as a part of it.

Only one code of the infusion was read anywhere, and it says a peripheral vein: words are sent.
"""

from collections.abc import Iterator
from datetime import date

from django.utils.translation import gettext as _

from exports.course_records import CourseRecord
from exports.writers.fhir.codes import PRODUCTS
from exports.writers.fhir.course import ended_on, held_before_infusion
from exports.writers.fhir.frame import Frame, Resource, bare, concept, quantity
from exports.writers.fhir.statuses import ADMINISTERED, infusion_status
from pathway.models import Administration, Product
from patients.models.courses import AnchorKind


def resources(record: CourseRecord, frame: Frame) -> Iterator[Resource]:
    """Nothing before an infusion is planned or a bag is thawed."""
    anchor, product = record.anchor(AnchorKind.INFUSION), _bag(record)
    infused_on = anchor.actual_on if anchor else None
    state = product.state if product else ""
    status = infusion_status(
        infused=infused_on is not None,
        product=state,
        over=ended_on(record) is not None,
        held=held_before_infusion(record),
    )
    if anchor is None and status == "preparation":
        return
    on = infused_on or (anchor.planned_on if anchor else None)
    yield _procedure(record, frame, status, on, product)
    if status in ADMINISTERED and on is not None:
        yield _administration(record, frame, status, on, product)


def _bag(record: CourseRecord) -> Product | None:
    """The product that was infused, else the latest one."""
    return record.last(Product, state="infused") or record.last(Product)


def _paper(record: CourseRecord, product: Product | None) -> Administration | None:
    return record.last(Administration, product_id=product.pk) if product else None


def _procedure(
    record: CourseRecord, frame: Frame, status: str, on: date | None, product: Product | None
) -> Resource:
    paper = _paper(record, product) if status == "completed" else None
    times = bare(
        {
            "start": frame.at(paper.infusion_started_at) if paper else None,
            "end": frame.at(paper.infusion_ended_at) if paper else None,
        }
    )
    return frame.entry(
        "infusion",
        "",
        "Procedure",
        status=status,
        code=concept(_("Infusion of CAR-T cells")),
        subject=frame.patient,
        performedPeriod=times,
        performedDateTime=None if times else frame.on(on),
        reasonReference=[frame.ref("disease")],
    )


def _administration(
    record: CourseRecord, frame: Frame, status: str, on: date, product: Product | None
) -> Resource:
    name, paper = record.course.product, _paper(record, product)
    volume = quantity(paper.volume_ml, "mL") if paper and status == "completed" else None
    return frame.entry(
        "administration",
        "",
        "MedicationAdministration",
        partOf=[frame.ref("infusion")],
        status=ADMINISTERED[status],
        medicationCodeableConcept=concept(name, PRODUCTS.get(name)),
        subject=frame.patient,
        supportingInformation=[frame.ref("product", product.pk)] if product else None,
        effectiveDateTime=frame.on(on),
        dosage={"dose": volume} if volume else None,
    )
