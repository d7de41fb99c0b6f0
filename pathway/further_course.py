"""What is against another course of a patient: asked by the page and by what opens one anew.

The way back from an exit asks the same by its guard, see pathway/domain/guards.py.
"""

from django.db.models import QuerySet

from pathway.domain.guards import another_under_way
from pathway.domain.spine import SPINE, Stage
from pathway.models import Journey
from patients.models import Patient
from patients.objections import Asked
from terms.refusals import Refusal
from terms.words import N_


def refuse_further(patient: Patient) -> list[Refusal]:
    """What is against another course of a locked patient: the death, or one under way."""
    refusals = []
    if patient.deaths.filter(withdrawn_at=None).exists():
        refusals.append(Refusal("patient_died", N_("The patient's death is recorded.")))
    if _under_way(patient).exists():
        refusals.append(another_under_way())
    return refusals


def refuse_resuming(asked: Asked) -> list[Refusal]:
    """What is against a course that was marked as entered in error going on where it stood."""
    stage = Stage(Journey.objects.get(course=asked.course).stage)
    if stage in SPINE.ends or stage is Stage.FOLLOW_UP:
        return []
    others = _under_way(asked.course.patient).exclude(course=asked.course)
    return [another_under_way()] if others.exists() else []


def _under_way(patient: Patient) -> "QuerySet[Journey]":
    active = Journey.objects.filter(course__patient=patient, active=True)
    return active.exclude(stage=Stage.FOLLOW_UP.value)
