"""Writing one step: the state on its row and the Change beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Max

from accounts.models import User
from audit.prepared import insert, update
from audit.recording import record
from pathway.domain.exits import Ending
from pathway.models import Change, Companion, Journey, Precision
from patients.models import Course
from terms.day_numbers import local_date


@dataclass(frozen=True)
class Step:
    """One step about to be written."""

    course: Course
    machine: str
    subject_id: int | None
    source: str
    target: str
    happened_at: datetime
    actor: User
    now: datetime
    reason: str = ""
    overrides: tuple[Mapping[str, str], ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    cause: str = ""
    data_source: str = ""
    transcribed: bool = False  # happened before Percorso: no guard was asked
    told_after: bool = False  # what would have refused it then was only asked about
    precision: str = Precision.MINUTE.value
    supersedes: Change | None = None  # what this corrects
    correction: str = ""  # and why

    @property
    def on(self) -> date:
        """The local date of the step."""
        return local_date(self.happened_at, self.course.centre.zone)


def write_change(step: Step) -> Change:
    """Append the Change. The course lock makes the next sequence number safe."""
    change = _change(step)
    insert(change)
    return change


def write_history(journey: Journey, steps: Sequence[Step]) -> list[Change]:
    """Append the Changes of a course entered with its past, and put the journey where they end.

    The companions of these steps have been made in the states that the steps lead to.
    """
    changes = [_change(step) for step in steps]
    Change.objects.bulk_create(changes)
    for step in steps:
        if step.subject_id is None:
            journey.left_stage, journey.stage = step.source, step.target
            journey.stage_since = step.on
            journey.exit_scope = Ending.of(step.target, step.details).scope
    journey.save(update_fields=["stage", "stage_since", "left_stage", "exit_scope"])
    return changes


def _change(step: Step) -> Change:
    """The Change of a step with the next number of its course."""
    course = step.course
    if course.last_change is None:
        found = Change.objects.filter(course=course).aggregate(last=Max("sequence"))
        course.last_change = found["last"] or 0
    course.last_change += 1
    return Change(
        course=course,
        sequence=course.last_change,
        machine=step.machine,
        subject_id=step.subject_id,
        source=step.source,
        target=step.target,
        happened_at=step.happened_at,
        happened_on=step.on,
        recorded_at=step.now,
        actor=step.actor,
        reason=step.reason,
        overrides=list(step.overrides),
        details={key: str(value) for key, value in step.details.items() if value not in (None, "")},
        cause=step.cause,
        data_source=step.data_source,
        transcribed=step.transcribed,
        told_after=step.told_after,
        precision=step.precision,
        supersedes=step.supersedes,
        correction=step.correction,
        position=step.supersedes.place if step.supersedes is not None else None,
    )


def write_journey(journey: Journey, step: Step, *, since: date | None = None) -> Change:
    """Put the journey at its new stage and append the Change.

    `since` is when it came there in truth, when the step takes a mistake back.
    """
    ending = Ending.of(step.target, step.details)
    journey.left_stage = step.source
    journey.stage = step.target
    journey.stage_since = since or step.on
    journey.exit_reason, journey.exit_scope = ending.reason, ending.scope
    update(journey, "stage", "stage_since", "left_stage", "exit_reason", "exit_scope")
    return write_change(step)


def forget_deviation(product: Companion) -> tuple[str, ...]:
    """Whoever lets a product out of another quarantine gives the number of its own deviation.

    That of an earlier one stays with the step that it was given at.
    """
    product.deviation_number = ""  # type: ignore[attr-defined]
    return ("deviation_number",)


def write_companion(
    companion: Companion,
    step: Step,
    changed: tuple[str, ...] = (),
    *,
    since: date | None = None,
) -> Change:
    """Put a companion in its new state, with the `changed` details, and append the Change.

    `since` is when it came to that state in truth, when the step takes something back.
    """
    companion.state = step.target
    companion.state_since = since or step.on
    update(companion, "state", "state_since", *changed)
    return write_change(step)


def restate_scope(journey: Journey, scope: str) -> None:
    """Say anew how far the withdrawal goes that a journey ended with."""
    journey.exit_scope = scope
    journey.save(update_fields=["exit_scope"])


def restate_journey(journey: Journey, since: date) -> None:
    """Say anew since when a journey is at its stage: the step that led there was dated wrongly."""
    journey.stage_since = since
    journey.save(update_fields=["stage_since"])


def restate_companion(companion: Companion, since: date) -> None:
    """Say anew since when a companion is in its state."""
    companion.state_since = since
    companion.save(update_fields=["state_since"])


def record_automatic(companion: Companion, change: Change) -> None:
    """Keep in the audit what `change` made of a companion without anybody asking for it."""
    record(
        actor=change.actor,
        now=change.recorded_at,
        action=f"{change.machine}.auto",
        obj=companion,
        course_id=change.course.pk,
        patient_id=change.course.patient_id,
        before={"state": change.source},
        after={
            "state": change.target,
            "state_since": companion.state_since,
            "happened_at": change.happened_at,
            "cause": change.cause,
        },
    )
