"""The facts of a dose of lymphodepletion in its own round of the gate, also once it is over."""

from dataclasses import replace
from datetime import datetime

from pathway.domain.facts import CourseFacts
from pathway.domain.spine import Stage
from pathway.loading import CourseState
from pathway.loading_companions import CompanionRow
from terms.day_numbers import local_date

_OVER = frozenset({"complete", "stopped"})


def is_asked(row: CompanionRow) -> bool:
    """Whether its further doses are asked about; of one that was transcribed as over, none is."""
    if row.machine != "lymphodepletion":
        return False
    over = row.state in _OVER and not row.transcribed
    return over or row.state == "in_progress"


def facts_of_dose(state: CourseState, row: CompanionRow, at: datetime) -> CourseFacts:
    """What stands for a dose `at`; a lymphodepletion that is over keeps the checks of its round."""
    facts = state.facts(on=local_date(at, state.course.centre.zone), subject=row, at=at)
    if row.state not in _OVER:
        return facts
    own = tuple(one for one in facts.depletions if one.pk <= row.pk)
    stage = Stage.LYMPHODEPLETION.value
    return replace(facts, stage=stage, prepared_since=None, depletions=own)
