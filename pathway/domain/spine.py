"""The spine of Figure 2: the stages of a journey and the moves between them."""

from enum import StrEnum

from pathway.domain import collection_guards as c
from pathway.domain import dose_guards as d
from pathway.domain import guards as g
from pathway.domain import identity_guards as i
from pathway.domain import loss_guards as w
from pathway.domain import product_guards as p
from pathway.domain import review_guards as r
from pathway.domain import thaw_guards as t
from pathway.domain.bridging_guards import bridging_weighed
from pathway.domain.gate_rules import Gate
from pathway.domain.gates import gate_passed
from pathway.domain.machine import Machine, Move
from terms.roles import Role
from terms.words import N_


class Stage(StrEnum):
    """Where a journey stands."""

    REFERRAL = "referral"
    ELIGIBILITY = "eligibility"
    APHERESIS = "apheresis"
    BRIDGING = "bridging"  # manufacturing and bridging, side by side
    LYMPHODEPLETION = "lymphodepletion"
    INFUSION = "infusion"  # from day 0 to discharge
    FOLLOW_UP = "follow_up"
    COMPLETED = "completed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    LOST = "lost"


STAGE_LABELS: dict[Stage, str] = {
    Stage.REFERRAL: N_("Referral"),
    Stage.ELIGIBILITY: N_("Eligibility"),
    Stage.APHERESIS: N_("Leukapheresis"),
    Stage.BRIDGING: N_("Manufacturing and bridging"),
    Stage.LYMPHODEPLETION: N_("Lymphodepletion"),
    Stage.INFUSION: N_("Infusion"),
    Stage.FOLLOW_UP: N_("Follow-up"),
    Stage.COMPLETED: N_("Completed"),
    Stage.DECLINED: N_("Declined"),
    Stage.WITHDRAWN: N_("Withdrawn"),
    Stage.LOST: N_("Lost to follow-up"),
}
SPINE_ORDER: tuple[Stage, ...] = tuple(Stage)[:8]
EXITS = frozenset({Stage.DECLINED, Stage.WITHDRAWN, Stage.LOST})

_COORDINATOR, _HAEMATOLOGIST = Role.COORDINATOR, Role.HAEMATOLOGIST
_BOTH = (_COORDINATOR, _HAEMATOLOGIST)
_BEFORE_INFUSION = (
    Stage.REFERRAL,
    Stage.ELIGIBILITY,
    Stage.APHERESIS,
    Stage.BRIDGING,
    Stage.LYMPHODEPLETION,
)
_AFTER_INFUSION = (Stage.INFUSION, Stage.FOLLOW_UP)


_FORWARD: tuple[Move[Stage], ...] = (
    Move(
        Stage.REFERRAL,
        Stage.ELIGIBILITY,
        _BOTH,
        (g.patient_alive, g.consents_given, g.identity_verified, g.age_on_label),
    ),
    Move(
        Stage.ELIGIBILITY,
        Stage.APHERESIS,
        _BOTH,
        (g.patient_alive, g.review_accepted, g.no_hold_on("eligibility", "apheresis")),
        checklists=(r.items_stand,),
    ),
    Move(
        Stage.APHERESIS,
        Stage.BRIDGING,
        (*_BOTH, Role.CELL_LAB),
        (
            g.alive_then,
            c.collection_adequate,
            c.collection_of_this_round,
            c.containment_over,
            c.material_shipped,
            g.no_hold_on("apheresis"),
        ),
    ),
    Move(
        Stage.BRIDGING,
        Stage.LYMPHODEPLETION,
        (_HAEMATOLOGIST,),
        (
            g.patient_alive,
            g.product_on_site,
            d.product_lasts,
            g.bridging_closed,
            g.bridging_doses_known,
            g.bridging_washed_out,
            bridging_weighed,
            g.no_hold_on("bridging", "lymphodepletion", "infusion"),
        ),
        checklists=(gate_passed(Gate.LYMPHODEPLETION),),
    ),
    Move(
        Stage.LYMPHODEPLETION,
        Stage.INFUSION,
        (_HAEMATOLOGIST, Role.WARD_NURSE),
        (
            g.alive_then,
            g.not_infused_before,
            g.depletion_complete,
            g.depletion_interval,
            d.depletion_doses_transcribed,
            d.inside_hold_clock,
            g.product_at_bedside,
            t.thaw_known,
            t.thaw_stable,
            t.thaw_fresh,
            p.standing_product_in_date,
            i.bedside_checked,
            g.no_hold_on("lymphodepletion", "infusion"),
        ),
        checklists=(gate_passed(Gate.INFUSION, again=True),),
    ),
    Move(
        Stage.INFUSION,
        Stage.FOLLOW_UP,
        (_HAEMATOLOGIST,),  # who signs the discharge
        (g.alive_then, g.product_infused, g.discharged, g.stay_known),
        checklists=(gate_passed(Gate.DISCHARGE),),
    ),
    Move(Stage.FOLLOW_UP, Stage.COMPLETED, _BOTH, (g.patient_alive, g.follow_up_over)),
)


def _back() -> tuple[Move[Stage], ...]:
    alive = (g.patient_alive,)
    steps = (
        (Stage.APHERESIS, Stage.ELIGIBILITY, alive),
        (Stage.BRIDGING, Stage.APHERESIS, alive),
        (Stage.BRIDGING, Stage.ELIGIBILITY, alive),
        (Stage.LYMPHODEPLETION, Stage.BRIDGING, (*alive, g.no_open_depletion)),
        (Stage.INFUSION, Stage.LYMPHODEPLETION, (*alive, g.product_not_infused)),
    )
    return tuple(Move(a, b, _BOTH, guards, back=True) for a, b, guards in steps)


def _exits() -> tuple[Move[Stage], ...]:
    alive = (g.patient_alive,)
    return (
        *(
            Move(stage, Stage.DECLINED, (_HAEMATOLOGIST,), alive, reasoned=True)
            for stage in _BEFORE_INFUSION
        ),
        *(
            Move(stage, Stage.WITHDRAWN, _BOTH, alive, reasoned=True)
            for stage in (*_BEFORE_INFUSION, *_AFTER_INFUSION)
        ),
        *(
            Move(stage, Stage.LOST, _BOTH, (*alive, w.out_of_contact, w.looked_for), reasoned=True)
            for stage in _AFTER_INFUSION
        ),
    )


def _returns() -> tuple[Move[Stage], ...]:
    """From an exit to the stage it left, and from completed to follow-up."""
    left = {
        Stage.DECLINED: _BEFORE_INFUSION,
        Stage.WITHDRAWN: (*_BEFORE_INFUSION, *_AFTER_INFUSION),
        Stage.LOST: _AFTER_INFUSION,
        Stage.COMPLETED: (Stage.FOLLOW_UP,),
    }
    return tuple(
        Move(
            end,
            stage,
            _BOTH,
            (
                g.patient_alive,
                g.way_back_to(stage),
                *(() if stage is Stage.FOLLOW_UP else (g.no_other_course,)),
            ),
            back=True,
        )
        for end, stages in left.items()
        for stage in stages
    )


SPINE: Machine[Stage] = Machine(
    name="journey",
    label=N_("Journey"),
    states=Stage,
    starts=(Stage.REFERRAL,),
    ends=EXITS | {Stage.COMPLETED},
    moves=(*_FORWARD, *_back(), *_exits(), *_returns()),
    labels=STAGE_LABELS,
)
