"""The product: what it is and whether it can be used, its steps as a task, who checked it.

Lot, order and chain-of-identity number name one patient at the manufacturer: they stay here.
"""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from exports.course_records import CourseRecord
from exports.writers.fhir.codes import PRODUCTS
from exports.writers.fhir.frame import Frame, Resource, bare, concept
from exports.writers.fhir.statuses import PRODUCT_TASKS, product_status
from pathway.domain.identity_checks import KIND_NAMES
from pathway.domain.product import PRODUCT
from pathway.models import Collection, IdentityCheck, Product
from terms.day_numbers import local_date


def resources(record: CourseRecord, frame: Frame) -> Iterator[Resource]:
    """Every product that was ordered, then each check by two people that agreed."""
    for product in record.of(Product):
        yield _product(record, frame, product)
        yield _steps(record, frame, product)
    for check in record.of(IdentityCheck):
        yield from _checked(frame, check)


def _product(record: CourseRecord, frame: Frame, product: Product) -> Resource:
    made_of = record.last(Collection, attempt_id=product.collection_id)
    began = made_of.started_at if made_of else None
    collected = frame.on(local_date(began, frame.zone)) if began else None
    name = record.course.product
    return frame.entry(
        "product",
        product.pk,
        "BiologicallyDerivedProduct",
        productCategory="cells",
        productCode=concept(name, PRODUCTS.get(name)),
        status=product_status(product.state),
        collection=bare({"source": frame.patient, "collectedDateTime": collected}),
    )


def _steps(record: CourseRecord, frame: Frame, product: Product) -> Resource:
    ordered = local_date(product.created_at, frame.zone)
    step = record.reached("product", product.pk, product.state)
    return frame.entry(
        "product-task",
        product.pk,
        "Task",
        status=PRODUCT_TASKS[product.state],
        businessStatus=concept(_(PRODUCT.labels[PRODUCT.state(product.state)])),
        intent="order",
        code=concept(_(PRODUCT.label)),
        focus=frame.ref("product", product.pk),
        for_=frame.patient,
        authoredOn=frame.on(ordered),
        lastModified=frame.on(step.known_on) if step else None,
    )


def _checked(frame: Frame, check: IdentityCheck) -> Iterator[Resource]:
    scans = sorted(check.scans.all(), key=lambda scan: scan.number)
    if len(scans) < 2 or any(scan.mismatches for scan in scans):
        return
    readers = (_("First reader"), _("Second reader"))
    yield frame.entry(
        "check",
        check.pk,
        "Provenance",
        target=[frame.ref("product", check.product_id)],
        occurredDateTime=frame.at(scans[0].scanned_at),
        recorded=frame.at(scans[-1].scanned_at),
        activity=concept(_(KIND_NAMES[check.kind])),
        agent=[{"who": {"display": reader}} for reader in readers],
    )
