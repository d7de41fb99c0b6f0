"""The machines: structure, a hand-written oracle of legal moves, and from × to × role."""

from enum import StrEnum
from itertools import product as pairs
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pathway.domain.companions import CLOSED_BY_EXIT, COMPANIONS
from pathway.domain.machine import BrokenTable, Machine, Move, against
from pathway.domain.machine_types import NOT_THE_WAY_BACK
from pathway.domain.spine import EXITS, SPINE, SPINE_ORDER, Stage
from terms.roles import Role
from tests.domain.course_facts import NOON, companion, facts

# Written from Figure 2 and the pathway reference by hand, not from the table.
LEGAL_SPINE = {
    "referral": "eligibility declined withdrawn",
    "eligibility": "apheresis declined withdrawn",
    "apheresis": "bridging eligibility declined withdrawn",
    "bridging": "lymphodepletion apheresis eligibility declined withdrawn",
    "lymphodepletion": "infusion bridging declined withdrawn",
    "infusion": "follow_up lymphodepletion withdrawn lost",
    "follow_up": "completed withdrawn lost",
    "completed": "follow_up",
    "declined": "referral eligibility apheresis bridging lymphodepletion",
    "withdrawn": "referral eligibility apheresis bridging lymphodepletion infusion follow_up",
    "lost": "infusion follow_up",
}
LEGAL_COMPANIONS = {
    "eligibility": {
        "enrolled": "assessing closed",
        "assessing": "mdt_review closed",
        "mdt_review": "accepted deferred not_eligible closed",
        "accepted": "assessing closed",
        "deferred": "assessing closed",
        "not_eligible": "assessing closed",
        "closed": "",
    },
    "containment": {
        "not_needed": "planned closed",
        "planned": "given cancelled",
        "given": "given closed",
        "closed": "",
        "cancelled": "",
    },
    "apheresis": {
        "scheduled": "cleared cancelled",
        "cleared": "in_progress scheduled cancelled",
        "in_progress": "completed aborted",
        "completed": "adequate inadequate",
        "adequate": "completed",
        "inadequate": "completed",
        "aborted": "in_progress",
        "cancelled": "scheduled cleared",
    },
    "product": {
        "ordered": "material_shipped cancelled",
        "material_shipped": "at_manufacturer material_excursion discarded",
        "material_excursion": "at_manufacturer rejected discarded",
        "at_manufacturer": "manufacturing rejected discarded",
        "manufacturing": "qc failed discarded",
        "qc": "released oos failed discarded",
        "oos": "oos_accepted discarded",
        "oos_accepted": "shipped_to_site discarded",
        "released": "shipped_to_site discarded",
        "shipped_to_site": "received product_excursion quarantined discarded",
        "product_excursion": "quarantined discarded",
        "received": "stored quarantined discarded",
        "quarantined": "stored discarded thawing",
        "stored": "thawing quarantined discarded",
        "thawing": "infused wasted quarantined",
        "infused": "",
        "failed": "manufacturing qc",
        "rejected": "material_excursion at_manufacturer",
        "discarded": "oos quarantined stored material_shipped material_excursion at_manufacturer "
        "manufacturing qc released oos_accepted shipped_to_site product_excursion received",
        "wasted": "thawing",
        "cancelled": "ordered",
    },
    "bridging": {
        "none": "",
        "planned": "running cancelled",
        "running": "on_hold closed stopped_early",
        "on_hold": "running stopped_early",
        "closed": "",
        "stopped_early": "",
        "cancelled": "",
    },
    "lymphodepletion": {
        "planned": "in_progress cancelled",
        "in_progress": "complete stopped",
        "complete": "in_progress",
        "stopped": "in_progress",
        "cancelled": "planned",
    },
}
MACHINES: dict[str, Machine[Any]] = {"journey": SPINE, **COMPANIONS}
ORACLE = {"journey": LEGAL_SPINE, **LEGAL_COMPANIONS}
# Nobody else may bring the spine forward, out or back.
SPINE_ROLES = {
    ("apheresis", "bridging"): {Role.COORDINATOR, Role.HAEMATOLOGIST, Role.CELL_LAB},
    ("bridging", "lymphodepletion"): {Role.HAEMATOLOGIST},
    ("lymphodepletion", "infusion"): {Role.HAEMATOLOGIST, Role.WARD_NURSE},
    ("infusion", "follow_up"): {Role.HAEMATOLOGIST},
}


@pytest.mark.parametrize("name", MACHINES)
def test_the_table_holds_exactly_the_legal_moves(name: str) -> None:
    machine = MACHINES[name]
    assert {state.value for state in machine.states} == set(ORACLE[name])
    for source, target in pairs(machine.labels, machine.labels):
        legal = target.value in ORACLE[name][source.value].split()
        assert (machine.find(source, target) is not None) is legal, f"{source}→{target}"


def test_every_spine_move_is_refused_to_every_other_role() -> None:
    for source, target, role in pairs(Stage, Stage, Role):
        move = SPINE.find(source, target)
        if move is None:
            continue
        expected = SPINE_ROLES.get((source, target), {Role.COORDINATOR, Role.HAEMATOLOGIST})
        if target is Stage.DECLINED:
            expected = {Role.HAEMATOLOGIST}
        codes = {refusal.code for refusal in against(move, facts(source), frozenset({role}))}
        assert ("role" not in codes) is (role in expected), f"{source}→{target} by {role}"


