"""Which status of FHIR each state of the pathway is, as tables."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from pathway.domain.companions import Attempt, Bridging, Containment, Review
from pathway.domain.depletion import Depletion
from pathway.domain.product_states import Product
from pathway.domain.spine import Stage
from reminders.models import Reminder, Status
from toxicity.domain.grading import Status as Grading

_EPISODE: Mapping[str, str] = MappingProxyType(
    {
        Stage.REFERRAL: "planned",
        Stage.ELIGIBILITY: "planned",
        Stage.APHERESIS: "active",
        Stage.BRIDGING: "active",
        Stage.LYMPHODEPLETION: "active",
        Stage.INFUSION: "active",
        Stage.FOLLOW_UP: "active",
        Stage.COMPLETED: "finished",
        Stage.DECLINED: "cancelled",
        Stage.WITHDRAWN: "cancelled",
        Stage.LOST: "finished",
    }
)
_UNDER_WAY = frozenset({"planned", "active"})
# Of a plan that follows an episode: one that ended before its time is revoked.
_PLAN: Mapping[str, str] = MappingProxyType(
    {
        "planned": "draft",
        "waitlist": "draft",
        "active": "active",
        "onhold": "on-hold",
        "finished": "completed",
        "cancelled": "revoked",
    }
)
ATTEMPTS: Mapping[str, str] = MappingProxyType(
    {
        Attempt.SCHEDULED: "preparation",
        Attempt.CLEARED: "preparation",
        Attempt.IN_PROGRESS: "in-progress",
        Attempt.COMPLETED: "completed",
        Attempt.ADEQUATE: "completed",
        Attempt.INADEQUATE: "completed",
        Attempt.ABORTED: "stopped",
        Attempt.CANCELLED: "not-done",
    }
)
# Of the therapies as activities of the plan.
ACTIVITIES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "containment": {
            Containment.NOT_NEEDED: "cancelled",
            Containment.PLANNED: "scheduled",
            Containment.GIVEN: "in-progress",
            Containment.CLOSED: "completed",
            Containment.CANCELLED: "cancelled",
        },
        "bridging": {
            Bridging.NONE: "cancelled",
            Bridging.PLANNED: "scheduled",
            Bridging.RUNNING: "in-progress",
            Bridging.ON_HOLD: "on-hold",
            Bridging.CLOSED: "completed",
            Bridging.STOPPED_EARLY: "stopped",
            Bridging.CANCELLED: "cancelled",
        },
        "lymphodepletion": {
            Depletion.PLANNED: "scheduled",
            Depletion.IN_PROGRESS: "in-progress",
            Depletion.COMPLETE: "completed",
            Depletion.STOPPED: "stopped",
            Depletion.CANCELLED: "cancelled",
        },
    }
)
_PRODUCT_HELD = (
    Product.MATERIAL_EXCURSION,
    Product.OOS,
    Product.PRODUCT_EXCURSION,
    Product.QUARANTINED,
)
_PRODUCT_LOST = (Product.FAILED, Product.REJECTED, Product.DISCARDED, Product.WASTED)
PRODUCT_TASKS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(Product, "in-progress"),
        Product.ORDERED: "requested",
        **dict.fromkeys(_PRODUCT_HELD, "on-hold"),
        Product.INFUSED: "completed",
        **dict.fromkeys(_PRODUCT_LOST, "failed"),
        Product.CANCELLED: "cancelled",
    }
)
_ANSWERED: Mapping[str, str] = MappingProxyType(
    {
        Status.DONE: "completed",
        Status.SKIPPED: "rejected",
        Status.CANCELLED: "cancelled",
    }
)
# Of the bag, by how the procedure stands; before it begins nothing is given.
ADMINISTERED: Mapping[str, str] = MappingProxyType(
    {
        "in-progress": "in-progress",
        "completed": "completed",
        "stopped": "stopped",
        "not-done": "not-done",
        "on-hold": "on-hold",
    }
)
# How a check of the bedside was graded: what could still be more is no last word.
GRADES: Mapping[str, str] = MappingProxyType(
    {
        Grading.FINAL: "final",
        Grading.PROVISIONAL: "preliminary",
        Grading.NOT_GRADEABLE: "final",
    }
)


def episode_status(stage: str, *, review: str = "", held: bool = False, dead: bool = False) -> str:
    """How the episode of care stands at a stage of the journey.

    `review` is the state of the eligibility review, `held` whether the infusion waits on a hold.
    """
    status = _EPISODE[stage]
    if status not in _UNDER_WAY:
        return status
    if dead:
        return "finished"
    reviewed = review if stage == Stage.ELIGIBILITY else ""
    if held or reviewed == Review.DEFERRED:
        return "onhold"
    return "waitlist" if reviewed == Review.ACCEPTED else status


def plan_status(episode: str, stage: str) -> str:
    """How the plan of care stands; one that death or loss cut short is revoked."""
    if episode == "finished" and stage != Stage.COMPLETED:
        return "revoked"
    return _PLAN[episode]


def attempt_status(state: str, *, held: bool) -> str:
    """How a leukapheresis stands; one that has not begun may wait on a hold."""
    status = ATTEMPTS[state]
    return "on-hold" if held and status == "preparation" else status


def infusion_status(*, infused: bool, product: str, over: bool, held: bool) -> str:
    """How the infusion stands, by the product's state and whether the course is over."""
    if infused or product == Product.INFUSED:
        return "completed"
    if product == Product.WASTED:
        return "stopped"
    if over:
        return "not-done"
    if held:
        return "on-hold"
    return "in-progress" if product == Product.THAWING else "preparation"


def product_status(state: str) -> str:
    """Whether a product can be used: only what is stored on site."""
    return "available" if state == Product.STORED else "unavailable"


def reminder_status(reminder: Reminder, today: date) -> tuple[str, str]:
    """How a task stands on a day, and its priority: urgent once its window has passed."""
    if reminder.status in _ANSWERED:
        return _ANSWERED[reminder.status], ""
    if reminder.provisional:
        return "draft", ""
    if reminder.is_put_off(today):
        return "on-hold", ""
    if reminder.is_overdue(today):
        return "ready", "urgent"
    return ("ready" if reminder.due_on <= today else "requested"), ""
