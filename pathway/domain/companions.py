"""The companions that run beside the spine: their states and tables of moves.

Sources: Figure 2 of the case series for what runs beside what; the interlocks are programme rules.
"""

from enum import StrEnum

from pathway.domain import collection_guards as c
from pathway.domain import dose_guards as d
from pathway.domain import guards as g
from pathway.domain import product_guards as p
from pathway.domain import review_guards as r
from pathway.domain.assessments import Vote
from pathway.domain.depletion import LYMPHODEPLETION
from pathway.domain.gate_rules import Gate
from pathway.domain.gates import gate_passed
from pathway.domain.machine import Machine, Move
from pathway.domain.product import PRODUCT
from terms.roles import Role
from terms.words import N_

_CO, _HA, _AP, _WN = Role.COORDINATOR, Role.HAEMATOLOGIST, Role.APHERESIS_NURSE, Role.WARD_NURSE
_ALIVE = (g.patient_alive,)
_NOT_BEGUN = (*_ALIVE, d.no_dose_stands)


_REVIEWING = (*_ALIVE, g.stage_is("eligibility"))


class Review(StrEnum):
    """The eligibility review."""

    ENROLLED = "enrolled"
    ASSESSING = "assessing"
    MDT_REVIEW = "mdt_review"
    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    NOT_ELIGIBLE = "not_eligible"
    CLOSED = "closed"


ELIGIBILITY: Machine[Review] = Machine(
    name="eligibility",
    label=N_("Eligibility review"),
    states=Review,
    starts=(Review.ENROLLED,),
    ends=frozenset({Review.CLOSED}),
    moves=(
        Move(Review.ENROLLED, Review.ASSESSING, (_CO, _HA), _REVIEWING),
        Move(
            Review.ASSESSING,
            Review.MDT_REVIEW,
            (_CO, _HA),
            _REVIEWING,
            checklists=(r.items_settled,),
        ),
        Move(
            Review.MDT_REVIEW,
            Review.ACCEPTED,
            (_HA,),
            (*_REVIEWING, r.vote_agrees(Vote.ACCEPTED)),
            checklists=(r.items_stand,),
        ),
        Move(
            Review.MDT_REVIEW,
            Review.DEFERRED,
            (_HA,),
            (*_REVIEWING, r.vote_agrees(Vote.DEFERRED)),
            reasoned=True,
        ),
        Move(
            Review.MDT_REVIEW,
            Review.NOT_ELIGIBLE,
            (_HA,),
            (*_REVIEWING, r.vote_agrees(Vote.NOT_ELIGIBLE)),
            reasoned=True,
        ),
        Move(Review.DEFERRED, Review.ASSESSING, (_CO, _HA), _REVIEWING),
        Move(Review.NOT_ELIGIBLE, Review.ASSESSING, (_HA,), _REVIEWING, back=True),
        Move(Review.ACCEPTED, Review.ASSESSING, (_HA,), _REVIEWING, back=True),
        *(
            Move(state, Review.CLOSED, (_CO, _HA), (g.by_the_course_only,))
            for state in Review
            if state is not Review.CLOSED
        ),
    ),
    labels={
        Review.ENROLLED: N_("Enrolled"),
        Review.ASSESSING: N_("Assessing"),
        Review.MDT_REVIEW: N_("On the meeting's list"),
        Review.ACCEPTED: N_("Accepted"),
        Review.DEFERRED: N_("Deferred"),
        Review.NOT_ELIGIBLE: N_("Not eligible"),
        Review.CLOSED: N_("Closed"),
    },
)


class Containment(StrEnum):
    """Containment therapy between enrolment and collection."""

    NOT_NEEDED = "not_needed"
    PLANNED = "planned"
    GIVEN = "given"
    CLOSED = "closed"
    CANCELLED = "cancelled"


