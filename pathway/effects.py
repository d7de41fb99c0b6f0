"""What a written move brings with it, in the same transaction: anchors, companions, holds."""

from collections.abc import Callable
from datetime import datetime

from accounts.models import User
from pathway.domain.companions import CLOSED_BY_EXIT, Containment, Review
from pathway.domain.spine import EXITS, Stage
from pathway.loading import MODELS, CourseState
from pathway.models import Change, Companion, EligibilityReview, Journey
from pathway.writing import Step, write_change, write_companion
from patients import anchors, consequences, holds
from patients.consequences import Event, Happening
from patients.models import Course
from patients.models.courses import AnchorKind

ENDS = EXITS | {Stage.COMPLETED}
# A product that is lost or doubtful once lymphodepletion is near stops the infusion by a hold.
PRODUCT_HOLDS = {
    "failed": "MANUFACTURING_FAILURE",
    "rejected": "MANUFACTURING_FAILURE",
    "oos": "OOS",
    "quarantined": "SHIPMENT_EXCURSION",
    "product_excursion": "SHIPMENT_EXCURSION",
    "wasted": "MANUFACTURING_FAILURE",
    "discarded": "MANUFACTURING_FAILURE",
}


def after_stage(state: CourseState, change: Change, actor: User, now: datetime) -> None:
    """Follow a move of the journey."""
    source, target = Stage(change.source), Stage(change.target)
    course = state.course
    if target in ENDS:
        _leave(state.journey, change, actor, now)
    elif source in ENDS:
        _return(state.journey, change, actor, now)
    elif target is Stage.ELIGIBILITY:
        if source is Stage.REFERRAL:
            anchors.set_actual(
                course, AnchorKind.ENROLMENT, change.happened_on,
                actor=actor, now=now, source=change.data_source,
            )  # fmt: skip
        _new_round(course, change, actor, now)
    elif target is Stage.INFUSION:
        anchors.set_actual(
            course, AnchorKind.INFUSION, change.happened_on,
            actor=actor, now=now, source=change.data_source,
        )  # fmt: skip
    elif source is Stage.INFUSION and target is Stage.LYMPHODEPLETION:
        anchors.clear_actual(
            course, AnchorKind.INFUSION, actor=actor, now=now, reason=change.reason
        )


def after_companion(state: CourseState, change: Change, actor: User, now: datetime) -> None:
    """Follow a move of a companion."""
    effect = EFFECTS.get((change.machine, change.target))
    if effect is not None:
        effect(state, change, actor, now)
    if change.machine == "product" and change.target in PRODUCT_HOLDS:
        _hold_infusion(state, change, actor, now)


def _new_round(course: Course, change: Change, actor: User, now: datetime) -> None:
    """A review for this time at eligibility; an earlier round that still stands is closed."""
    for earlier in EligibilityReview.objects.filter(course=course).exclude(state=Review.CLOSED):
        write_companion(
            earlier,
            _automatic("eligibility", earlier, Review.CLOSED.value, change, actor, now),
        )
    review = EligibilityReview.objects.create(
        course=course,
        state=Review.ENROLLED.value,
        state_since=change.happened_on,
        created_at=now,
        created_by=actor.get_username(),
        source=change.data_source,
    )
    write_change(
        Step(
            course=course,
            machine="eligibility",
            subject_id=review.pk,
            source="",
            target=review.state,
            happened_at=change.happened_at,
            actor=actor,
            now=now,
            cause=_cause(change),
            data_source=change.data_source,
        )
    )


def _leave(journey: Journey, change: Change, actor: User, now: datetime) -> None:
    """An exit or completion closes what is open, keyed so that the way back restores it."""
    journey.active = False
    journey.save(update_fields=["active"])
    course, cause = change.course, _cause(change)
    close_companions(course, change.happened_at, cause, actor, now)
    holds.end_all(course, on=change.happened_on, cause=cause, actor=actor, now=now)
    consequences.run(Happening(Event.COURSE_CLOSED, course, actor, now, cause))


def _return(journey: Journey, change: Change, actor: User, now: datetime) -> None:
    """The way back from an end restores exactly what that end closed."""
    journey.active = True
    journey.save(update_fields=["active"])
    course = change.course
    exit_change = (
        Change.objects.filter(course=course, machine="journey", target=change.source)
        .order_by("-sequence")
        .first()
    )
    cause = _cause(exit_change) if exit_change else ""
    reopen_companions(course, cause, change.happened_at, actor, now)
    holds.reopen_all(course, cause=cause, actor=actor, now=now)
    consequences.run(Happening(Event.COURSE_REOPENED, course, actor, now, cause))


