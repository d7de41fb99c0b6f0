"""What is against another course of a patient: asked by the page and by what opens one."""

from pathway.domain.spine import Stage
from pathway.models import Journey
from patients.models import Patient
from terms.refusals import Refusal
from terms.words import N_


def refuse_further(patient: Patient) -> list[Refusal]:
    """What is against another course of a locked patient: the death, or one under way."""
    refusals = []
    if patient.deaths.filter(withdrawn_at=None).exists():
        refusals.append(Refusal("patient_died", N_("The patient's death is recorded.")))
    if (
        Journey.objects.filter(course__patient=patient, active=True)
        .exclude(stage=Stage.FOLLOW_UP.value)
        .exists()
    ):
        refusals.append(
            Refusal("course_under_way", N_("Another course of this patient is under way."))
        )
    return refusals
