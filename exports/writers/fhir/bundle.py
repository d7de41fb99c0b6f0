"""One course as a FHIR bundle of the type collection; what is in it refers only to itself."""

from datetime import datetime
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from exports.course_records import SOURCES, CourseRecord
from exports.writers.fhir import (
    companions,
    course,
    death,
    doses,
    infusion,
    patient,
    product,
    reminders,
    results,
    toxicity,
)
from exports.writers.fhir.frame import Frame
from patients.models import Consent, TherapyLine
from terms.day_numbers import local_date

MEDIA_TYPE = "application/fhir+json"
# What no resource is made of.
_LEFT_OUT = frozenset({Consent, TherapyLine})
MODELS = tuple(model for model in SOURCES if model not in _LEFT_OUT)


def bundle(
    record: CourseRecord, *, code: str, now: datetime, shift_days: int = 0
) -> dict[str, Any]:
    """The course under `code`, every date moved by `shift_days`, but not that of the bundle.

    No name, no birth date, no number of a label, nothing that somebody wrote in own words.
    """
    zone = record.course.centre.zone
    frame = Frame(code, zone, local_date(now, zone), shift_days, record.telling)
    activities = [*companions.activities(record, frame), *reminders.activities(record, frame)]
    return {
        "resourceType": "Bundle",
        "meta": {"tag": [{"display": _("Coded: no names, no birth date")}]},
        "language": (get_language() or "en").split("-")[0],
        "type": "collection",
        "timestamp": now.astimezone(zone).isoformat(timespec="seconds"),
        "entry": [
            *patient.resources(record, frame),
            *course.resources(record, frame, activities),
            *companions.resources(record, frame),
            *doses.resources(record, frame),
            *product.resources(record, frame),
            *infusion.resources(record, frame),
            *toxicity.resources(record, frame),
            *results.resources(record, frame),
            *reminders.resources(record, frame),
            *death.resources(record, frame),
        ],
    }
