"""What cannot be in the past of a course that was under way: order, stage, companions, as rules."""

from collections.abc import Collection, Iterator
from datetime import date

from pathway.domain.companions import Bridging
from pathway.domain.exits import SCOPE_NAMES
from pathway.domain.product_states import Product
from pathway.domain.spine import EXITS, SPINE, SPINE_ORDER, STAGE_LABELS, Stage
from pathway.domain.transcription import (
    ATTEMPTS,
    BRIDGING_STATES,
    DATES,
    ENTERED_BY,
    PRODUCT_STATES,
    READY_PRODUCT,
    RESULTS,
    PastCourse,
)
from patients.domain.dating import refuse_before_birth, refuse_future
from terms.refusals import Refusal
from terms.words import N_

# From which stage on a part of the past can be told.
BELONGS: dict[str, Stage] = {
    "enrolled_on": Stage.ELIGIBILITY,
    "accepted_on": Stage.ELIGIBILITY,
    **{f"apheresis_{n}_on": Stage.APHERESIS for n in ATTEMPTS},
    **{f"apheresis_{n}_result": Stage.APHERESIS for n in ATTEMPTS},
    "product_state": Stage.APHERESIS,
    "bridging_drug": Stage.BRIDGING,
    "ld_regimen": Stage.LYMPHODEPLETION,
    "ld_from": Stage.LYMPHODEPLETION,
    "ld_to": Stage.LYMPHODEPLETION,
    "infused_on": Stage.INFUSION,
}
# Each of these lies on or after those named with it, where both are known.
_FOLLOWS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("enrolled_on", ("referred_on",)),
    ("accepted_on", ("referred_on", "enrolled_on")),
    ("apheresis_1_on", ("referred_on", "enrolled_on", "accepted_on")),
    ("apheresis_2_on", ("referred_on", "enrolled_on", "accepted_on", "apheresis_1_on")),
    (
        "apheresis_3_on",
        ("referred_on", "enrolled_on", "accepted_on", "apheresis_1_on", "apheresis_2_on"),
    ),
    ("product_on", ("referred_on", "enrolled_on", "accepted_on")),
    ("bridging_from", ("referred_on", "enrolled_on", "accepted_on")),
    ("bridging_last_dose_on", ("referred_on", "enrolled_on", "bridging_from")),
    (
        "ld_from",
        (
            "referred_on", "enrolled_on", "accepted_on", "apheresis_1_on", "apheresis_2_on",
            "apheresis_3_on", "bridging_from", "bridging_last_dose_on",
        ),
    ),
    ("ld_to", ("referred_on", "enrolled_on", "ld_from")),
    (
        "infused_on",
        (
            "referred_on", "enrolled_on", "accepted_on", "apheresis_1_on", "apheresis_2_on",
            "apheresis_3_on", "bridging_from", "bridging_last_dose_on", "ld_from", "ld_to",
        ),
    ),
    ("admitted_on", ("referred_on",)),
    ("discharged_on", ("referred_on", "admitted_on")),
    ("exited_on", tuple(name for name in DATES if name != "exited_on")),
)  # fmt: skip


def refuse_past(
    past: PastCourse, *, birth_date: date, today: date, drug_classes: Collection[str]
) -> list[Refusal]:
    """Everything that cannot be in `past`, at once. The guards are not asked: nobody can now."""
    refusals = list(_refuse_stage(past))
    for name in DATES:
        on = past.day(name)
        if on is not None and name != "referred_on":
            refusals += refuse_future(on, today, name)
            refusals += refuse_before_birth(on, birth_date, name)
    refusals += _refuse_order(past)
    if all(refusal.field not in ("stage", "left_stage") for refusal in refusals):
        refusals += _refuse_not_yet(past)
        refusals += _refuse_missing(past)
        refusals += _refuse_scope(past)
        refusals += _refuse_companions(past, drug_classes)
    return refusals


def _refuse_stage(past: PastCourse) -> Iterator[Refusal]:
    if past.stage not in {stage.value for stage in Stage}:
        yield refusal_at("unknown_stage", N_("Choose a stage of the pathway."), "stage")
        return
    left = {stage.value for stage in SPINE_ORDER}
    if Stage(past.stage) not in EXITS:
        if past.left_stage:
            yield refusal_at(
                "no_exit", N_("Only a course that has left the pathway left a stage."), "left_stage"
            )
    elif past.left_stage not in left or not SPINE.find(Stage(past.left_stage), Stage(past.stage)):
        yield refusal_at(
            "left_stage_needed", N_("Say at which stage this exit was made."), "left_stage"
        )


def _refuse_order(past: PastCourse) -> Iterator[Refusal]:
    """One refusal per date that lies before one that comes first: the latest of those is named."""
    for name, earlier in _FOLLOWS:
        on = past.day(name)
        known = [(day, first) for first in earlier if (day := past.day(first)) is not None]
        if on is None or not known:
            continue
        limit, first = max(known, key=lambda pair: pair[0])
        if on < limit:
            yield refusal_at(
                "before_earlier_step",
                N_("This is before “%(step)s”, %(limit)s."),
                name,
                step=DATES[first],
                limit=limit,
            )


def _refuse_not_yet(past: PastCourse) -> Iterator[Refusal]:
    for name, stage in BELONGS.items():
        if past.value(name) and not past.came_to(stage):
            yield refusal_at(
                "not_yet",
                N_("This belongs to a later stage than “%(stage)s”."),
                name,
                stage=STAGE_LABELS[past.reached],
            )
    if not past.ended:
        for name in ("exited_on", "exit_reason", "exit_scope"):
            if past.value(name):
                yield refusal_at("not_ended", N_("This course has not ended."), name)


