"""What was answered at a further dose to the checks of the gate, kept as at a move."""

from collections.abc import Iterable
from datetime import datetime

from accounts.models import User
from pathway.domain.gate_rules import Gate
from pathway.gating import keep_answers
from pathway.loading import CourseState
from pathway.loading_companions import CompanionRow
from pathway.transitions import MoveOrder
from terms.day_numbers import local_date
from terms.refusals import Refusal


def keep_answers_at(
    state: CourseState,
    row: CompanionRow,
    order: MoveOrder,
    asked: Iterable[Refusal],
    actor: User,
    now: datetime,
) -> None:
    """A reason against what the chart says holds for the next dose too, until more is known.

    Of the first dose the move that it makes keeps them.
    """
    if (row.machine, row.state) != ("lymphodepletion", "in_progress"):
        return
    codes, at = {refusal.code for refusal in asked}, order.happened_at
    given = {code: why.strip() for code, why in order.overrides.items() if code in codes}
    facts = state.facts(on=local_date(at, state.course.centre.zone), at=at)
    keep_answers(
        state, Gate.LYMPHODEPLETION, facts, given, at=at, actor=actor, now=now, source=order.source
    )
