"""The corrected time of a step with which something was given, against the doses on record."""

from datetime import date

from pathway.loading import CourseState
from pathway.models import Change
from terms.refusals import Refusal
from terms.words import N_

# Says of each dose when it was given; the others say when their treatment began.
_EACH = frozenset({("containment", "planned", "given"), ("containment", "given", "given")})
_BEGAN = frozenset(
    {("bridging", "planned", "running"), ("lymphodepletion", "planned", "in_progress")}
)


def against_doses(state: CourseState, change: Change, moved: Change) -> tuple[Refusal, ...]:
    """Washouts and intervals count doses: a day on which none was given is put right there first.

    What was entered with its past may lack doses that were given.
    """
    step = (change.machine, change.source, change.target)
    if step not in _EACH | _BEGAN or change.transcribed or change.happened_on == moved.happened_on:
        return ()
    row = next(row for row in state.of(change.machine) if row.pk == change.subject_id)
    days = sorted(dose.given_on for dose in row.doses if dose.given_on is not None)
    if not days or _agrees(step, moved.happened_on, days):
        return ()
    message = N_("The dose of this step is on record as given on %(on)s: correct the dose first.")
    near = min(days, key=lambda on: abs((on - change.happened_on).days))
    return (Refusal("dose_first", message, {"on": near}, field="happened_at"),)


def _agrees(step: tuple[str, str, str], on: date, days: list[date]) -> bool:
    """Whether the doses say the same; a treatment may be said to begin before its first dose."""
    if step in _EACH:
        return on in days
    return on == days[0] if step[0] == "lymphodepletion" else on <= days[0]
