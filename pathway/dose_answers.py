"""What was answered at a further dose to the checks of the gate, kept as at a move."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from accounts.models import User
from pathway.domain.gate_rules import Gate
from pathway.dose_rounds import facts_of_dose, is_asked
from pathway.gating import keep_answers
from pathway.loading import CourseState
from pathway.loading_companions import CompanionRow
from terms.refusals import Refusal


class Answered(Protocol):
    """A dose as it was given, with the reasons for what was asked of it."""

    @property
    def given_at(self) -> datetime: ...

    @property
    def overrides(self) -> Mapping[str, str]: ...


def keep_answers_at(
    state: CourseState,
    row: CompanionRow,
    given: Answered,
    asked: Iterable[Refusal],
    actor: User,
    now: datetime,
    *,
    source: str = "",
) -> None:
    """A reason against what the chart says holds for the next dose too, until more is known.

    Of the first dose the move that it makes keeps them.
    """
    if not is_asked(row):
        return
    codes, at = {refusal.code for refusal in asked}, given.given_at
    answers = {code: why.strip() for code, why in given.overrides.items() if code in codes}
    facts = replace(facts_of_dose(state, row, at), subject=None)
    keep_answers(
        state, Gate.LYMPHODEPLETION, facts, answers, at=at, actor=actor, now=now, source=source
    )