def _refuse_scope(past: PastCourse) -> Iterator[Refusal]:
    """A withdrawal says how far it went, or that nobody knows; no other end does."""
    if not past.ended:
        return
    if past.stage != Stage.WITHDRAWN:
        if past.exit_scope:
            message = N_("Only a withdrawal says how far it goes.")
            yield refusal_at("no_withdrawal", message, "exit_scope")
    elif past.exit_scope not in SCOPE_NAMES:
        yield refusal_at(
            "exit_scope_needed",
            N_("Say how far the withdrawal went, or that it is not known."),
            "exit_scope",
        )


def _refuse_missing(past: PastCourse) -> Iterator[Refusal]:
    needed = N_("This is needed at this stage.")
    entered = ENTERED_BY.get(past.reached)
    must = [entered] if entered is not None and not past.ended else []
    if past.came_to(Stage.INFUSION) and "infused_on" not in must:
        must.append("infused_on")  # what is due afterwards cannot be counted without day 0
    if past.ended:
        must.append("exited_on")
        must += ["exit_reason"] if Stage(past.stage) in EXITS else []
    if past.came_to(Stage.BRIDGING) and past.adequate is None:
        must.append("apheresis_1_result")
    if past.reached is Stage.BRIDGING and not past.ended and past.adequate is not None:
        place = past.attempts.index(past.adequate) + 1
        must.append(f"apheresis_{place}_on")
    if past.reached is Stage.LYMPHODEPLETION:
        must.append("product_state")
    for name in must:
        if not past.value(name) or (name.endswith("_1_result") and past.adequate is None):
            message = needed
            if name.endswith("_result"):
                message = N_("An adequate collection is needed at this stage.")
            yield refusal_at("value_missing", message, name)


def _refuse_companions(past: PastCourse, drug_classes: Collection[str]) -> Iterator[Refusal]:
    yield from _refuse_attempts(past)
    yield from _refuse_product(past)
    yield from _refuse_bridging(past, drug_classes)
    if (past.discharged_on or past.ward) and not past.admitted_on:
        yield refusal_at(
            "admission_needed",
            N_("A stay needs the day of admission: without it, leave ward and discharge open too."),
            "admitted_on",
        )
    over = past.reached is Stage.FOLLOW_UP
    if over and past.admitted_on and not past.discharged_on:
        yield refusal_at(
            "discharge_needed",
            N_("In follow-up the patient is at home: give the discharge, or no stay at all."),
            "discharged_on",
        )
    if over and past.discharged_on and past.infused_on and past.discharged_on < past.infused_on:
        yield refusal_at(
            "before_earlier_step",
            N_("This is before “%(step)s”, %(limit)s."),
            "discharged_on",
            step=DATES["infused_on"],
            limit=past.infused_on,
        )


def _refuse_attempts(past: PastCourse) -> Iterator[Refusal]:
    told = [attempt.told for attempt in past.attempts]
    for number, attempt in enumerate(past.attempts, start=1):
        if attempt.told and attempt.result not in {result.value for result in RESULTS}:
            yield refusal_at(
                "result_needed", N_("Say how this collection went."), f"apheresis_{number}_result"
            )
        if attempt.told and not all(told[:number]):
            yield refusal_at(
                "gap", N_("Fill the collections in from the first."), f"apheresis_{number}_result"
            )


def _refuse_product(past: PastCourse) -> Iterator[Refusal]:
    infused = past.came_to(Stage.INFUSION)
    allowed = {state.value for state in PRODUCT_STATES}
    if past.reached is Stage.LYMPHODEPLETION:
        allowed = {state.value for state in READY_PRODUCT}
    if infused:
        allowed = {Product.INFUSED.value}
    if past.product_state and past.product_state not in allowed:
        yield refusal_at(
            "product_state", N_("A product is not in this state at this stage."), "product_state"
        )
    if infused and past.product_on not in (None, past.infused_on):
        yield refusal_at(
            "product_infused_on",
            N_("From the infusion on the product is the infused one: leave this day open."),
            "product_on",
        )
    lines = (past.order_number, past.lot, past.expires_on, past.product_on)
    if any(lines) and not past.product_state and not infused:
        yield refusal_at("value_missing", N_("This is needed."), "product_state")


def _refuse_bridging(past: PastCourse, drug_classes: Collection[str]) -> Iterator[Refusal]:
    drug = (
        past.bridging_drug, past.bridging_class, past.bridging_state, past.bridging_from,
        past.bridging_last_dose_on,
    )  # fmt: skip
    if not any(drug):
        return
    for name in ("bridging_drug", "bridging_class", "bridging_state"):
        if not past.value(name):
            yield refusal_at("value_missing", N_("This is needed."), name)
    if past.bridging_class and past.bridging_class not in drug_classes:
        yield refusal_at(
            "unknown_drug_class",
            N_("Choose a drug class of this course's protocol."),
            "bridging_class",
        )
    running = past.bridging_state == Bridging.RUNNING
    if running and (past.came_to(Stage.LYMPHODEPLETION) or past.ended):
        yield refusal_at(
            "bridging_open",
            N_("Bridging is over at this stage: say that it was closed."),
            "bridging_state",
        )
    if past.bridging_state and past.bridging_state not in {s.value for s in BRIDGING_STATES}:
        yield refusal_at("unknown_state", N_("Choose one of the list."), "bridging_state")


def refusal_at(code: str, message: str, field: str, **params: object) -> Refusal:
    """A refusal of one field of the form."""
    return Refusal(code=code, message=message, params=params, field=field)
