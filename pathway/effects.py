"""What a written move brings with it, in the same transaction: anchors, companions, holds."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from accounts.models import User
from audit.prepared import insert
from pathway import assessing, ending, gating
from pathway.custody_rows import follow_move
from pathway.domain.companions import COMPANIONS, Attempt, Containment, Review
from pathway.domain.spine import SPINE, Stage
from pathway.dose_rows import add_dose, replace_dose
from pathway.ending import cause_of, changes_of, not_before_last
from pathway.loading import CourseState
from pathway.loading_companions import MODELS
from pathway.models import (
    Change,
    Companion,
    ContainmentTherapy,
    Dose,
    EligibilityReview,
    Product,
)
from pathway.product_left import tell_product_left
from pathway.standing import takes_back_a_mistake
from pathway.washout_notices import tell_last_dose, tell_past_washout
from pathway.writing import Step, record_automatic, write_change, write_companion
from patients import anchors, holds, stays
from patients.domain.delays import (
    MANUFACTURING_FAILURE,
    OUT_OF_SPECIFICATION,
    PRODUCT_IDENTITY,
    PRODUCT_QUARANTINE,
    SHIPMENT_EXCURSION,
)
from patients.models.courses import AnchorKind
from reminders import notices
from terms.roles import Role

# The cause of a move that a mismatch of identity made.
IDENTITY = "identity:"
# A product that is lost or doubtful once lymphodepletion is near stops the infusion by a hold.
PRODUCT_HOLDS = {
    "failed": MANUFACTURING_FAILURE,
    "rejected": MANUFACTURING_FAILURE,
    "oos": OUT_OF_SPECIFICATION,
    "quarantined": PRODUCT_QUARANTINE,
    "product_excursion": SHIPMENT_EXCURSION,
    "wasted": MANUFACTURING_FAILURE,
    "discarded": MANUFACTURING_FAILURE,
}

_PREPARING = frozenset({Stage.BRIDGING, Stage.LYMPHODEPLETION, Stage.INFUSION})
# From here on the days of lymphodepletion and infusion are planned around the product.
_NEAR = frozenset(
    {"released", "oos_accepted", "shipped_to_site", "product_excursion", "received"}
    | {"stored", "quarantined"}
)


def after_stage(state: CourseState, change: Change, actor: User, now: datetime) -> None:
    """Follow a move of the journey."""
    gating.keep_waivers(state, change, actor, now)
    source, target = Stage(change.source), Stage(change.target)
    course = state.course
    if target in SPINE.ends:
        ending.leave(state.journey, change, actor, now)
        tell_product_left(state, change, actor, now)
    elif source in SPINE.ends:
        ending.come_back(state.journey, change, actor, now)
    elif target is Stage.ELIGIBILITY:
        if source is Stage.REFERRAL:
            anchors.set_actual(
                course, AnchorKind.ENROLMENT, change.happened_on,
                actor=actor, now=now, source=change.data_source, among=state.anchors,
            )  # fmt: skip
        _new_round(state, change, actor, now)
    elif target is Stage.INFUSION:
        anchors.set_actual(
            course, AnchorKind.INFUSION, change.happened_on,
            actor=actor, now=now, source=change.data_source, among=state.anchors,
        )  # fmt: skip
        stays.settle_discharge(course, actor=actor, now=now)
    elif source is Stage.INFUSION and target is Stage.LYMPHODEPLETION:
        anchors.clear_actual(
            course, AnchorKind.INFUSION, actor=actor, now=now, reason=change.reason
        )
        stays.settle_discharge(course, actor=actor, now=now, reason=change.reason)


def after_companion(state: CourseState, change: Change, actor: User, now: datetime) -> None:
    """Follow a move of a companion."""
    follow_move(change, now)
    if takes_back_a_mistake(change.machine, change.source, change.target):
        _take_back(state, change, actor, now)
        return
    gating.keep_waivers(state, change, actor, now)
    effect = EFFECTS.get((change.machine, change.target))
    if effect is not None:
        effect(state, change, actor, now)
    if change.machine == "product" and change.target in PRODUCT_HOLDS:
        _product_in_doubt(state, change, actor, now)


def _new_round(state: CourseState, change: Change, actor: User, now: datetime) -> None:
    """A review for this time at eligibility; an earlier round that still stands is closed."""
    course = state.course
    standing = [row.pk for row in state.of("eligibility") if row.state != Review.CLOSED]
    for earlier in EligibilityReview.objects.filter(pk__in=standing):
        _follow("eligibility", earlier, Review.CLOSED.value, change, actor, now)
    review = EligibilityReview(
        course=course,
        state=Review.ENROLLED.value,
        state_since=change.happened_on,
        created_at=now,
        created_by=actor.get_username(),
        source=change.data_source,
    )
    insert(review)
    opened = write_change(
        Step(
            course=course,
            machine="eligibility",
            subject_id=review.pk,
            source="",
            target=review.state,
            happened_at=change.happened_at,
            actor=actor,
            now=now,
            cause=cause_of(change),
            data_source=change.data_source,
        )
    )
    record_automatic(review, opened)


def _review_deferred(state: CourseState, change: Change, actor: User, now: datetime) -> None:
    """The date of the review is the meeting's, unless the move itself names one."""
    review = EligibilityReview.objects.filter(course=state.course).latest("pk")
    meeting = state.assessments.meeting_of(review.pk)
    if meeting is not None and "review_on" not in change.details:
        review.review_on = meeting.review_on
        review.save(update_fields=["review_on"])