def close_companions(
    course: Course, happened_at: datetime, cause: str, actor: User, now: datetime
) -> None:
    """Close every open companion of a locked course; products stay: quality decides about them."""
    for machine, closing in CLOSED_BY_EXIT.items():
        model = MODELS[machine]
        for companion in model._default_manager.filter(course=course, state__in=closing):
            step = Step(
                course=course,
                machine=machine,
                subject_id=companion.pk,
                source=companion.state,
                target=closing[companion.state],
                happened_at=max(happened_at, _last_at(course, machine, companion.pk, happened_at)),
                actor=actor,
                now=now,
                cause=cause,
            )
            write_companion(companion, step)


def reopen_companions(
    course: Course, cause: str, happened_at: datetime, actor: User, now: datetime
) -> None:
    """Put back what `close_companions` closed for `cause` and nobody has moved since."""
    for closed in Change.objects.filter(course=course, cause=cause).exclude(subject_id=None):
        companion = MODELS[closed.machine]._default_manager.get(pk=closed.subject_id)
        if companion.state != closed.target or not closed.source:
            continue
        step = Step(
            course=course,
            machine=closed.machine,
            subject_id=companion.pk,
            source=closed.target,
            target=closed.source,
            happened_at=max(happened_at, closed.happened_at),
            actor=actor,
            now=now,
            cause=f"undo:{cause}",
        )
        write_companion(companion, step)


def on_patient_died(happening: Happening) -> None:
    """Consequence of a death: the journey rests and what is open is closed."""
    course = happening.course
    Journey.objects.filter(course=course).update(active=False)
    close_companions(course, happening.now, happening.cause, happening.actor, happening.now)


def on_death_withdrawn(happening: Happening) -> None:
    """Consequence of a death recorded by mistake: everything stands as before."""
    course = happening.course
    journey = Journey.objects.get(course=course)
    journey.active = Stage(journey.stage) not in ENDS
    journey.save(update_fields=["active"])
    reopen_companions(course, happening.cause, happening.now, happening.actor, happening.now)


def _collection_starts(state: CourseState, change: Change, actor: User, now: datetime) -> None:
    """Containment may not outlive the start of collection."""
    for row in state.of("containment"):
        if row.state in {Containment.GIVEN, Containment.NOT_NEEDED}:
            companion = MODELS["containment"]._default_manager.get(pk=row.pk)
            write_companion(
                companion,
                _automatic("containment", companion, Containment.CLOSED.value, change, actor, now),
            )


def _collection_done(state: CourseState, change: Change, actor: User, now: datetime) -> None:
    """The day collection began is the apheresis anchor of this attempt."""
    numbers = {row.pk: number for number, row in enumerate(state.of("apheresis"), start=1)}
    began = next(
        step
        for step in reversed(state.changes)
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
        occurrence=numbers[began.subject_id or 0],
    )


def _depletion_starts(state: CourseState, change: Change, actor: User, now: datetime) -> None:
    """The first dose is the lymphodepletion anchor; a repeated course is its next occurrence."""
    started = [row for row in state.of("lymphodepletion") if "in_progress" in row.reached]
    anchors.set_actual(
        state.course,
        AnchorKind.LYMPHODEPLETION,
        change.happened_on,
        actor=actor,
        now=now,
        source=change.data_source,
        occurrence=len(started) + 1,
    )


def _hold_infusion(state: CourseState, change: Change, actor: User, now: datetime) -> None:
    """Interlock: the product fails while the patient is being prepared for it."""
    if state.journey.stage != Stage.LYMPHODEPLETION:
        return
    holds.open_in_lock(
        state.course,
        step="infusion",
        reason_code=PRODUCT_HOLDS[change.target],
        began_on=change.happened_on,
        remark=change.reason,
        actor=actor,
        now=now,
        source="interlock",
    )


EFFECTS: dict[tuple[str, str], Callable[[CourseState, Change, User, datetime], None]] = {
    ("apheresis", "in_progress"): _collection_starts,
    ("apheresis", "completed"): _collection_done,
    ("lymphodepletion", "in_progress"): _depletion_starts,
}


def _cause(change: Change) -> str:
    return f"change:{change.sequence}"


def _last_at(course: Course, machine: str, pk: int, otherwise: datetime) -> datetime:
    last = (
        Change.objects.filter(course=course, machine=machine, subject_id=pk)
        .order_by("-sequence")
        .values_list("happened_at", flat=True)
        .first()
    )
    return last or otherwise


def _automatic(
    machine: str, companion: Companion, target: str, change: Change, actor: User, now: datetime
) -> Step:
    return Step(
        course=change.course,
        machine=machine,
        subject_id=companion.pk,
        source=companion.state,
        target=target,
        happened_at=change.happened_at,
        actor=actor,
        now=now,
        cause=_cause(change),
        data_source=change.data_source,
    )