_BEFORE_COLLECTION = (
    *_ALIVE,
    g.stage_is("eligibility", "apheresis"),
    c.collection_not_begun,
)
_GIVING = (*_BEFORE_COLLECTION, d.dose_verified)
CONTAINMENT: Machine[Containment] = Machine(
    name="containment",
    label=N_("Containment therapy"),
    states=Containment,
    starts=(Containment.NOT_NEEDED, Containment.PLANNED),
    ends=frozenset({Containment.CLOSED, Containment.CANCELLED}),
    moves=(
        Move(
            Containment.NOT_NEEDED, Containment.PLANNED, (_HA,), _BEFORE_COLLECTION, reasoned=True
        ),
        Move(Containment.PLANNED, Containment.GIVEN, (_WN, _HA), _GIVING),
        Move(Containment.PLANNED, Containment.CANCELLED, (_HA,), _NOT_BEGUN, reasoned=True),
        Move(Containment.GIVEN, Containment.GIVEN, (_WN, _HA), _GIVING),
        Move(Containment.GIVEN, Containment.CLOSED, (_CO, _HA), _ALIVE),
        Move(Containment.NOT_NEEDED, Containment.CLOSED, (_CO, _HA), _ALIVE),
    ),
    labels={
        Containment.NOT_NEEDED: N_("Not needed"),
        Containment.PLANNED: N_("Planned"),
        Containment.GIVEN: N_("Given"),
        Containment.CLOSED: N_("Closed"),
        Containment.CANCELLED: N_("Cancelled"),
    },
)


class Attempt(StrEnum):
    """One apheresis attempt."""

    SCHEDULED = "scheduled"
    CLEARED = "cleared"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    ADEQUATE = "adequate"
    INADEQUATE = "inadequate"
    ABORTED = "aborted"
    CANCELLED = "cancelled"


_COLLECTING = (*_ALIVE, g.stage_is("apheresis"))
_COUNTING = (g.alive_then, g.stage_is("apheresis"))
# An end that was recorded by a slip leads back to the state it was recorded from, and only there.
_ATTEMPT_SLIPS = tuple(
    Move(
        end,
        state,
        (Role.CELL_LAB, _HA),
        (p.slip_from(state.value), *_COLLECTING, p.nothing_followed),
        back=True,
    )
    for end, states in {
        Attempt.ADEQUATE: (Attempt.COMPLETED,),
        Attempt.INADEQUATE: (Attempt.COMPLETED,),
        Attempt.ABORTED: (Attempt.IN_PROGRESS,),
        Attempt.CANCELLED: (Attempt.SCHEDULED, Attempt.CLEARED),
    }.items()
    for state in states
)
APHERESIS: Machine[Attempt] = Machine(
    name="apheresis",
    label=N_("Apheresis attempt"),
    states=Attempt,
    starts=(Attempt.SCHEDULED,),
    ends=frozenset({Attempt.ADEQUATE, Attempt.INADEQUATE, Attempt.ABORTED, Attempt.CANCELLED}),
    moves=(
        Move(
            Attempt.SCHEDULED,
            Attempt.CLEARED,
            (_AP, _HA),
            (
                *_COLLECTING,
                c.washouts_met,
                c.washouts_known,
                c.treatment_weighed,
                c.attempts_agreed,
                c.slot_known,
                c.slot_agrees,
            ),
            checklists=(gate_passed(Gate.COLLECTION),),
        ),
        Move(Attempt.SCHEDULED, Attempt.CANCELLED, (_CO, _HA), _ALIVE, reasoned=True),
        Move(
            Attempt.CLEARED,
            Attempt.IN_PROGRESS,
            (_AP, _HA),
            (
                *_COLLECTING,
                c.containment_over,
                c.washouts_kept,
                c.slot_known,
                c.slot_agrees,
                g.no_hold_on("apheresis"),
            ),
            checklists=(gate_passed(Gate.COLLECTION, again=True),),
        ),
        Move(Attempt.CLEARED, Attempt.SCHEDULED, (_AP, _HA), _ALIVE, back=True),
        Move(Attempt.CLEARED, Attempt.CANCELLED, (_CO, _HA), _ALIVE, reasoned=True),
        Move(Attempt.IN_PROGRESS, Attempt.COMPLETED, (_AP,), _COLLECTING),
        Move(Attempt.IN_PROGRESS, Attempt.ABORTED, (_AP, _HA), _ALIVE, reasoned=True),
        Move(Attempt.COMPLETED, Attempt.ADEQUATE, (Role.CELL_LAB, _HA), _COUNTING),
        Move(Attempt.COMPLETED, Attempt.INADEQUATE, (Role.CELL_LAB, _HA), _COUNTING, reasoned=True),
        *_ATTEMPT_SLIPS,
    ),
    labels={
        Attempt.SCHEDULED: N_("Scheduled"),
        Attempt.CLEARED: N_("Cleared"),
        Attempt.IN_PROGRESS: N_("Collecting"),
        Attempt.COMPLETED: N_("Collected, awaiting the count"),
        Attempt.ADEQUATE: N_("Adequate"),
        Attempt.INADEQUATE: N_("Inadequate"),
        Attempt.ABORTED: N_("Aborted"),
        Attempt.CANCELLED: N_("Cancelled"),
    },
)