def _review_resumes(state: CourseState, change: Change, actor: User, now: datetime) -> None:
    """Results that have grown too old meanwhile are ordered again."""
    assessing.reorder_stale(state, change.happened_on, actor, now)


def _collection_starts(state: CourseState, change: Change, actor: User, now: datetime) -> None:
    """Containment may not outlive the start of collection."""
    for row in state.of("containment"):
        if row.state in {Containment.GIVEN, Containment.NOT_NEEDED}:
            companion = MODELS["containment"]._default_manager.get(pk=row.pk)
            _follow("containment", companion, Containment.CLOSED.value, change, actor, now)


def _collection_done(state: CourseState, change: Change, actor: User, now: datetime) -> None:
    """The day collection began is the apheresis anchor; another collection its next occurrence."""
    began = next(
        step
        for step in reversed(state.standing_changes)
        if (step.machine, step.subject_id, step.target)
        == (change.machine, change.subject_id, "in_progress")
    )
    anchors.set_actual(
        state.course,
        AnchorKind.APHERESIS,
        began.happened_on,
        actor=actor,
        now=now,
        source=began.data_source,
        occurrence=anchors.next_occurrence(state.course, AnchorKind.APHERESIS),
    )


def _depletion_starts(state: CourseState, change: Change, actor: User, now: datetime) -> None:
    """The first dose is the lymphodepletion anchor; a repeated course is its next occurrence.

    Also where the anchor of an earlier one was taken back with its doses.
    """
    step = (change.machine, change.target)
    begun = {c.subject_id for c in state.standing_changes if (c.machine, c.target) == step}
    earlier = begun - {change.subject_id}
    anchors.set_actual(
        state.course,
        AnchorKind.LYMPHODEPLETION,
        change.happened_on,
        actor=actor,
        now=now,
        source=change.data_source,
        occurrence=len(earlier) + 1,
    )


def _containment_given(state: CourseState, change: Change, actor: User, now: datetime) -> None:
    """A step without its dose says that one was given, of an amount that is not recorded."""
    companion = ContainmentTherapy.objects.get(pk=change.subject_id or 0)
    doses = Dose.objects.filter(
        course=state.course, machine=change.machine, subject_id=companion.pk, replaced_by=None
    )
    if doses.filter(given_at=change.happened_at).exists():
        return
    given: dict[str, Any] = {
        "given_at": change.happened_at,
        "given_on": change.happened_on,
        "given_by": actor.get_username(),
        "source": change.data_source,
    }
    waiting = doses.filter(given_at=None, not_given_reason="").order_by("number").first()
    if waiting is not None:
        dose = replace_dose(waiting, "give", actor=actor, now=now, **given)
    else:
        given |= {"drug": companion.drug, "drug_class": companion.drug_class}
        dose = add_dose(state.course, companion, "containment", actor=actor, now=now, **given)
    tell_past_washout(state, dose, dose.drug_class or companion.drug_class, actor, now)


