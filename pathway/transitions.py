"""The only writer of stages and states: lock, facts, guards, write, audit, consequences."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import wraps
from typing import Any, TypeVar, cast

from django.db import transaction

from accounts.models import User
from audit.recording import record
from pathway import effects
from pathway.details import apply_details
from pathway.domain.companions import COMPANIONS
from pathway.domain.detail_guards import against_details
from pathway.domain.exits import against_ending
from pathway.domain.facts import CourseFacts
from pathway.domain.machine import Machine, Move, against
from pathway.domain.refusing import asked
from pathway.domain.spine import SPINE
from pathway.loading import CourseState, load_state
from pathway.loading_companions import MODELS, CompanionRow
from pathway.models import Change, Companion, Product
from pathway.standing import since_before_last, takes_back_a_mistake
from pathway.timing import refuse_order, refuse_time
from pathway.writing import Step, forget_deviation, write_companion, write_journey
from patients.courses import check_version, lock_course, raise_version
from patients.models import Course
from patients.people import lock_patient
from terms.day_numbers import local_date
from terms.refusals import Kind, NotAllowed, Refusal, Refused
from terms.words import N_

QUARANTINE = "quarantined"
_Service = TypeVar("_Service", bound=Callable[..., Change])


@dataclass(frozen=True)
class MoveOrder:
    """What somebody asks for. `overrides` maps the code of a soft refusal to the reason given.

    `expected_version` is the course's version they saw; None only where no page was shown.
    `told_after` is a move that a correction finds made: what refuses it firmly asks why instead.
    """

    target: str
    happened_at: datetime
    reason: str = ""
    overrides: Mapping[str, str] = field(default_factory=dict)
    expected_version: int | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""
    cause: str = ""  # what made an automatic move, see models.Change
    told_after: bool = False


class _Ended(Exception):
    """The course has ended: before its way back its patient is locked, as everywhere first."""


def _atomic_patient_first(service: _Service) -> _Service:
    """In one transaction; in another one, from the lock of the patient on, for an ended course."""

    @wraps(service)
    def started(**given: Any) -> Change:
        try:
            with transaction.atomic():
                return service(**given)
        except _Ended as ended:
            with transaction.atomic():
                lock_patient(ended.args[0], actor=given["actor"])
                return service(**given, patient_locked=True)

    return cast(_Service, started)


@_atomic_patient_first
def advance(
    *, course_id: int, order: MoveOrder, actor: User, now: datetime, patient_locked: bool = False
) -> Change:
    """Move the journey of a course to another stage.

    Raises Course.DoesNotExist, StaleVersion, NotAllowed (the role), or Refused with everything
    that stands against it.

    A course that comes back does so beside no other of its patient, so the patient is locked, and
    before the course: that is the order of deaths and of marks of error. Whether it has ended is
    known under its lock only, hence the second time.
    """
    course = lock_course(course_id, actor=actor)
    check_version(course, order.expected_version)
    if course.closed_on is not None and not patient_locked:
        raise _Ended(course.patient_id)
    state = load_state(course)
    on = local_date(order.happened_at, course.centre.zone)
    ending = against_ending(order.target, order.details, state.facts(on=on))
    move, used = _checked(SPINE, state.journey.stage, None, order, state, actor, now, ending)
    change = write_journey(
        state.journey,
        _step(course, SPINE.name, None, move, used, order, actor, now),
        since=_restored_since(state, move),
    )
    effects.after_stage(state, change, actor, now)
    return _finish(course, change, actor, now)


def _restored_since(state: CourseState, move: "Move[Any]") -> date | None:
    """Since when the journey is at the target in truth, when the move takes a mistake back."""
    if not takes_back_a_mistake(SPINE.name, move.source.value, move.target.value):
        return None
    return since_before_last(state.changes, SPINE.name, None)


@transaction.atomic
def move_companion(
    *, course_id: int, machine: str, pk: int, order: MoveOrder, actor: User, now: datetime
) -> Change:
    """Move one companion of a course to another state; raises as `advance` does."""
    course = lock_course(course_id, actor=actor)
    check_version(course, order.expected_version)
    subject = MODELS[machine]._default_manager.get(course=course, pk=pk)
    state = load_state(course)
    _listed(COMPANIONS[machine], subject.state, order.target)
    changed, against_them = _noted(subject, machine, order, state)
    move, used = _checked(
        COMPANIONS[machine], subject.state, pk, order, state, actor, now, against_them
    )
    step = _step(course, machine, pk, move, used, order, actor, now)
    slip = takes_back_a_mistake(machine, move.source.value, move.target.value)
    since = since_before_last(state.changes, machine, pk) if slip else None
    if slip and isinstance(subject, Product):
        subject.failure_reason, changed = "", (*changed, "failure_reason")
    if order.target == QUARANTINE and "deviation_number" not in changed:
        changed = (*changed, *forget_deviation(subject))
    change = write_companion(subject, step, changed, since=since)
    effects.after_companion(state, change, actor, now)
    return _finish(course, change, actor, now)


def _noted(
    subject: Companion, machine: str, order: MoveOrder, state: CourseState
) -> tuple[tuple[str, ...], tuple[Refusal, ...]]:
    """Put the order's details on `subject`; the fields to save, and what is against them."""
    source, on = subject.state, local_date(order.happened_at, state.course.centre.zone)
    changed, refusals = apply_details(subject, machine, order.target, order.details, on=on)
    if not refusals:
        row = next(r for r in state.of(machine) if r.pk == subject.pk)
        facts = state.facts(on=on, subject=row)
        refusals = [*against_details(machine, source, order.target, vars(subject), facts)]
    return changed, tuple(refusals)


