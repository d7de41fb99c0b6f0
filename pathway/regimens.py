"""The doses of the protocol's lymphodepletion regimen, ordered when a course of it is opened."""

from datetime import datetime

from accounts.models import User
from pathway.domain.doses import Route
from pathway.domain.rules import PathwayRules
from pathway.dose_rows import add_dose
from pathway.loading import CourseState
from pathway.models import Companion
from protocol.selectors import settings_of


def order_regimen(state: CourseState, companion: Companion, actor: User, now: datetime) -> None:
    """Order every dose of the regimen on its day counted from day 0; the course is locked.

    No date is kept: what is not given moves with the planned day 0. The amount in mg is left open
    until somebody who knows the patient's surface says it.
    """
    rules = PathwayRules.of(settings_of(state.course.protocol))
    planned = [(day, drug) for drug in rules.lymphodepletion.drugs for day in drug.days.value]
    for day, drug in sorted(planned, key=lambda dose: dose[0]):
        add_dose(
            state.course,
            companion,
            "lymphodepletion",
            actor=actor,
            now=now,
            drug=drug.label.en,
            route=Route.INTRAVENOUS.value,
            planned_day=day,
            per_m2=drug.dose_mg_per_m2.value,
            ordered_by=actor.get_username(),
            source=companion.source,
        )