def _product_in_doubt(state: CourseState, change: Change, actor: User, now: datetime) -> None:
    """Interlock: whoever prepares the patient is told, and the infusion is held once it is near."""
    stage = state.journey.stage
    if stage not in _PREPARING or state.deceased_on is not None:
        return
    near = stage != Stage.BRIDGING or change.source in _NEAR
    if near:
        holds.open_in_lock(
            state.course,
            step="infusion",
            reason_code=_hold_reason(state, change),
            began_on=change.happened_on,
            remark=change.reason,
            actor=actor,
            now=now,
            source="interlock",
        )
    notices.raise_notice(
        course=state.course,
        code="product_interlock" if near else "product_lost",
        roles=(Role.HAEMATOLOGIST, Role.CELL_LAB, Role.COORDINATOR),
        params={"state": _label(change), "on": change.happened_on},
        about=f"product:{change.subject_id}",
        cause=cause_of(change),
        actor=actor,
        now=now,
    )


def _hold_reason(state: CourseState, change: Change) -> str:
    """What the hold is for; an excursion stays one in quarantine, and in a version without it."""
    if change.cause.startswith(IDENTITY):
        return PRODUCT_IDENTITY
    reason = PRODUCT_HOLDS[change.target]
    if reason != PRODUCT_QUARANTINE:
        return reason
    known = holds.delay_reasons(state.course).by_code
    if change.source == "product_excursion" or reason not in known:
        return SHIPMENT_EXCURSION
    return reason


def _label(change: Change) -> str:
    machine = COMPANIONS[change.machine]
    return machine.labels[machine.state(change.target)]


def _take_back(state: CourseState, change: Change, actor: User, now: datetime) -> None:
    """A slip is corrected: what the mistaken step held is free again, who was told is told."""
    mistaken = next(
        step
        for step in reversed(state.changes)
        if (step.machine, step.subject_id, step.target)
        == (change.machine, change.subject_id, change.source)
    )
    cause = cause_of(mistaken)
    holds.retract_in_lock(state.course, mistaken.recorded_at, cause=cause, actor=actor, now=now)
    notices.withdraw_notices(course=state.course, cause=cause, now=now, actor=actor)


def _material_leaves(state: CourseState, change: Change, actor: User, now: datetime) -> None:
    """Keep of which collection the product is made: a later one is not its own."""
    adequate = [row.pk for row in state.of("apheresis") if row.state == Attempt.ADEQUATE]
    latest = next(reversed(adequate), None)
    Product.objects.filter(pk=change.subject_id or 0).update(collection_id=latest)


EFFECTS: dict[tuple[str, str], Callable[[CourseState, Change, User, datetime], None]] = {
    ("eligibility", "deferred"): _review_deferred,
    ("eligibility", "assessing"): _review_resumes,
    ("apheresis", "in_progress"): _collection_starts,
    ("apheresis", "completed"): _collection_done,
    ("lymphodepletion", "in_progress"): _depletion_starts,
    ("containment", "given"): _containment_given,
    ("product", "material_shipped"): _material_leaves,
    **{("bridging", end): tell_last_dose for end in ("on_hold", "closed", "stopped_early")},
}


def _follow(
    machine: str, companion: Companion, target: str, change: Change, actor: User, now: datetime
) -> None:
    """Move a companion along because of `change`, at the same time if its own steps allow it."""
    course = change.course
    step = Step(
        course=course,
        machine=machine,
        subject_id=companion.pk,
        source=companion.state,
        target=target,
        happened_at=not_before_last(changes_of(course), machine, companion.pk, change.happened_at),
        actor=actor,
        now=now,
        cause=cause_of(change),
        data_source=change.data_source,
    )
    record_automatic(companion, write_companion(companion, step))
