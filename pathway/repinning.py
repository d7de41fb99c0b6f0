"""Moving a course to another version of its protocol: what it would change, then the move."""

from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from audit.recording import record
from pathway.domain.companions import COMPANIONS
from pathway.domain.gate_rules import Gates
from pathway.domain.machine import against
from pathway.domain.rules import STAGES_WITH_TARGET, PathwayRules
from pathway.domain.spine import SPINE
from pathway.loading import CourseState, load_state
from pathway.models import Repin
from pathway.repinning_checks import CheckChange, check_changes
from patients.courses import check_version, lock_course, raise_version
from patients.domain.delays import ConsentKinds, DelayReasons
from patients.domain.ranges import Ranges
from patients.models import Consent, Course, Hold, LabResult, TherapyLine
from protocol.models import Protocol, Status
from protocol.selectors import in_force, settings_if_readable, settings_of
from reminders.dispatches import lay_again
from reminders.laying import foreseen, lay_out
from reminders.models import WAITING, Reminder
from terms.day_numbers import local_date
from terms.refusals import Refusal, Refused
from terms.words import N_


@dataclass(frozen=True)
class TargetChange:
    """A stage whose target in days differs."""

    stage: str
    before: int | None
    after: int | None


@dataclass(frozen=True)
class DueChange:
    """A due date that moves, appears (nothing before) or goes (nothing after)."""

    item: str
    number: str
    before: object
    after: object


@dataclass(frozen=True)
class NewRefusal:
    """A move that the new version would refuse and the old one does not refuse so."""

    machine: str
    source: str
    target: str
    refusal: Refusal


@dataclass(frozen=True)
class Effect:
    """What moving a course to `target` would change now. With `refusals` it cannot be moved."""

    target: Protocol
    targets: tuple[TargetChange, ...]
    due: tuple[DueChange, ...]
    refused: tuple[NewRefusal, ...]
    refusals: tuple[Refusal, ...]
    checks: tuple[CheckChange, ...] = ()
    compared: bool = True  # False: the version it follows cannot be read, only dates are known


def state_to_move(course: Course) -> CourseState:
    """The pathway of a course, which moves also where its own version can no longer be read."""
    target = None if settings_if_readable(course.protocol) else in_force(course.protocol.code)
    gates = None if target is None else settings_of(target).section("gates", Gates)
    return load_state(course, gates)


def effect_of(state: CourseState, target: Protocol, *, actor: User, now: datetime) -> Effect:
    """What moving the course to `target` would change; nothing is written.

    Also the effect of a move that is refused, as far as the two versions can be compared.
    """
    moved = _under(state, target)
    refusals = tuple(_refusals(state, target))
    compared = settings_if_readable(state.course.protocol) is not None
    comparable = compared and not refusals
    return Effect(
        target=target,
        compared=compared,
        targets=tuple(_targets(state, moved)) if compared else (),
        due=() if refusals else tuple(_due(moved, actor, now)),
        refused=tuple(_refused(state, moved, now)) if comparable else (),
        refusals=refusals,
        checks=tuple(check_changes(state, moved, now)) if comparable else (),
    )


@transaction.atomic
def repin(
    *,
    course_id: int,
    protocol_id: int,
    reason: str,
    expected_version: int | None,
    actor: User,
    now: datetime,
) -> Course:
    """Let the course follow another version of its protocol and plan its schedule anew.

    Raises Course.DoesNotExist, Protocol.DoesNotExist, StaleVersion, NotAllowed, or Refused with
    everything that the course uses and the version lacks.
    """
    course = lock_course(course_id, actor=actor)
    require(actor, Permission.MOVE_TO_VERSION)
    check_version(course, expected_version)
    # Locked against being retired meanwhile.
    target = Protocol.objects.visible_to(actor).select_for_update(no_key=True).get(pk=protocol_id)
    state = state_to_move(course)
    refusals = _refusals(state, target)
    if not reason.strip():
        refusals.append(Refusal("reason_missing", N_("This move needs a reason."), field="reason"))
    if refusals:
        raise Refused(refusals)
    source, course.protocol = course.protocol, target
    course.save(update_fields=["protocol"])
    made = Repin.objects.create(
        course=course,
        source=source,
        target=target,
        moved_on=local_date(now, course.centre.zone),
        recorded_at=now,
        actor=actor,
        reason=reason.strip(),
    )
    _plan_anew(course, actor, now)
    raise_version(course)
    record(
        actor=actor,
        now=now,
        action="course.repin",
        obj=made,
        course_id=course.pk,
        patient_id=course.patient_id,
        reason=made.reason,
        before={"protocol": source.pk, "version": source.version},
        after={"protocol": target.pk, "version": target.version},
    )
    return course


