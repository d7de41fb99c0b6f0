"""What an exit or a death closes beside the journey, and how its undo restores exactly that."""

from datetime import date, datetime, time

from accounts.models import User
from pathway.domain.companions import (
    CLOSED_BY_EXIT,
    Attempt,
    Bridging,
    Containment,
)
from pathway.domain.depletion import Depletion
from pathway.domain.product_states import Product
from pathway.domain.spine import SPINE, Stage
from pathway.loading_companions import MODELS
from pathway.models import Change, Dose, Journey
from pathway.standing import UNDO, as_corrected, since_before_last, standing_changes, way_to
from pathway.writing import Step, record_automatic, write_companion
from patients import consequences, courses, holds
from patients.consequences import Event, Happening
from patients.deaths import refuse_before_last_fact
from patients.models import Course
from patients.survival import standing_death
from terms.refusals import Refused

# What nobody comes to after death, besides the stages of the spine.
SHOWS_LIFE = frozenset(
    {(SPINE.name, stage.value) for stage in Stage if stage not in SPINE.ends}
    | {
        ("containment", Containment.GIVEN.value),
        ("apheresis", Attempt.IN_PROGRESS.value),
        ("apheresis", Attempt.COMPLETED.value),
        ("bridging", Bridging.RUNNING.value),
        ("lymphodepletion", Depletion.IN_PROGRESS.value),
        ("lymphodepletion", Depletion.COMPLETE.value),
        ("product", Product.INFUSED.value),
    }
)


def leave(journey: Journey, change: Change, actor: User, now: datetime) -> None:
    """An exit or completion closes what is open, keyed so that the way back restores it."""
    journey.active = False
    journey.save(update_fields=["active"])
    course, cause = change.course, cause_of(change)
    courses.close(course, on=change.happened_on)
    close_companions(course, change.happened_at, cause, actor, now)
    holds.end_all(course, on=change.happened_on, cause=cause, actor=actor, now=now)
    completed = change.target == Stage.COMPLETED
    event = Event.COURSE_COMPLETED if completed else Event.COURSE_CLOSED
    consequences.run(Happening(event, course, actor, now, cause))


def come_back(journey: Journey, change: Change, actor: User, now: datetime) -> None:
    """The way back from an end restores exactly what that end closed."""
    journey.active = True
    journey.save(update_fields=["active"])
    course = change.course
    courses.reopen(course)
    steps = (c for c in changes_of(course) if c.machine == SPINE.name)
    cause = cause_of([step for step in steps if step.target == change.source][-1])
    reopen_companions(course, cause, change.happened_at, actor, now)
    holds.reopen_all(course, cause=cause, actor=actor, now=now)
    consequences.run(Happening(Event.COURSE_REOPENED, course, actor, now, cause))


def close_companions(
    course: Course, happened_at: datetime, cause: str, actor: User, now: datetime
) -> None:
    """Close every open companion of a locked course; products stay: quality decides about them.

    Nothing is closed before its own last step, nor after `now`.
    """
    changes = changes_of(course)
    for machine, closing in CLOSED_BY_EXIT.items():
        model = MODELS[machine]
        for companion in model._default_manager.filter(course=course, state__in=closing):
            step = Step(
                course=course,
                machine=machine,
                subject_id=companion.pk,
                source=companion.state,
                target=closing[companion.state],
                happened_at=min(now, not_before_last(changes, machine, companion.pk, happened_at)),
                actor=actor,
                now=now,
                cause=cause,
            )
            record_automatic(companion, write_companion(companion, step))


def reopen_companions(
    course: Course, cause: str, happened_at: datetime, actor: User, now: datetime
) -> None:
    """Put back what `close_companions` closed for `cause` and nobody has moved since.

    Each stands in its state since the day it came there, as if it had never been closed.
    """
    changes = changes_of(course)
    for closed in changes:
        if closed.cause != cause or closed.subject_id is None or not closed.source:
            continue
        companion = MODELS[closed.machine]._default_manager.get(pk=closed.subject_id)
        if companion.state != closed.target:
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
            cause=f"{UNDO}{cause}",
        )
        since = since_before_last(changes, closed.machine, companion.pk)
        record_automatic(companion, write_companion(companion, step, since=since))


def on_patient_died(happening: Happening) -> None:
    """Consequence of a death: the journey rests and what is open is closed on that day.

    Raises Refused when something is recorded for a later day that only the living go through.
    """
    course, died_on = happening.course, happening.on
    if died_on is None:
        raise ValueError("a death has a date")
    _refuse_signs_of_life(course, died_on)
    Journey.objects.filter(course=course).update(active=False)
    end_of_day = datetime.combine(died_on, time(23, 59), tzinfo=course.centre.zone)
    close_companions(course, end_of_day, happening.cause, happening.actor, happening.now)


def _refuse_signs_of_life(course: Course, died_on: date) -> None:
    """A step of the journey or a treatment after the death: one of the two dates is wrong.

    An exit is none: a patient may be called lost before anybody hears of the death.
    """
    later = [
        change.happened_on
        for change in standing_changes(changes_of(course))
        if change.happened_on > died_on
        and (change.machine, change.target) in SHOWS_LIFE
        and not change.cause
    ]
    doses = Dose.objects.filter(course=course, replaced_by=None, given_on__gt=died_on)
    later += [dose.given_on for dose in doses if dose.given_on is not None]
    refusals = refuse_before_last_fact(died_on, later)
    if refusals:
        raise Refused(refusals)


def on_death_withdrawn(happening: Happening) -> None:
    """Consequence of a death recorded by mistake: everything stands as before."""
    course = happening.course
    journey = Journey.objects.get(course=course)
    journey.active = Stage(journey.stage) not in SPINE.ends
    journey.save(update_fields=["active"])
    reopen_companions(course, happening.cause, happening.now, happening.actor, happening.now)


def on_entered_in_error(happening: Happening) -> None:
    """A course entered in error leaves the board; nothing of it is closed."""
    Journey.objects.filter(course=happening.course).update(active=False)


def on_error_undone(happening: Happening) -> None:
    """Consequence of a mistaken mark: the journey is on the board again, if it was."""
    journey = Journey.objects.get(course=happening.course)
    dead = standing_death(happening.course.patient) is not None
    journey.active = Stage(journey.stage) not in SPINE.ends and not dead
    journey.save(update_fields=["active"])


def cause_of(change: Change) -> str:
    """The key under which whatever follows from `change` is undone."""
    return f"change:{change.place}"


def changes_of(course: Course) -> tuple[Change, ...]:
    """Every change of a course in order, as last corrected, read anew."""
    return as_corrected(Change.objects.filter(course=course).order_by("sequence"))


def not_before_last(
    changes: tuple[Change, ...], machine: str, pk: int, happened_at: datetime
) -> datetime:
    """`happened_at`, or the time of the subject's last step when that was later."""
    return max([happened_at, *(step.happened_at for step in way_to(changes, machine, pk)[-1:])])
