"""How many reasons a step can ask for: more than any gate and move of ours ask, and bounded."""

import copy
from itertools import chain

from pathway.domain.asking import MOST_CHECKS, MOST_WARNINGS
from pathway.domain.companions import COMPANIONS
from pathway.domain.spine import SPINE
from tests.domain.test_protocol_loading import DATA, said


def test_no_move_has_more_guards_than_may_warn() -> None:
    moves = chain(SPINE.moves, *(machine.moves for machine in COMPANIONS.values()))
    assert max(len(move.guards) for move in moves) < MOST_WARNINGS // 2


def test_a_gate_with_more_checks_than_a_request_answers_is_faulty() -> None:
    data = copy.deepcopy(DATA)
    gate = data["gates"]["collection"]
    assert max(len(checks) for checks in data["gates"].values()) < MOST_CHECKS // 2
    gate |= {f"more_{number}": gate["access"] for number in range(MOST_CHECKS - len(gate))}
    assert said(data) == []
    gate["one_more"] = gate["access"]
    assert said(data) == [f"file.toml: gates.collection: holds at most {MOST_CHECKS} checks"]
