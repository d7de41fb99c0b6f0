"""Results: laboratory values, marrow, images, cerebrospinal fluid; relapses and transplants."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from exports.course_records import CourseRecord
from exports.writers.fhir.codes import ANALYTES, DISEASE_STATUS, FULL_REMISSION, MARROW_BLASTS, Code
from exports.writers.fhir.frame import Frame, Resource, concept, quantity
from patients.domain.ranges import Ranges
from patients.models import (
    CsfResult,
    ImagingResult,
    LabResult,
    MarrowResult,
    Relapse,
    Transplant,
)
from patients.models.results import CsfTest, MrdStatus
from protocol.selectors import settings_if_readable


def resources(record: CourseRecord, frame: Frame) -> Iterator[Resource]:
    """Every result that stands, dated as far as it is known."""
    read = settings_if_readable(record.course.protocol)
    labels = read.section("ranges", Ranges).labels if read else {}
    for lab in record.of(LabResult):
        yield _lab(frame, lab, labels.get(lab.analyte, lab.analyte))
    for marrow in record.of(MarrowResult):
        yield from _marrow(frame, marrow)
    yield from (_image(frame, image) for image in record.of(ImagingResult))
    yield from (_csf(frame, csf) for csf in record.of(CsfResult))
    yield from (_relapse(frame, relapse) for relapse in record.of(Relapse))
    yield from (_transplant(frame, transplant) for transplant in record.of(Transplant))


def _seen(
    frame: Frame, kind: str, row: Any, code: dict[str, Any] | None, **fields: Any
) -> Resource:
    return frame.entry(
        kind,
        row.pk,
        "Observation",
        status="final",
        code=code,
        subject=frame.patient,
        effectiveDateTime=frame.partial(row.on),
        **fields,
    )


def _lab(frame: Frame, lab: LabResult, label: object) -> Resource:
    """A number, a limit, an answer, or both: then the answer stands beside the number."""
    answer = concept(lab.get_result_display())
    value = quantity(lab.value, lab.unit, lab.comparator)
    code = concept(label, ANALYTES.get((lab.analyte, lab.unit)))
    said = {"valueQuantity": value} if value else {"valueCodeableConcept": answer}
    beside = [answer] if value and answer else None
    return _seen(frame, "lab", lab, code, **said, interpretation=beside)


def _marrow(frame: Frame, marrow: MarrowResult) -> Iterator[Resource]:
    """Response with residual disease; what was not assessed is absent, never negative."""
    full: Code | None = FULL_REMISSION if marrow.remission == "cr" else None
    mrd = MrdStatus(marrow.mrd)
    component = {
        "code": concept(_("Measurable residual disease")),
        "valueCodeableConcept": concept(mrd.label),
    }
    if marrow.remission:
        yield _seen(
            frame, "marrow", marrow, concept(_("Disease status"), DISEASE_STATUS),
            valueCodeableConcept=concept(marrow.get_remission_display(), full),
            component=[component],
        )  # fmt: skip
    else:
        yield _seen(frame, "marrow", marrow, concept(_("Bone marrow")), component=[component])
    if marrow.blasts_percent is not None:
        code = concept(_("Blasts in the marrow"), MARROW_BLASTS)
        value = quantity(marrow.blasts_percent, "%")
        yield _seen(frame, "blasts", marrow, code, valueQuantity=value)


def _image(frame: Frame, image: ImagingResult) -> Resource:
    part = {
        "code": concept(_("Ejection fraction")),
        "valueQuantity": quantity(image.lvef_percent, "%"),
    }
    return _seen(
        frame, "image", image, concept(image.get_kind_display()),
        valueCodeableConcept=concept(image.get_finding_display()),
        component=[part] if image.lvef_percent is not None else None,
    )  # fmt: skip


def _csf(frame: Frame, csf: CsfResult) -> Resource:
    tests = ((_("cytology"), csf.cytology), (_("flow cytometry"), csf.flow))
    return _seen(
        frame, "csf", csf, concept(_("Cerebrospinal fluid")),
        component=[
            {"code": concept(name), "valueCodeableConcept": concept(CsfTest(found).label)}
            for name, found in tests
        ],
    )  # fmt: skip


def _relapse(frame: Frame, relapse: Relapse) -> Resource:
    kind = concept(relapse.get_kind_display())
    return _seen(
        frame, "relapse", relapse, concept(_("Relapse, refractory or residual disease")),
        valueCodeableConcept=kind,
    )  # fmt: skip


def _transplant(frame: Frame, transplant: Transplant) -> Resource:
    """What was given; donor and conditioning are in somebody's words and stay here."""
    return frame.entry(
        "transplant",
        transplant.pk,
        "Procedure",
        status="completed",
        code=concept(transplant.get_kind_display()),
        subject=frame.patient,
        performedDateTime=frame.partial(transplant.on),
        reasonCode=[concept(transplant.get_purpose_display())] if transplant.purpose else None,
    )
