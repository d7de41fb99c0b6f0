"""Whether a patient is alive and a course goes on, as far as is recorded, and what that forbids."""

from collections.abc import Collection
from datetime import date

from audit.prepared import Prepared
from patients.models import Course, Death, Patient
from terms.partial_dates import PartialDate
from terms.refusals import Refusal
from terms.words import N_


def standing_death(patient: Patient) -> Death | None:
    """The recorded death that nobody withdrew; None for the living and the not known dead."""
    return next(iter(_DEATH(patient.pk)), None)


_DEATH = Prepared(
    lambda patient: Death.objects.filter(patient=patient, withdrawn_at=None).order_by("pk")
)


def death_cause(death: Death) -> str:
    """The key under which whatever this death closes is opened again."""
    return f"death:{death.pk}"


def refuse_for_the_dead(patient: Patient) -> list[Refusal]:
    """One refusal when the patient's death is recorded: nothing ahead can be planned or held."""
    death = standing_death(patient)
    if death is None:
        return []
    return [
        Refusal(
            code="patient_died",
            message=N_("The patient died on %(on)s."),
            params={"on": death.died_on},
        )
    ]


def refuse_when_over(course: Course) -> list[Refusal]:
    """Refusals when the patient died or `course` ended: nothing ahead can be planned or held."""
    refusals = refuse_for_the_dead(course.patient)
    if course.closed_on is not None:
        refusals.append(
            Refusal(
                code="course_ended",
                message=N_("The course ended on %(on)s."),
                params={"on": course.closed_on},
            )
        )
    return refusals


def refuse_after_death(on: date | PartialDate, patient: Patient, field: str) -> list[Refusal]:
    """One refusal when every date `on` can be lies after the patient's recorded death."""
    return refuse_after(on, standing_death(patient), field)


def refuse_after(on: date | PartialDate, death: Death | None, field: str) -> list[Refusal]:
    """The same for a death that is known already, or for none."""
    first = on.earliest() if isinstance(on, PartialDate) else on
    if death is None or first <= death.died_on:
        return []
    return [
        Refusal(code="after_death", message=N_("This is after the patient's death."), field=field)
    ]


def standing_deaths(patients: Collection[int]) -> dict[int, Death]:
    """The deaths of some patients that nobody withdrew, by patient, in one query."""
    deaths = Death.objects.filter(patient__in=patients, withdrawn_at=None)
    return {death.patient_id: death for death in deaths}
