"""A course that was under way before Percorso: its past as told, and the steps that follow."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from pathway.domain.companions import Attempt, Bridging
from pathway.domain.product_states import Product
from pathway.domain.spine import SPINE, SPINE_ORDER, Stage
from terms.words import N_

ATTEMPTS = (1, 2, 3)  # as many collections as the form has places for
RESULTS = (Attempt.ADEQUATE, Attempt.INADEQUATE, Attempt.ABORTED)
BRIDGING_STATES = (Bridging.RUNNING, Bridging.CLOSED, Bridging.STOPPED_EARLY)
# Thawing and infusing are never taken over: from day 0 on the product is the infused one.
PRODUCT_STATES = tuple(
    state for state in Product if state not in {Product.THAWING, Product.INFUSED, Product.WASTED}
)
READY_PRODUCT = frozenset(
    {
        Product.RELEASED, Product.OOS_ACCEPTED, Product.SHIPPED_TO_SITE, Product.RECEIVED,
        Product.STORED,
    }
)  # fmt: skip
# What each part of the past is called, in the order in which it happens.
DATES: dict[str, str] = {
    "referred_on": N_("Referred on"),
    "enrolled_on": N_("Enrolled on"),
    "accepted_on": N_("Accepted by the meeting on"),
    **{f"apheresis_{n}_on": N_("Collected on") for n in ATTEMPTS},
    "product_on": N_("In this state since"),
    "bridging_from": N_("Bridging since"),
    "bridging_last_dose_on": N_("Last bridging dose on"),
    "ld_from": N_("Lymphodepletion from"),
    "ld_to": N_("Lymphodepletion to"),
    "infused_on": N_("Infused on (day 0)"),
    "admitted_on": N_("Admitted on"),
    "discharged_on": N_("Discharged on"),
    "exited_on": N_("Ended on"),
}
# The day on which a course came to its present stage: the one date that cannot be left open.
ENTERED_BY: dict[Stage, str] = {
    Stage.ELIGIBILITY: "enrolled_on",
    Stage.APHERESIS: "accepted_on",
    Stage.LYMPHODEPLETION: "ld_from",
    Stage.INFUSION: "infused_on",
}


@dataclass(frozen=True)
class PastAttempt:
    """One collection as it went."""

    on: date | None = None
    result: str = ""
    din: str = ""
    cd3_yield: Decimal | None = None

    @property
    def told(self) -> bool:
        """Whether anything is said of it."""
        return bool(self.on or self.result or self.din or self.cd3_yield is not None)


@dataclass(frozen=True)
class PastCourse:
    """Where a course stands and what is known of how it came there; None is not known."""

    stage: str
    referred_on: date
    left_stage: str = ""
    enrolled_on: date | None = None
    accepted_on: date | None = None
    attempts: tuple[PastAttempt, ...] = ()
    product_state: str = ""
    product_on: date | None = None
    order_number: str = ""
    lot: str = ""
    expires_on: date | None = None
    bridging_drug: str = ""
    bridging_class: str = ""
    bridging_state: str = ""
    bridging_from: date | None = None
    bridging_last_dose_on: date | None = None
    ld_regimen: str = ""
    ld_from: date | None = None
    ld_to: date | None = None
    infused_on: date | None = None
    admitted_on: date | None = None
    ward: str = ""
    discharged_on: date | None = None
    exited_on: date | None = None
    exit_reason: str = ""
    exit_scope: str = ""  # how far a withdrawal went

    @property
    def ended(self) -> bool:
        """Whether it left the pathway or completed it."""
        return self.stage in {end.value for end in SPINE.ends}

    @property
    def reached(self) -> Stage:
        """The stage of the spine that it stands at, or left."""
        if self.stage == Stage.COMPLETED:
            return Stage.FOLLOW_UP
        return Stage(self.left_stage if self.ended else self.stage)

    def came_to(self, stage: Stage) -> bool:
        """Whether it came as far as `stage`."""
        return SPINE_ORDER.index(self.reached) >= SPINE_ORDER.index(stage)

    @property
    def adequate(self) -> PastAttempt | None:
        """The last collection that was enough."""
        enough = [attempt for attempt in self.attempts if attempt.result == Attempt.ADEQUATE]
        return enough[-1] if enough else None

    def value(self, name: str) -> object:
        """What stands in a field of the form, `apheresis_2_on` included."""
        if not name.startswith("apheresis_"):
            return getattr(self, name)
        _, number, part = name.split("_", 2)
        place = int(number) - 1
        attempt = self.attempts[place] if place < len(self.attempts) else PastAttempt()
        return attempt.on if part == "on" else attempt.result

    def day(self, name: str) -> date | None:
        """A date of the form; None where it is not known."""
        value = self.value(name)
        return value if isinstance(value, date) else None


@dataclass(frozen=True)
class PastStep:
    """One step of the past, in order. `on` is None where nobody knows the day."""

    machine: str
    place: int  # which companion of its machine, from 0; 0 for the journey
    source: str
    target: str
    on: date | None
    not_before: date = date.min  # the earliest day it can have been
    reason: str = ""
    scope: str = ""


def steps_of(past: PastCourse) -> list[PastStep]:
    """What real moves would have written, in order; only what was said or must have been."""
    steps: list[PastStep] = []
    for stage in SPINE_ORDER[: SPINE_ORDER.index(past.reached) + 1]:
        previous = SPINE_ORDER[SPINE_ORDER.index(stage) - 1].value if stage != "referral" else ""
        steps.append(PastStep("journey", 0, previous, stage.value, _entered(past, stage)))
        steps += _beside(past, stage)
    if past.ended:
        left, on = past.reached.value, past.exited_on
        end = PastStep("journey", 0, left, past.stage, on, reason=past.exit_reason.strip())
        steps.append(replace(end, scope=past.exit_scope))
    return _bounded(steps, past.referred_on)


def _entered(past: PastCourse, stage: Stage) -> date | None:
    if stage is Stage.BRIDGING:
        return past.adequate.on if past.adequate is not None else None
    names = {Stage.REFERRAL: "referred_on", Stage.FOLLOW_UP: "discharged_on", **ENTERED_BY}
    return past.day(names[stage])


def _beside(past: PastCourse, stage: Stage) -> list[PastStep]:
    """What ran beside the journey from its coming to `stage` on."""
    if stage is Stage.ELIGIBILITY:
        met = past.accepted_on is not None or past.came_to(Stage.APHERESIS)
        steps = [PastStep("eligibility", 0, "", "enrolled", past.enrolled_on)]
        if met:
            steps.append(PastStep("eligibility", 0, "enrolled", "accepted", past.accepted_on))
        return steps
    if stage is Stage.APHERESIS:
        return [
            step
            for place, attempt in enumerate(a for a in past.attempts if a.told)
            for step in _attempt(place, attempt)
        ] + _product(past)
    if stage is Stage.BRIDGING and past.bridging_drug:
        run = [PastStep("bridging", 0, "", "running", past.bridging_from)]
        if past.bridging_state != Bridging.RUNNING:
            run.append(
                PastStep(
                    "bridging",
                    0,
                    "running",
                    past.bridging_state,
                    None,
                    not_before=past.bridging_last_dose_on or date.min,
                )
            )
        return run
    if stage is Stage.LYMPHODEPLETION:
        steps = [PastStep("lymphodepletion", 0, "", "in_progress", past.ld_from)]
        if past.ld_to is not None or past.came_to(Stage.INFUSION):
            steps.append(PastStep("lymphodepletion", 0, "in_progress", "complete", past.ld_to))
        return steps
    return []


def _attempt(place: int, attempt: PastAttempt) -> list[PastStep]:
    way = ["in_progress"]
    way += [] if attempt.result == Attempt.ABORTED else ["completed"]
    way.append(attempt.result)
    return [
        PastStep("apheresis", place, source, target, attempt.on)
        for source, target in zip(["", *way], way, strict=False)
    ]


def _product(past: PastCourse) -> list[PastStep]:
    """The product at its state: what it went through before was not said, and is not guessed."""
    if past.came_to(Stage.INFUSION):
        return [PastStep("product", 0, "", Product.INFUSED.value, past.infused_on)]
    if not past.product_state:
        return []
    return [PastStep("product", 0, "", past.product_state, past.product_on)]


def _bounded(steps: list[PastStep], start: date) -> list[PastStep]:
    """Each step with the earliest day it can have been, for the order of what follows it."""
    last: dict[tuple[str, int], date] = {}
    found = []
    for step in steps:
        subject = (step.machine, step.place)
        last[subject] = max(last.get(subject, start), step.not_before, step.on or start)
        found.append(replace(step, not_before=last[subject]))
    return found
