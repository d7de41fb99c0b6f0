"""Recording the items of an eligibility review: ordered, sampled, resulted, waived, taken back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from accounts.models import User
from audit.recording import record
from pathway.domain.assessments import ItemStep
from pathway.domain.companions import Review
from pathway.domain.eligibility_items import COMPUTED, EligibilityItem, ItemStanding, ItemState
from pathway.domain.facts import CourseFacts
from pathway.domain.guards import patient_alive
from pathway.domain.measures import canonical
from pathway.domain.review_guards import standings_of
from pathway.loading import CourseState, load_state
from pathway.models import EligibilityEntry
from pathway.typed_values import against_value, typed_numbers
from pathway.unsettling import tell_unsettled
from patients.courses import lock_course, raise_version
from patients.domain.dating import refuse_before_birth, refuse_future
from terms.day_numbers import local_date
from terms.refusals import NotAllowed, Refusal, Refused
from terms.roles import ROLE_NAMES, Role
from terms.words import N_

# Whoever takes blood notes that it was taken, whoever may record the result.
SAMPLERS = (Role.WARD_NURSE.value, Role.APHERESIS_NURSE.value)


@dataclass(frozen=True)
class ItemNote:
    """What somebody records about one item. `on` is the day of the sample or deed, else today; of a
    correction the day of what it corrects.

    `replaces` is the row that this one corrects or takes back. A number is in `unit` and, where
    it is unusual, `confirmed`.
    """

    item: str
    step: str
    value: str = ""
    on: date | None = None
    reason: str = ""
    replaces: int | None = None
    unit: str = ""
    confirmed: bool = False


@transaction.atomic
def record_items(
    *, course_id: int, notes: Sequence[ItemNote], actor: User, now: datetime, source: str = ""
) -> list[EligibilityEntry]:
    """Record several items of the latest review at once, all or none.

    Raises Course.DoesNotExist, NotAllowed, or Refused with everything wrong with any of them.
    """
    course = lock_course(course_id, actor=actor)
    state, today = load_state(course), local_date(now, course.centre.zone)
    facts = state.facts(on=today, at=now)
    refusals = _review_refusals(facts)
    standing = {one.item.code: one for one in standings_of(facts)}
    refusals += refuse_batch([note.item for note in notes])
    for note in notes:
        refusals += _note_refusals(note, facts, standing, actor)
    refuse_all(refusals)
    review = facts.reviews[-1]
    entries = [
        EligibilityEntry(
            course=course,
            review_id=review.pk,
            item=note.item,
            step=note.step,
            value=_kept(standing[note.item].item, note),
            on=note.on or _corrected_day(note, facts) or today,
            reason=note.reason.strip(),
            replaces_id=note.replaces,
            recorded_at=now,
            recorded_by=actor,
            source=source,
        )
        for note in notes
    ]
    written = _write(state, entries, actor, now, typed=notes)
    tell_unsettled(state, facts, written, actor, now)
    return written


def reorder_stale(state: CourseState, on: date, actor: User, now: datetime) -> None:
    """Order every expired item of the review again, under the lock of the move that resumes it."""
    facts = state.facts(on=on)
    stale = [one for one in standings_of(facts) if one.expired]
    entries = [
        EligibilityEntry(
            course=state.course,
            review_id=facts.reviews[-1].pk,
            item=one.item.code,
            step=ItemStep.REQUESTED.value,
            on=on,
            recorded_at=now,
            recorded_by=actor,
        )
        for one in stale
    ]
    if entries:
        _write(state, entries, actor, now)


def _corrected_day(note: ItemNote, facts: CourseFacts) -> date | None:
    """A correction that says no day is of the day that stood: what was old stays old."""
    rows = facts.assessments.items if note.step != ItemStep.WITHDRAWN else ()
    return next((row.on for row in rows if row.pk == note.replaces), None)


def _write(
    state: CourseState,
    entries: list[EligibilityEntry],
    actor: User,
    now: datetime,
    typed: Sequence[ItemNote] = (),
) -> list[EligibilityEntry]:
    written = EligibilityEntry.objects.bulk_create(entries)
    if any(entry.replaces_id for entry in written):
        raise_version(state.course)
    record(
        actor=actor,
        now=now,
        action="eligibility.record",
        obj=written[0],
        course_id=state.course.pk,
        patient_id=state.course.patient_id,
        after={
            "entries": [
                {
                    "id": entry.pk,
                    "item": entry.item,
                    "step": entry.step,
                    "value": entry.value,
                    "on": entry.on,
                    "reason": entry.reason,
                    "replaces": entry.replaces_id,
                }
                for entry in written
            ],
            "typed": typed_numbers((note.item, note) for note in typed),
        },
    )
    return written


def refuse_all(refusals: Iterable[Refusal]) -> None:
    """Raise NotAllowed or Refused when anything stands."""
    standing = list(refusals)
    if any(refusal.code == "role" for refusal in standing):
        raise NotAllowed(standing)
    if standing:
        raise Refused(standing)


def refuse_batch(names: Sequence[str]) -> list[Refusal]:
    """A batch holds something, and nothing twice: which of the two would count?"""
    if not names:
        return [Refusal(code="nothing_given", message=N_("Nothing is recorded here."))]
    return [
        Refusal(code="twice", message=N_("This is given twice."), field=name)
        for name in sorted({name for name in names if names.count(name) > 1})
    ]


def role_refusal(roles: Sequence[str], field: str = "") -> Refusal:
    """The refusal of somebody none of whose roles is among `roles`."""
    return Refusal(
        code="role",
        message=N_("Your role may not record this."),
        params={"roles": ", ".join(ROLE_NAMES[role] for role in roles)},
        who_may=tuple(roles),
        field=field,
    )


def _review_refusals(facts: CourseFacts) -> list[Refusal]:
    refusals = [refusal for refusal in (patient_alive(facts),) if refusal is not None]
    if facts.review is None or facts.review.state == Review.CLOSED:
        refusals.append(
            Refusal(code="no_open_review", message=N_("No eligibility review is open."))
        )
    return refusals


def _note_refusals(
    note: ItemNote,
    facts: CourseFacts,
    standing: dict[str, ItemStanding],
    actor: User,
) -> list[Refusal]:
    """Everything against one note; each refusal names its item."""
    found = standing.get(note.item)
    if found is None or note.step not in tuple(ItemStep):
        message = N_("There is no such item or step.")
        return [Refusal(code="unknown_item", message=message, field=note.item)]
    refusals: list[Refusal] = []
    roles = who_may(found.item, found.state if note.step == ItemStep.WITHDRAWN else note.step)
    if actor.roles.isdisjoint(roles):
        refusals.append(role_refusal(roles, note.item))
    if note.on is not None:
        refusals += refuse_future(note.on, facts.on, note.item)
        refusals += refuse_before_birth(note.on, facts.birth_date, note.item)
    refusals += _step_refusals(note, found)
    return refusals + _correction_refusals(note, found)


def who_may(item: EligibilityItem, step: str) -> tuple[str, ...]:
    """The roles that may record a step of an item, or take it back."""
    if step == ItemStep.WAIVED:
        return item.waived_by.value
    if item.code in COMPUTED:
        return ()
    return item.recorded_by.value + (SAMPLERS if step == ItemStep.SAMPLED else ())


def _step_refusals(note: ItemNote, found: ItemStanding) -> list[Refusal]:
    field = note.item
    if note.step == ItemStep.RESULTED:
        return against_value(
            found.item.measure, note.value, note.unit, confirmed=note.confirmed, field=field
        )
    if note.value.strip():
        message = N_("A value belongs to a result.")
        return [Refusal(code="value_unexpected", message=message, field=field)]
    if note.step == ItemStep.WAIVED:
        if not note.reason.strip():
            message = N_("A waiver needs a reason.")
            return [Refusal(code="reason_missing", message=message, field=field)]
        if found.state is ItemState.ACCEPTED and not found.expired and note.replaces is None:
            message = N_("There is nothing to waive: the result is accepted.")
            return [Refusal(code="nothing_to_waive", message=message, field=field)]
    return []


def _correction_refusals(note: ItemNote, found: ItemStanding) -> list[Refusal]:
    """Only the row that counts is corrected: what it hides counts no more."""
    if note.replaces is None and note.step != ItemStep.WITHDRAWN:
        return []
    refusals = []
    if note.replaces is None or note.replaces != found.entry:
        refusals.append(
            Refusal(
                code="no_such_row",
                message=N_("What this corrects does not stand any more."),
                field=note.item,
            )
        )
    if not note.reason.strip():
        message = N_("A correction needs a reason.")
        refusals.append(Refusal(code="reason_missing", message=message, field=note.item))
    return refusals


def _kept(item: EligibilityItem, note: ItemNote) -> str:
    return canonical(item.measure, note.value, note.unit) if note.step == ItemStep.RESULTED else ""
