"""The day a collection is booked for: what is against it, and its attempt when the plan moves."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from accounts.models import User
from audit.recording import record
from pathway.domain.collection_guards import slot_agrees, washouts_known, washouts_met
from pathway.domain.companions import Attempt
from pathway.domain.facts import CompanionFacts
from pathway.ending import changes_of, not_before_last
from pathway.loading import CourseState, load_state
from pathway.models import ApheresisAttempt
from pathway.washout_notices import tell_of_booked_day
from pathway.writing import Step, record_automatic, write_companion
from patients.consequences import Happening
from patients.models.courses import AnchorKind
from terms.refusals import Kind, Refusal

_BOOKED = (Attempt.SCHEDULED.value, Attempt.CLEARED.value)


def against_booking(
    state: CourseState, machine: str, values: Mapping[str, Any], on: date
) -> list[Refusal]:
    """What a collection is booked for in vain: washouts that last, a slot on another day."""
    planned_on = values.get("planned_on")
    if machine != "apheresis" or not planned_on:
        return []
    attempt = CompanionFacts(pk=0, state=Attempt.SCHEDULED.value, planned_on=planned_on)
    facts = replace(state.facts(on=on), subject=attempt)
    found = (washouts_met(facts), washouts_known(facts), slot_agrees(facts))
    return [refusal for refusal in found if refusal is not None]


def without_answered(
    refusals: Sequence[Refusal], overrides: Mapping[str, str], actor: User
) -> tuple[list[Refusal], tuple[Mapping[str, str], ...]]:
    """What still stands of `refusals`, and the reasons given for those that yield to them."""
    yielding = [
        refusal
        for refusal in refusals
        if refusal.kind is Kind.SOFT
        and overrides.get(refusal.code, "").strip()
        and not actor.roles.isdisjoint(refusal.who_may)
    ]
    used = tuple(
        {"code": one.code, "reason": overrides[one.code].strip(), "said": str(one)}
        for one in yielding
    )
    return [refusal for refusal in refusals if refusal not in yielding], used


def follow_plan(happening: Happening) -> None:
    """Consequence of a new plan: the collection that is booked is for that day.

    Cleared for another day, it is cleared again: a washout may not be over on an earlier one, and
    a slot, a blood count or a new dose speak against a later one.
    """
    course, day = happening.course, happening.on
    if happening.cause != AnchorKind.APHERESIS or day is None:
        return
    booked = ApheresisAttempt.objects.filter(course=course, state__in=_BOOKED)
    attempt = booked.exclude(planned_on=day).order_by("pk").last()
    if attempt is None:
        return
    before = attempt.planned_on
    attempt.planned_on = day
    attempt.save(update_fields=["planned_on"])
    record(
        actor=happening.actor,
        now=happening.now,
        action="apheresis.rebook",
        obj=attempt,
        course_id=course.pk,
        patient_id=course.patient_id,
        before={"planned_on": before},
        after={"planned_on": day},
    )
    if attempt.state == Attempt.CLEARED:
        _clear_anew(attempt, day, happening.actor, happening.now)
    tell_of_booked_day(load_state(course), attempt.pk, day, happening.actor, happening.now)


def _clear_anew(attempt: ApheresisAttempt, day: date, actor: User, now: datetime) -> None:
    course = attempt.course
    changes = changes_of(course)
    at = not_before_last(changes, "apheresis", attempt.pk, now)
    step = Step(
        course=course,
        machine="apheresis",
        subject_id=attempt.pk,
        source=attempt.state,
        target=Attempt.SCHEDULED.value,
        happened_at=at,
        actor=actor,
        now=now,
        cause=f"plan:{day.isoformat()}",
    )
    record_automatic(attempt, write_companion(attempt, step))
