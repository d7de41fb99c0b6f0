"""One course of lymphodepletion: its states and its table of moves."""

from enum import StrEnum

from pathway.domain import dose_guards as d
from pathway.domain import guards as g
from pathway.domain import product_guards as p
from pathway.domain.gate_rules import Gate
from pathway.domain.gates import gate_passed
from pathway.domain.machine import Machine, Move
from terms.roles import Role
from terms.words import N_

_HA, _WN = Role.HAEMATOLOGIST, Role.WARD_NURSE
_ALIVE = (g.patient_alive,)
_NOT_BEGUN = (*_ALIVE, d.no_dose_stands)


class Depletion(StrEnum):
    """One course of lymphodepletion."""

    PLANNED = "planned"
    IN_PROGRESS = "in_progress"
    COMPLETE = "complete"
    STOPPED = "stopped"
    CANCELLED = "cancelled"


# An end that was recorded by a slip leads back to the state it was recorded from.
_SLIPS = tuple(
    Move(
        end,
        state,
        (_HA,),
        (
            p.slip_from(state.value),
            *_ALIVE,
            g.stage_is("lymphodepletion"),
            p.nothing_followed,
            d.no_other_depletion,
        ),
        back=True,
    )
    for end, state in (
        (Depletion.COMPLETE, Depletion.IN_PROGRESS),
        (Depletion.STOPPED, Depletion.IN_PROGRESS),
        (Depletion.CANCELLED, Depletion.PLANNED),
    )
)
LYMPHODEPLETION: Machine[Depletion] = Machine(
    name="lymphodepletion",
    label=N_("Lymphodepletion"),
    states=Depletion,
    starts=(Depletion.PLANNED,),
    ends=frozenset({Depletion.COMPLETE, Depletion.STOPPED, Depletion.CANCELLED}),
    moves=(
        Move(
            Depletion.PLANNED,
            Depletion.IN_PROGRESS,
            (_HA, _WN),
            (
                *_ALIVE,
                g.stage_is("lymphodepletion"),
                g.product_on_site,
                d.product_lasts,
                g.no_hold_on("lymphodepletion", "infusion"),
                d.first_dose_on_its_day,
            ),
            checklists=(gate_passed(Gate.LYMPHODEPLETION, again=True),),
        ),
        Move(Depletion.PLANNED, Depletion.CANCELLED, (_HA,), _NOT_BEGUN, reasoned=True),
        Move(
            Depletion.IN_PROGRESS,
            Depletion.COMPLETE,
            (_HA, _WN),
            (*_ALIVE, d.depletion_doses_settled, d.after_last_dose),
        ),
        Move(Depletion.IN_PROGRESS, Depletion.STOPPED, (_HA,), _ALIVE, reasoned=True),
        *_SLIPS,
    ),
    labels={
        Depletion.PLANNED: N_("Planned"),
        Depletion.IN_PROGRESS: N_("Doses being given"),
        Depletion.COMPLETE: N_("Complete"),
        Depletion.STOPPED: N_("Stopped"),
        Depletion.CANCELLED: N_("Cancelled"),
    },
)
