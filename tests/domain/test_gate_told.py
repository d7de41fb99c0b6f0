"""The checks that did not stand at a dose told afterwards: asked until they stand."""

from dataclasses import replace

import pytest

from pathway.domain.doses import DoseFacts
from pathway.domain.gate_rules import Gate
from pathway.domain.gate_told import checks_behind, still_open
from pathway.domain.gates import round_of
from tests.domain.course_facts import companion
from tests.domain.test_gates import with_checks

GATE = Gate.LYMPHODEPLETION


def told(*checks: str) -> DoseFacts:
    """A dose past these checks, and past a guard that is no check."""
    asked = [{"check": code, "code": f"gate_{code}"} for code in checks]
    return DoseFacts(1, 1, "fludarabine", answers=(*asked, {"check": "", "code": "first_dose"}))


@pytest.mark.parametrize(
    ("checks", "without", "found"),
    [
        ((), "infection", []),
        (("infection",), "infection", ["infection"]),
        (("infection", "gvhd"), "infection", ["infection"]),  # the other one stands by now
        (("gvhd",), "infection", []),  # never asked about: the gate itself did
        (("product", "infection"), "", []),  # of the product every dose asks
        (("gone",), "infection", []),  # no check of this version any more
    ],
)
def test_only_what_did_not_stand_then_and_does_not_now_is_open(
    checks: tuple[str, ...], without: str, found: list[str]
) -> None:
    begun = companion("in_progress", doses=(told(*checks),))
    seen = with_checks(without=without, subject=begun, depletions=(begun,), products=())
    assert [check.code for check in still_open(GATE, seen)] == found


def test_without_a_subject_nothing_was_told() -> None:
    assert still_open(GATE, with_checks(without="infection", subject=None)) == ()


def test_each_refusal_is_of_a_check_by_its_code() -> None:
    seen = replace(with_checks(without="infection", products=()), depletions=())
    behind = checks_behind(GATE, seen)
    assert behind["gate_infection"].code == "infection"
    assert behind["since_infection"].code == "infection"
    assert "product" in {check.code for code, check in behind.items() if "since" not in code}
    assert "gate_gvhd" not in behind


@pytest.mark.parametrize("state", ["planned", "in_progress", "complete"])
def test_what_was_told_beside_another_is_no_round_of_its_own(state: str) -> None:
    told_late, other = companion("stopped", pk=1), companion(state, pk=2)
    seen = with_checks(depletions=(replace(told_late, beside=True), other))
    before = with_checks(depletions=(replace(told_late, state="cancelled"), other))
    for gate in (Gate.LYMPHODEPLETION, Gate.INFUSION):
        assert round_of(gate, seen) == round_of(gate, before) == 1
    assert round_of(Gate.LYMPHODEPLETION, with_checks(depletions=(told_late, other))) == 2
