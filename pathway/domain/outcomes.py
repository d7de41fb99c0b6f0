"""What became of an enrolled course, counted by intention to treat."""

from enum import StrEnum

from terms.words import N_


class Outcome(StrEnum):
    """Whether the cells were given."""

    INFUSED = "infused"
    UNDER_WAY = "under_way"
    NEVER_INFUSED = "never_infused"


OUTCOME_LABELS = {
    Outcome.INFUSED: N_("Infused"),
    Outcome.UNDER_WAY: N_("Under way"),
    Outcome.NEVER_INFUSED: N_("Never infused"),
}


def outcome_of(*, infused: bool, ended: bool, died: bool) -> Outcome:
    """A course that ended, or whose patient died, without an infusion was never infused."""
    if infused:
        return Outcome.INFUSED
    return Outcome.NEVER_INFUSED if ended or died else Outcome.UNDER_WAY