def _finish(course: Course, change: Change, actor: User, now: datetime) -> Change:
    raise_version(course)
    record(
        actor=actor,
        now=now,
        action=f"{change.machine}.move",
        obj=change,
        course_id=course.pk,
        patient_id=course.patient_id,
        reason=change.reason,
        before={"state": change.source},
        after={
            "state": change.target,
            "happened_at": change.happened_at,
            "overrides": change.overrides,
            "details": change.details,
        },
    )
    return change


def _checked(
    machine: "Machine[Any]",
    source: str,
    pk: int | None,
    order: MoveOrder,
    state: CourseState,
    actor: User,
    now: datetime,
    more: tuple[Refusal, ...] = (),
) -> tuple["Move[Any]", tuple[Mapping[str, str], ...]]:
    """The move and the overrides it used, when nothing else stands against it.

    Otherwise raise with every reason at once.
    """
    move = _listed(machine, source, order.target)
    on = local_date(order.happened_at, state.course.centre.zone)
    row = next((r for r in state.companions if r.machine == machine.name and r.pk == pk), None)
    refusals = [
        *_against(move, state.facts(on=on, subject=row, at=order.happened_at), order, actor),
        *refuse_time(state.course, order.happened_at, now),
        *refuse_order(state, machine.name, pk, move, order.happened_at),
        *_reason_refusals(move, order.reason),
        *more,
    ]
    standing = [refusal for refusal in refusals if not _waived(refusal, order, actor)]
    if any(refusal.code == "role" for refusal in standing):
        raise NotAllowed(standing)
    if standing:
        raise Refused(standing)
    used = tuple(
        {
            "code": refusal.code,
            "reason": order.overrides[refusal.code].strip(),
            "said": str(refusal),  # what was answered: the same code may say something else later
        }
        for refusal in refusals
    )
    return move, used


def _against(
    move: "Move[Any]", facts: CourseFacts, order: MoveOrder, actor: User
) -> Iterable[Refusal]:
    """What the table says against a move; of one told after it was made, only asked."""
    found = against(move, facts, actor.roles)
    return map(asked, found) if order.told_after else found


def refusals_of(
    state: CourseState, row: CompanionRow, order: MoveOrder, actor: User, now: datetime
) -> list[Refusal]:
    """Everything against a move of the companion `row`, for a service that makes it on the way."""
    machine = COMPANIONS[row.machine]
    move = _listed(machine, row.state, order.target)
    on = local_date(order.happened_at, state.course.centre.zone)
    facts = state.facts(on=on, subject=row, at=order.happened_at)
    return [
        *_against(move, facts, order, actor),
        *refuse_order(state, row.machine, row.pk, move, order.happened_at),
    ]


def _step(
    course: Course,
    machine: str,
    pk: int | None,
    move: "Move[Any]",
    used: tuple[Mapping[str, str], ...],
    order: MoveOrder,
    actor: User,
    now: datetime,
) -> Step:
    return Step(
        course=course,
        machine=machine,
        subject_id=pk,
        source=move.source.value,
        target=move.target.value,
        happened_at=order.happened_at,
        actor=actor,
        now=now,
        reason=order.reason.strip(),
        overrides=used,
        details=order.details,
        cause=order.cause,
        data_source=order.source,
        told_after=order.told_after,
    )


def _listed(machine: "Machine[Any]", source: str, target: str) -> "Move[Any]":
    move = find_move(machine, source, target)
    if move is None:
        raise Refused([no_such_move(machine, source, target)])
    return move


def find_move(machine: "Machine[Any]", source: str, target: str) -> "Move[Any] | None":
    """The move between two stored values; None when the table has none or the target is unknown."""
    if target not in {state.value for state in machine.states}:
        return None
    return machine.find(machine.state(source), machine.state(target))


def no_such_move(machine: "Machine[Any]", source: str, target: str) -> Refusal:
    """The refusal of a move that the table does not have, such as one made from an old page."""
    known = {state.value: label for state, label in machine.labels.items()}
    return Refusal(
        code="no_such_move",
        message=N_("There is no move from “%(source)s” to “%(target)s”."),
        params={"source": known[source], "target": known.get(target, target)},
        field="target",
    )


def _reason_refusals(move: "Move[Any]", reason: str) -> list[Refusal]:
    if not move.needs_reason or reason.strip():
        return []
    return [Refusal(code="reason_missing", message=N_("This move needs a reason."), field="reason")]


def _waived(refusal: Refusal, order: MoveOrder, actor: User) -> bool:
    """Whether a soft refusal yields: a reason is given by somebody who may."""
    reason = order.overrides.get(refusal.code, "").strip()
    may = not actor.roles.isdisjoint(refusal.who_may)
    return refusal.kind is Kind.SOFT and bool(reason) and may
