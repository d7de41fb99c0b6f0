"""What guards say where the day of a transcribed step is not known: they ask, never pass."""

from datetime import date, timedelta

import pytest

from pathway.domain import collection_guards as c
from pathway.domain import guards as g
from pathway.domain.facts import CompanionFacts, CourseFacts
from pathway.domain.machine_types import Guard
from terms.refusals import Kind
from tests.domain.course_facts import DAY, companion, facts


def undated(state: str, *states: str, **reached: date) -> CompanionFacts:
    return companion(
        state, reached=reached, undated=frozenset(states), transcribed=frozenset({state})
    )


CASES: list[tuple[Guard, CourseFacts, str]] = [
    (
        g.depletion_interval,
        facts(depletions=(undated("complete", "complete"),)),
        "depletion_end_unknown",
    ),
    (
        g.depletion_complete,
        facts(depletions=(undated("complete", "in_progress"),), prepared_since=DAY),
        "depletion_start_unknown",
    ),
    (
        g.bridging_doses_known,
        facts(bridgings=(undated("closed", "running", "closed"),)),
        "last_dose_unknown",
    ),
    (
        c.collection_of_this_round,
        facts(attempts=(undated("adequate", "adequate"),), stage_since=DAY),
        "collection_day_unknown",
    ),
]


@pytest.mark.parametrize(("guard", "spoilt", "code"), CASES)
def test_a_guard_asks_where_a_day_is_not_known(
    guard: Guard, spoilt: CourseFacts, code: str
) -> None:
    refusal = guard(spoilt)
    assert refusal is not None
    assert (refusal.code, refusal.kind) == (code, Kind.SOFT)
    assert "haematologist" in refusal.who_may


def test_an_unknown_start_matters_only_where_rounds_are_told_apart() -> None:
    given = undated("complete", "in_progress", complete=DAY - timedelta(days=2))
    assert g.depletion_complete(facts(depletions=(given,))) is None


def test_a_companion_came_to_a_state_on_a_known_day_or_not() -> None:
    one = companion("closed", reached={"closed": DAY}, undated=frozenset({"running"}))
    assert one.came_to("closed")
    assert one.came_to("running")
    assert not one.came_to("planned")
