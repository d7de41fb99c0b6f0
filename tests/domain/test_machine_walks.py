"""Ten thousand walks of fifty steps: random targets and roles never lead off the oracle.

A walk is a string of bytes, three for each step, so that drawing one costs next to nothing and a
failing one shrinks to the steps that matter.
"""

from dataclasses import replace
from datetime import timedelta
from itertools import product as pairs
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pathway.domain.companions import COMPANIONS
from pathway.domain.facts import CourseFacts
from pathway.domain.machine import Machine, against
from pathway.domain.spine import SPINE
from terms.refusals import Kind
from terms.roles import Role
from tests.domain.course_facts import DAY, companion, facts
from tests.domain.who_may_move import MAY

WALKS, STEPS = 10_000, 50
MACHINES: dict[str, Machine[Any]] = {"journey": SPINE, **COMPANIONS}
NAMES, ROLES = tuple(MACHINES), tuple(Role)


def test_the_tables_let_exactly_those_move_whom_the_oracle_names() -> None:
    assert set(MAY) == set(MACHINES)
    for name, machine in MACHINES.items():
        table = {(m.source.value, m.target.value): frozenset(m.roles) for m in machine.moves}
        assert table == MAY[name], name


@pytest.mark.parametrize("name", NAMES)
def test_every_pair_of_states_refuses_every_role_that_the_oracle_does_not_name(name: str) -> None:
    machine = MACHINES[name]
    for source, target, role in pairs(machine.labels, machine.labels, Role):
        move = machine.find(source, target)
        may = MAY[name].get((source.value, target.value))
        assert (move is None) is (may is None), f"{source}→{target}"
        if move is not None and may is not None:
            refused = {r.code for r in against(move, facts(), frozenset({role}))}
            assert ("role" not in refused) is (role in may), f"{source}→{target} by {role}"


def _spoilt(stage: str) -> tuple[CourseFacts, ...]:
    """A course on which nothing stands in the way, and the same spoilt in one way each."""
    clean = facts(stage)
    return (
        clean,
        replace(clean, deceased=True),
        replace(clean, identity_verified=False, birth_date=DAY - timedelta(days=3000)),
        replace(clean, products=(), attempts=()),
        replace(clean, products=(companion("infused"),), infused_on=DAY),
        replace(clean, depletions=(companion("in_progress"),), bridgings=(companion("running"),)),
        replace(clean, in_hospital=True, ever_admitted=False),
        replace(clean, reviews=(companion("deferred"),), containments=(companion("planned"),)),
    )


FACTS = {state.value: _spoilt(state.value) for state in SPINE.states}
STAGES = tuple(FACTS)


@pytest.mark.no_cover
@settings(max_examples=WALKS)
@given(
    name=st.sampled_from(NAMES),
    stage=st.sampled_from(STAGES),
    walk=st.binary(min_size=3 * STEPS, max_size=3 * STEPS),
)
def test_no_walk_leaves_the_oracle(name: str, stage: str, walk: bytes) -> None:
    machine, may = MACHINES[name], MAY[name]
    states = tuple(machine.labels)
    state = machine.starts[walk[0] % len(machine.starts)]
    for step in range(0, 3 * STEPS, 3):
        target = states[walk[step] % len(states)]
        role = ROLES[walk[step + 1] % len(ROLES)]
        given_facts = FACTS[state.value if name == "journey" else stage][walk[step + 2] % 8]
        move = machine.find(state, target)
        if move is None:
            assert (state.value, target.value) not in may
            continue
        refusals = against(move, given_facts, frozenset({role}))
        assert all(refusal.code and refusal.message for refusal in refusals)
        if role not in may[state.value, target.value]:
            assert refusals[0].code == "role"
            assert refusals[0].who_may == move.roles
        elif all(refusal.kind is Kind.SOFT for refusal in refusals):
            assert not given_facts.deceased or name == "product"
            state = target
