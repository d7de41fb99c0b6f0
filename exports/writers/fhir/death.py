"""The death as an observation: the category of its cause, where and whether there was an autopsy.

The cause in somebody's words stays here.
"""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from exports.course_records import CourseRecord
from exports.writers.fhir.frame import Frame, Resource, concept


def resources(record: CourseRecord, frame: Frame) -> Iterator[Resource]:
    """Nothing for the living and the not known dead."""
    death = record.death
    if death is None:
        return
    yield frame.entry(
        "death",
        "",
        "Observation",
        status="final",
        code=concept(_("Category of the cause of death")),
        subject=frame.patient,
        effectiveDateTime=frame.on(death.died_on),
        valueCodeableConcept=concept(death.get_category_display()),
        component=[
            {
                "code": concept(_("Where")),
                "valueCodeableConcept": concept(death.get_setting_display()),
            },
            {
                "code": concept(_("Autopsy")),
                "valueCodeableConcept": concept(death.get_autopsy_display()),
            },
        ],
    )
