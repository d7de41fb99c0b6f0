"""Correcting when a step happened: a superseding Change, and everything that counts from it."""

from collections.abc import Mapping
from copy import copy
from datetime import datetime
from types import MappingProxyType

from django.db import transaction

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from audit.recording import record
from pathway.check_times import against_time, answered, tell, without_times
from pathway.discharge_times import against_discharge, still_waived, tell_discharge
from pathway.domain.dating import refuse_anchor_order
from pathway.domain.spine import SPINE, Stage
from pathway.ending import SHOWS_LIFE, cause_of, changes_of, not_before_last
from pathway.gate_times import against_gate, still_answered, tell_gate
from pathway.loading import CourseState, load_state
from pathway.loading_companions import MODELS
from pathway.models import Change, Precision
from pathway.standing import as_corrected, misplaced, standing_changes
from pathway.step_doses import against_doses
from pathway.timing import refuse_time
from pathway.writing import Step, restate_companion, restate_journey, write_change
from patients import anchors, courses, holds, stays
from patients.courses import check_version, lock_course, raise_version
from patients.models import Anchor, Course
from patients.models.courses import AnchorKind
from terms.day_numbers import local_date
from terms.refusals import Refusal, Refused
from terms.words import N_

NO_REASONS: Mapping[str, str] = MappingProxyType({})
# The step whose day is an anchor.
_ANCHORS = {
    ("journey", Stage.ELIGIBILITY.value): AnchorKind.ENROLMENT,
    ("journey", Stage.INFUSION.value): AnchorKind.INFUSION,
    ("apheresis", "in_progress"): AnchorKind.APHERESIS,
    ("lymphodepletion", "in_progress"): AnchorKind.LYMPHODEPLETION,
}


@transaction.atomic
def correct_time(
    *,
    course_id: int,
    place: int,
    happened_at: datetime,
    reason: str,
    actor: User,
    now: datetime,
    expected_version: int | None = None,
    overrides: Mapping[str, str] = NO_REASONS,
) -> Change:
    """Say when the step at `place` really happened; what stood before stays to be read.

    What followed it by itself moves with it, and anchors, reminders and guards count anew.
    `overrides` maps what is to be acknowledged to the reason, see check_times.py, day_times.py,
    discharge_times.py and gate_times.py. Raises Refused with everything against it, NotAllowed,
    StaleVersion, Course.DoesNotExist, Change.DoesNotExist.
    """
    course = lock_course(course_id, actor=actor)
    require(actor, Permission.CORRECT)
    check_version(course, expected_version)
    state = load_state(course)
    change = _at(state, place)
    moved = _moved(state, change, happened_at, now)
    doubts = against_time(state, change, moved)
    home = against_discharge(state, moved[0])
    gate = against_gate(state, change, moved)
    used, unanswered = answered((*doubts, *home, *gate), overrides)
    refusals = [
        *_refuse_unreasoned(reason),
        *_refuse_kind(state, change, happened_at),
        *refuse_time(course, happened_at, now),
        *_refuse_order(state, moved),
        *_refuse_after_death(state, change, happened_at),
        *_refuse_anchors(state, change, happened_at),
        *against_doses(state, change, moved[0]),
        *unanswered,
    ]
    if refusals:
        raise Refused(refusals)
    kept = still_waived(state, moved[0], without_times(moved[0]))
    moved[0].overrides = [*still_answered(state, moved, kept, gate), *used]
    first, *following = [_supersede(course, one, reason, actor, now) for one in moved]
    _recount(state, change, first, actor, now)
    tell(state, first, doubts, actor, now)
    tell_discharge(state, first, used, actor, now)
    tell_gate(state, first, actor, now)
    raise_version(course)
    _note(course, change, first, following, actor, now)
    return first


def refuse_correction(state: CourseState, change: Change) -> list[Refusal]:
    """What stands against correcting a step at all, whatever the time: for the links of a page."""
    if change.cause:
        return [
            Refusal(
                code="automatic",
                message=N_("This followed another step by itself: correct that one."),
            )
        ]
    if change.place not in {step.place for step in state.standing_changes}:
        return [Refusal(code="taken_back", message=N_("This was taken back: it stands no longer."))]
    if change.machine == SPINE.name and not change.source:
        return [
            Refusal(
                code="referral",
                message=N_("The day of referral belongs to the course, not to a step."),
            )
        ]
    return []


def _at(state: CourseState, place: int) -> Change:
    found = next((change for change in state.changes if change.place == place), None)
    if found is None:
        raise Change.DoesNotExist
    return found


def _moved(state: CourseState, change: Change, at: datetime, now: datetime) -> list[Change]:
    """Copies of the step and of what followed it by itself, at their new times, the step first."""
    course = state.course
    moved = [_copy(course, change, at)]
    changes = [moved[0] if one.place == change.place else one for one in state.changes]
    for follower in state.standing_changes:
        if follower.cause != cause_of(change) or follower.subject_id is None:
            continue
        before = tuple(one for one in changes if one.place < follower.place)
        follows = not_before_last(before, follower.machine, follower.subject_id, at)
        moved.append(_copy(course, follower, min(now, follows)))
    return moved


def _copy(course: Course, change: Change, at: datetime) -> Change:
    moved = copy(change)
    moved.happened_at, moved.happened_on = at, local_date(at, course.centre.zone)
    return moved


def _supersede(course: Course, moved: Change, reason: str, actor: User, now: datetime) -> Change:
    known = moved.cause and moved.precision == Precision.UNKNOWN
    return write_change(
        Step(
            course=course,
            machine=moved.machine,
            subject_id=moved.subject_id,
            source=moved.source,
            target=moved.target,
            happened_at=moved.happened_at,
            actor=actor,
            now=now,
            reason=moved.reason,
            overrides=tuple(moved.overrides),
            details=moved.details,
            cause=moved.cause,
            data_source=moved.data_source,
            transcribed=moved.transcribed,
            told_after=moved.told_after,
            precision=moved.precision if known else Precision.MINUTE.value,
            supersedes=moved,
            correction=reason.strip(),
        )
    )