class Bridging(StrEnum):
    """One bridging course, or that there is none."""

    NONE = "none"  # supportive care only
    PLANNED = "planned"
    RUNNING = "running"
    ON_HOLD = "on_hold"
    CLOSED = "closed"
    STOPPED_EARLY = "stopped_early"
    CANCELLED = "cancelled"


BRIDGING: Machine[Bridging] = Machine(
    name="bridging",
    label=N_("Bridging therapy"),
    states=Bridging,
    starts=(Bridging.PLANNED, Bridging.NONE),
    ends=frozenset({Bridging.NONE, Bridging.CLOSED, Bridging.STOPPED_EARLY, Bridging.CANCELLED}),
    moves=(
        Move(
            Bridging.PLANNED,
            Bridging.RUNNING,
            (_HA, _WN),
            (
                *_ALIVE,
                g.stage_is("apheresis", "bridging"),
                c.collection_before_bridging,
                c.bridging_has_time,
                g.no_open_depletion,
            ),
        ),
        Move(Bridging.PLANNED, Bridging.CANCELLED, (_HA,), _NOT_BEGUN, reasoned=True),
        Move(Bridging.RUNNING, Bridging.ON_HOLD, (_HA,), _ALIVE, reasoned=True),
        Move(Bridging.RUNNING, Bridging.CLOSED, (_HA,), _ALIVE),
        Move(Bridging.RUNNING, Bridging.STOPPED_EARLY, (_HA,), _ALIVE, reasoned=True),
        Move(Bridging.ON_HOLD, Bridging.RUNNING, (_HA,), _ALIVE),
        Move(Bridging.ON_HOLD, Bridging.STOPPED_EARLY, (_HA,), _ALIVE, reasoned=True),
    ),
    labels={
        Bridging.NONE: N_("None, supportive care only"),
        Bridging.PLANNED: N_("Planned"),
        Bridging.RUNNING: N_("Running"),
        Bridging.ON_HOLD: N_("On hold"),
        Bridging.CLOSED: N_("Closed"),
        Bridging.STOPPED_EARLY: N_("Stopped early"),
        Bridging.CANCELLED: N_("Cancelled"),
    },
)


# What an exit or a death does to a companion that is still open: the state it is closed in.
CLOSED_BY_EXIT: dict[str, dict[str, str]] = {
    "eligibility": {
        state.value: Review.CLOSED.value
        for state in (Review.ENROLLED, Review.ASSESSING, Review.MDT_REVIEW, Review.DEFERRED)
    },
    "containment": {"planned": "cancelled", "given": "closed", "not_needed": "closed"},
    "apheresis": {"scheduled": "cancelled", "cleared": "cancelled", "in_progress": "aborted"},
    "bridging": {"planned": "cancelled", "running": "stopped_early", "on_hold": "stopped_early"},
    "lymphodepletion": {"planned": "cancelled", "in_progress": "stopped"},
}

COMPANIONS: dict[str, Machine] = {  # type: ignore[type-arg]  # each machine has its own states
    machine.name: machine
    for machine in (ELIGIBILITY, CONTAINMENT, APHERESIS, PRODUCT, BRIDGING, LYMPHODEPLETION)
}