@pytest.mark.parametrize("role", Role)
def test_a_role_refusal_names_who_may(role: Role) -> None:
    for machine in MACHINES.values():
        for move in machine.moves:
            if role in move.roles:
                continue
            refusal = against(move, facts(), frozenset({role}))[0]
            assert refusal.code == "role"
            assert refusal.who_may == tuple(move.roles)


def test_data_manager_and_administrator_move_nothing() -> None:
    idle = {Role.DATA_MANAGER, Role.CENTRE_ADMIN}
    assert not [m for machine in MACHINES.values() for m in machine.moves if idle & set(m.roles)]


def test_moves_back_and_exits_need_a_reason() -> None:
    order = {stage: index for index, stage in enumerate(SPINE_ORDER)}
    for move in SPINE.moves:
        leaves = move.target in EXITS
        returns = move.source in EXITS or order.get(move.target, 99) < order[move.source]
        assert move.needs_reason is (leaves or returns), f"{move.source}→{move.target}"


def test_from_an_exit_only_the_stage_it_left_is_offered() -> None:
    left = facts("withdrawn", left_stage="bridging")
    options = SPINE.moves_from(Stage.WITHDRAWN, left, frozenset({"coordinator"}))
    assert [option.move.target for option in options] == [Stage.BRIDGING]
    move = SPINE.find(Stage.WITHDRAWN, Stage.APHERESIS)
    assert move is not None
    assert NOT_THE_WAY_BACK in {r.code for r in against(move, left, frozenset({"coordinator"}))}


def test_the_way_forward_is_open_when_nothing_stands_against_it() -> None:
    roles = frozenset(role.value for role in Role)
    for source, target in pairs(SPINE_ORDER[:6], SPINE_ORDER[1:7]):
        move = SPINE.find(source, target)
        if move is not None and not move.back:
            given = facts(source, at=NOON)
            if source is Stage.INFUSION:
                given = facts(source, products=(companion("infused"),))
            assert against(move, given, roles) == (), f"{source}→{target}"


def test_an_exit_closes_only_states_from_which_the_table_or_nothing_leads_there() -> None:
    for name, closing in CLOSED_BY_EXIT.items():
        ends = COMPANIONS[name].ends
        for source, target in closing.items():
            assert COMPANIONS[name].state(source) not in ends
            assert COMPANIONS[name].state(target) in ends


class Lamp(StrEnum):
    """A machine small enough to break in every way."""

    OFF = "off"
    ON = "on"
    BROKEN = "broken"


_ON = Move(Lamp.OFF, Lamp.ON, (Role.QUALITY,))
_BREAKS = Move(Lamp.ON, Lamp.BROKEN, (Role.QUALITY,))


@pytest.mark.parametrize(
    ("moves", "fault"),
    [
        ((_ON, _ON, _BREAKS), "off→on twice"),
        ((_ON,), "broken cannot be reached"),
        ((_ON, Move(Lamp.OFF, Lamp.BROKEN, (Role.QUALITY,))), "on has no way out and is no end"),
        ((_ON, _BREAKS, Move(Lamp.BROKEN, Lamp.OFF, (Role.QUALITY,))), "broken is an end with"),
        ((_ON, Move(Lamp.ON, Lamp.BROKEN, ())), "on→broken has nobody who may"),
    ],
)
def test_a_contradictory_table_is_refused_by_name(
    moves: tuple[Move[Lamp], ...], fault: str
) -> None:
    with pytest.raises(BrokenTable, match=fault):
        _lamp(moves)


def test_a_state_without_a_label_is_refused() -> None:
    with pytest.raises(BrokenTable, match="off has no label"):
        _lamp((_ON, _BREAKS), labels={Lamp.ON: "on", Lamp.BROKEN: "broken"})


def _lamp(moves: tuple[Move[Lamp], ...], labels: dict[Lamp, str] | None = None) -> Machine[Lamp]:
    return Machine(
        name="lamp",
        label="Lamp",
        states=Lamp,
        starts=(Lamp.OFF,),
        ends=frozenset({Lamp.BROKEN}),
        moves=moves,
        labels={state: state.value for state in Lamp} if labels is None else labels,
    )


@given(st.sampled_from(sorted(MACHINES)), st.data())
def test_a_random_walk_of_offered_moves_stays_inside_the_oracle(
    name: str, data: st.DataObject
) -> None:
    machine, roles = MACHINES[name], frozenset(role.value for role in Role)
    state, left = machine.starts[0], ""
    for _ in range(25):
        options = machine.moves_from(state, facts(state, left_stage=left), roles)
        if not options:
            assert state in machine.ends
            return
        option = data.draw(st.sampled_from(options))
        assert option.move.target.value in ORACLE[name][state.value].split()
        assert option.allowed is (not option.hard)
        assert len(option.hard) + len(option.soft) == len(option.refusals)
        state, left = option.move.target, state.value