def _recount(state: CourseState, before: Change, after: Change, actor: User, now: datetime) -> None:
    """Bring since when, anchors and the days of an end in line with the corrected step."""
    course, changes = state.course, standing_changes(changes_of(state.course))
    for machine, pk in {(change.machine, change.subject_id) for change in changes}:
        since = [c for c in changes if (c.machine, c.subject_id) == (machine, pk)][-1].happened_on
        if pk is None:
            if state.journey.stage_since != since:
                restate_journey(state.journey, since)
        else:
            companion = MODELS[machine]._default_manager.get(pk=pk)
            if companion.state_since != since:
                restate_companion(companion, since)
    _move_anchor(state, before, after, actor, now)
    if after.machine == SPINE.name and Stage(after.target) in SPINE.ends:
        courses.close(course, on=after.happened_on)
        cause = cause_of(before)
        holds.redate_ends(course, cause=cause, on=after.happened_on, actor=actor, now=now)


def _move_anchor(
    state: CourseState, before: Change, after: Change, actor: User, now: datetime
) -> None:
    kind, anchor = _anchor_of(state, before)
    if kind is None or before.known_on == after.happened_on:
        return
    course = state.course
    # Without one nobody knew the day of a transcribed step: now something can be counted from it.
    occurrence = anchor.occurrence if anchor else anchors.next_occurrence(course, kind)
    anchors.set_actual(
        course, kind, after.happened_on,
        actor=actor, now=now, source=anchor.source if anchor else after.data_source,
        occurrence=occurrence,
    )  # fmt: skip
    if kind is AnchorKind.INFUSION:
        stays.settle_discharge(course, actor=actor, now=now)


def _anchor_of(state: CourseState, change: Change) -> tuple[AnchorKind | None, Anchor | None]:
    """The kind of anchor that a step gives, and the one it gave."""
    kind = _ANCHORS.get((change.machine, change.target))
    if kind is AnchorKind.ENROLMENT and change.source != Stage.REFERRAL:
        kind = None  # back to eligibility: the enrolment stays the first one
    mine = (a for a in state.anchors if a.kind == kind and a.actual_on == change.happened_on)
    return kind, next(mine, None)


def _refuse_unreasoned(reason: str) -> list[Refusal]:
    if reason.strip():
        return []
    return [Refusal(code="reason_needed", message=N_("Say why this is corrected."), field="reason")]


def _refuse_kind(state: CourseState, change: Change, at: datetime) -> list[Refusal]:
    refusals = refuse_correction(state, change)
    if change.happened_at == at and change.precision == Precision.MINUTE:
        refusals.append(
            Refusal(
                code="nothing_changed",
                message=N_("This is the time that stands already."),
                field="happened_at",
            )
        )
    return refusals


def _refuse_order(state: CourseState, moved: list[Change]) -> list[Refusal]:
    """One refusal when a step would lie before the one it follows, where it did not before."""
    new = {one.place: one for one in moved}
    corrected = [new.get(one.place, one) for one in state.changes]
    for machine, pk in dict.fromkeys((one.machine, one.subject_id) for one in moved):
        known = {one.place for one in misplaced(state.changes, machine, pk)}
        wrong = [one for one in misplaced(corrected, machine, pk) if one.place not in known]
        if wrong:
            return [
                Refusal(
                    code="out_of_order",
                    message=N_("A step would then lie before the one it follows: %(at)s."),
                    params={"at": wrong[0].happened_at},
                    field="happened_at",
                )
            ]
    return []


def _refuse_after_death(state: CourseState, change: Change, at: datetime) -> list[Refusal]:
    died_on = state.deceased_on
    if died_on is None or (change.machine, change.target) not in SHOWS_LIFE:
        return []
    if local_date(at, state.course.centre.zone) <= died_on:
        return []
    return [
        Refusal(
            code="after_death",
            message=N_("This is after the patient's death."),
            field="happened_at",
        )
    ]


def _refuse_anchors(state: CourseState, change: Change, at: datetime) -> list[Refusal]:
    kind, anchor = _anchor_of(state, change)
    if kind is None or anchor is None:
        return []
    others = [
        (one.kind, one.actual_on)
        for one in state.anchors
        if one.pk != anchor.pk and one.actual_on is not None
    ]
    on = local_date(at, state.course.centre.zone)
    return refuse_anchor_order(kind.value, on, others, "happened_at")


def _note(
    course: Course,
    before: Change,
    after: Change,
    following: list[Change],
    actor: User,
    now: datetime,
) -> None:
    record(
        actor=actor,
        now=now,
        action=f"{after.machine}.correct",
        obj=after,
        course_id=course.pk,
        patient_id=course.patient_id,
        reason=after.correction,
        before={"happened_at": before.happened_at, "precision": before.precision},
        after={
            "target": after.target,
            "happened_at": after.happened_at,
            "overrides": after.overrides,
            "followed": [f"{one.machine} {one.target}" for one in following],
        },
    )


def history(course: Course) -> tuple[tuple[Change, tuple[Change, ...]], ...]:
    """Every change as it stands, each with what stood before it, the latest correction first."""
    rows = tuple(Change.objects.filter(course=course).select_related("actor").order_by("sequence"))
    earlier: dict[int, list[Change]] = {}
    for row in rows:
        earlier.setdefault(row.place, []).insert(0, row)
    return tuple((one, tuple(earlier[one.place][1:])) for one in as_corrected(rows))