def _plan_anew(course: Course, actor: User, now: datetime) -> None:
    lay_out([course], actor=actor, now=now)
    # The hour and the steps of sending may be others, even where no date is.
    lay_again(Reminder.objects.filter(course=course, status__in=WAITING))


def _under(state: CourseState, target: Protocol) -> CourseState:
    """The same course as if it were pinned to `target`; the row itself stays untouched."""
    course = copy(state.course)
    course.protocol = target
    return replace(state, course=course)


def _refusals(state: CourseState, target: Protocol) -> list[Refusal]:
    """Why the course cannot follow `target`, everything at once."""
    now = state.course.protocol
    if target.code != now.code or target.product != state.course.product:
        return [Refusal("other_protocol", N_("This is a version of another protocol."))]
    if target.status != Status.PUBLISHED:
        return [Refusal("not_in_force", N_("This version is not in force."))]
    if target.pk == now.pk:
        return [Refusal("same_version", N_("The course follows this version already."))]
    if not state.journey.active:
        return [Refusal("course_closed", N_("The course is closed: it keeps its version."))]
    settings = settings_of(target)
    known = {
        "drug_class_missing": set(PathwayRules.of(settings).washouts.by_class),
        "delay_reason_missing": set(settings.section("delay_reasons", DelayReasons).by_code),
        "consent_missing_in_version": set(settings.section("consents", ConsentKinds).by_code),
        "analyte_missing": set(settings.section("ranges", Ranges).by_code),
    }
    return [
        Refusal(code, _LACKS[code], {"codes": tuple(sorted(lacking))})
        for code, used in _used(state).items()
        if (lacking := used - known[code])
    ]


_LACKS: Mapping[str, str] = {
    "drug_class_missing": N_("The version lacks drug classes that this course uses: %(codes)s."),
    "delay_reason_missing": N_("The version lacks delay reasons that this course uses: %(codes)s."),
    "consent_missing_in_version": N_("The version lacks consents that this course has: %(codes)s."),
    "analyte_missing": N_("The version lacks analytes that this course has: %(codes)s."),
}


_CODED: tuple[tuple[type[TherapyLine | LabResult | Hold | Consent], str], ...] = (
    (TherapyLine, "drug_class"),
    (LabResult, "analyte"),
    (Hold, "reason_code"),
    (Consent, "kind"),
)


def _used(state: CourseState) -> dict[str, set[str]]:
    drugs = {row.drug_class for row in state.companions}
    drugs |= {dose.drug_class for row in state.companions for dose in row.doses}
    # What is hidden as entered in error is brought back as it was, and named then.
    lines, labs, holds, consents = (
        set(model.all_rows.filter(course=state.course).values_list(code, flat=True))
        for model, code in _CODED
    )
    return {
        "drug_class_missing": (drugs | lines) - {""},
        "delay_reason_missing": holds,
        "consent_missing_in_version": consents,
        "analyte_missing": labs - {""},
    }


def _targets(state: CourseState, moved: CourseState) -> Iterator[TargetChange]:
    before, after = (PathwayRules.of(settings_of(one.course.protocol)) for one in (state, moved))
    for stage in STAGES_WITH_TARGET:
        was, now = before.target_days(stage), after.target_days(stage)
        if was != now:
            yield TargetChange(stage, was, now)


def _due(moved: CourseState, actor: User, now: datetime) -> Iterator[DueChange]:
    before, after = foreseen(moved.course, actor=actor, now=now)
    for name, becomes in after.items():
        item, _space, number = name.partition(" ")
        if before[name] != becomes:
            yield DueChange(item, number, before[name], becomes)


def _refused(state: CourseState, moved: CourseState, now: datetime) -> Iterator[NewRefusal]:
    """What would newly stand against each move from where journey and companions are today."""
    on = local_date(now, state.course.centre.zone)
    subjects: list[tuple[Any, str, Any]] = [(SPINE, state.journey.stage, None)]
    subjects += [(COMPANIONS[row.machine], row.state, row) for row in state.companions]
    for machine, source, row in subjects:
        was, becomes = (one.facts(on=on, subject=row, at=now) for one in (state, moved))
        everybody = frozenset(role for move in machine.moves for role in move.roles)
        for move in machine.moves:
            if move.source.value != source:
                continue
            before = {refusal.code for refusal in against(move, was, everybody)}
            for refusal in against(move, becomes, everybody):
                if refusal.code not in before:
                    yield NewRefusal(machine.name, source, move.target.value, refusal)
