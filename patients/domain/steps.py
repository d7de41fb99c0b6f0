"""The steps of the pathway that can be held, and what a delay costs."""

from datetime import date
from enum import StrEnum

from terms.words import N_


class Step(StrEnum):
    """A step that a hold can stand before."""

    ELIGIBILITY = "eligibility"
    APHERESIS = "apheresis"
    BRIDGING = "bridging"
    LYMPHODEPLETION = "lymphodepletion"
    INFUSION = "infusion"


STEP_LABELS: dict[Step, str] = {
    Step.ELIGIBILITY: N_("Eligibility"),
    Step.APHERESIS: N_("Leukapheresis"),
    Step.BRIDGING: N_("Manufacturing and bridging"),
    Step.LYMPHODEPLETION: N_("Lymphodepletion"),
    Step.INFUSION: N_("Infusion"),
}


def days_lost(planned_on: date | None, new_date: date | None) -> int | None:
    """Whole days from the planned to the new date; None, never 0, when either is unknown.

    Negative when the step was brought forward.
    """
    if planned_on is None or new_date is None:
        return None
    return (new_date - planned_on).days
