"""Planning and setting the dates that the rest of a course is counted from."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from audit.prepared import insert, update
from audit.recording import record
from patients import consequences
from patients.consequences import Event, Happening
from patients.courses import check_version, lock_course, raise_version
from patients.domain.dating import refuse_future
from patients.domain.delays import DelayReasons
from patients.models import Anchor, Course
from patients.models.courses import AnchorKind
from patients.survival import refuse_when_over
from protocol.selectors import settings_of
from terms.day_numbers import local_date
from terms.refusals import Refusal, Refused
from terms.words import N_

# In the order in which they happen; enrolment and relapse are never planned.
PLANNABLE = (
    AnchorKind.APHERESIS,
    AnchorKind.LYMPHODEPLETION,
    AnchorKind.INFUSION,
    AnchorKind.DISCHARGE,
)
# What can happen again on one course; an infusion cannot.
_REPEATABLE = (AnchorKind.APHERESIS, AnchorKind.LYMPHODEPLETION)
# How far from today a plan makes sense: beyond it the year is mistyped.
_OLDEST_PLAN, _FURTHEST_PLAN = timedelta(days=366), timedelta(days=3 * 366)


def anchors_of(course: Course) -> dict[AnchorKind, Anchor]:
    """The latest occurrence of each kind that `course` has, in one query."""
    return {AnchorKind(anchor.kind): anchor for anchor in course.anchors.order_by("occurrence")}


@transaction.atomic
def plan_date(
    *,
    course_id: int,
    kind: str,
    planned_on: date,
    reason: str,
    actor: User,
    now: datetime,
    delay_code: str = "",
    expected_version: int | None = None,
) -> Anchor:
    """Plan the next occurrence of `kind` on a course; a changed plan needs a reason.

    A collection that is booked anew needs one of the protocol's list, too. Raises Refused (kind,
    range, order, reason), NotAllowed, StaleVersion, Course.DoesNotExist.
    """
    course = lock_course(course_id, actor=actor)
    require(actor, Permission.PLAN_DATES)
    check_version(course, expected_version)
    if kind not in PLANNABLE:
        raise Refused([_refusal("not_plannable", N_("This date cannot be planned."), "kind")])
    anchors = anchors_of(course)
    refusals = [
        *refuse_when_over(course),
        *_refuse_repeat(anchors.get(AnchorKind(kind))),
        *refuse_plan(course, AnchorKind(kind), planned_on, now=now),
        *_refuse_unreasoned(_standing(anchors, AnchorKind(kind)), planned_on, reason),
        *_refuse_uncoded(course, _standing(anchors, AnchorKind(kind)), planned_on, delay_code),
    ]
    if refusals:
        raise Refused(refusals)
    return _plan(course, AnchorKind(kind), planned_on, reason.strip(), actor, now, delay_code)


def refuse_plan(
    course: Course, kind: AnchorKind, on: date, *, now: datetime, field: str = "planned_on"
) -> list[Refusal]:
    """What is against the date `on` as a plan: too far from today, before an earlier step.

    `field` is where the date was typed. For services that plan a step together with something
    else; they ask this before they write and then call `plan_in_lock`.
    """
    return [
        *_refuse_range(on, local_date(now, course.centre.zone), field),
        *_refuse_order(kind, on, anchors_of(course), field),
    ]


def plan_in_lock(
    course: Course, kind: AnchorKind, on: date, *, actor: User, now: datetime, reason: str = ""
) -> None:
    """Plan the next occurrence of `kind` on a locked course, as something just written asks.

    Never refuses. Nothing is written where the plan says so already, or where the step has
    happened and cannot happen again.
    """
    anchors = anchors_of(course)
    standing = _standing(anchors, kind)
    unchanged = standing is not None and standing.planned_on == on
    if not unchanged and not _refuse_repeat(anchors.get(kind)):
        _plan(course, kind, on, reason, actor, now)


def next_occurrence(course: Course, kind: AnchorKind) -> int:
    """The occurrence of `kind` that has not happened yet: one more than have an actual date."""
    return course.anchors.filter(kind=kind).exclude(actual_on=None).count() + 1


def _standing(anchors: dict[AnchorKind, Anchor], kind: AnchorKind) -> Anchor | None:
    """The occurrence that is planned and has not happened."""
    latest = anchors.get(kind)
    return latest if latest is not None and latest.actual_on is None else None


def _plan(
    course: Course, kind: AnchorKind, on: date, reason: str, actor: User, now: datetime,
    delay_code: str = "",
) -> Anchor:  # fmt: skip
    anchors = anchors_of(course)
    standing, latest = _standing(anchors, kind), anchors.get(kind)
    before = standing.planned_on if standing is not None else None
    if standing is None:
        occurrence = latest.occurrence + 1 if latest is not None else 1
        standing = Anchor(course=course, kind=kind, occurrence=occurrence)
    if on != before or delay_code:  # the same day again says nothing of why it is that day
        standing.delay_code = delay_code
    standing.planned_on = on
    _keep(standing, actor, now)
    record(
        actor=actor,
        now=now,
        action="anchor.plan",
        obj=standing,
        course_id=course.pk,
        patient_id=course.patient_id,
        reason=reason,
        before={"planned_on": before},
        after={
            "kind": kind, "occurrence": standing.occurrence, "planned_on": on,
            "delay_code": standing.delay_code,
        },
    )  # fmt: skip
    _changed(course, kind, actor, now)
    consequences.run(Happening(Event.STEP_PLANNED, course, actor, now, str(kind), on))
    return standing


def set_actual(
    course: Course,
    kind: str,
    on: date,
    *,
    actor: User,
    now: datetime,
    source: str = "",
    occurrence: int | None = None,
    among: Iterable[Anchor] | None = None,
) -> Anchor:
    """Set the actual date of an anchor on a course that the caller has locked.

    Without `occurrence` the latest one is meant, the first when there is none; a date already
    there is replaced, as a correction is. `among` are the course's anchors where the caller read
    them under the lock. Raises Refused for a date in the future.
    """
    refusals = refuse_future(on, local_date(now, course.centre.zone), "on")
    if refusals:
        raise Refused(refusals)
    anchor = _find(course, kind, occurrence, among) or Anchor(
        course=course, kind=kind, occurrence=occurrence or 1
    )
    before = anchor.actual_on
    anchor.actual_on, anchor.source = on, source
    _keep(anchor, actor, now)
    record(
        actor=actor,
        now=now,
        action="anchor.set",
        obj=anchor,
        course_id=course.pk,
        patient_id=course.patient_id,
        before={"actual_on": before},
        after={"kind": kind, "occurrence": anchor.occurrence, "actual_on": on},
    )
    _changed(course, kind, actor, now)
    return anchor


def clear_actual(
    course: Course,
    kind: str,
    *,
    actor: User,
    now: datetime,
    occurrence: int | None = None,
    reason: str = "",
) -> None:
    """Take back the actual date of an anchor on a course that the caller has locked.

    Its plan stays; without a plan the row goes and the audit keeps it. Nothing to take back is
    no error, so that a move back needs not ask first.
    """
    anchor = _find(course, kind, occurrence)
    if anchor is None or anchor.actual_on is None:
        return
    record(
        actor=actor,
        now=now,
        action="anchor.clear",
        obj=anchor,
        course_id=course.pk,
        patient_id=course.patient_id,
        reason=reason,
        before={"kind": kind, "occurrence": anchor.occurrence, "actual_on": anchor.actual_on},
        after={"actual_on": None},
    )
    if anchor.planned_on is None:
        anchor.delete()
    else:
        anchor.actual_on, anchor.source = None, ""
        _keep(anchor, actor, now)
    _changed(course, kind, actor, now)


def _find(
    course: Course, kind: str, occurrence: int | None, among: Iterable[Anchor] | None = None
) -> Anchor | None:
    known = course.anchors.filter(kind=kind) if among is None else among
    found = [one for one in known if one.kind == kind and occurrence in (None, one.occurrence)]
    return max(found, key=lambda one: one.occurrence, default=None)


def _keep(anchor: Anchor, actor: User, now: datetime) -> None:
    anchor.set_at, anchor.set_by = now, actor.get_username()
    if anchor._state.adding:
        insert(anchor)
    else:
        update(anchor, "planned_on", "actual_on", "delay_code", "source", "set_at", "set_by")


def _changed(course: Course, kind: str, actor: User, now: datetime) -> None:
    raise_version(course)
    consequences.run(Happening(Event.ANCHOR_CHANGED, course, actor, now, str(kind)))


def _refuse_repeat(latest: Anchor | None) -> list[Refusal]:
    if latest is None or latest.actual_on is None or latest.kind in _REPEATABLE:
        return []
    return [
        _refusal(
            "already_happened", N_("This has already happened on %(on)s."), on=latest.actual_on
        )
    ]


def _refuse_range(planned_on: date, today: date, field: str) -> list[Refusal]:
    if today - _OLDEST_PLAN <= planned_on <= today + _FURTHEST_PLAN:
        return []
    return [
        _refusal(
            "plan_out_of_range",
            N_("A planned date lies at most one year back and three years ahead."),
            field,
        )
    ]


def _refuse_order(
    kind: AnchorKind, planned_on: date, anchors: dict[AnchorKind, Anchor], field: str
) -> list[Refusal]:
    """A step cannot be planned before what has already happened and must come first."""
    earlier = (AnchorKind.ENROLMENT, *PLANNABLE[: PLANNABLE.index(kind)])
    return [
        _refusal(
            "plan_before_earlier_step",
            N_("This is before %(step)s, which happened on %(limit)s."),
            field,
            step=str(before.label),
            limit=actual,
        )
        for before in earlier
        if before in anchors
        and (actual := anchors[before].actual_on) is not None
        and planned_on < actual
    ]


def _refuse_unreasoned(standing: Anchor | None, planned_on: date, reason: str) -> list[Refusal]:
    if standing is None or standing.planned_on == planned_on or reason.strip():
        return []
    return [
        _refusal(
            "reason_needed",
            N_("Say why the date %(was)s moves."),
            "reason",
            was=standing.planned_on,
        )
    ]


def _refuse_uncoded(
    course: Course, standing: Anchor | None, planned_on: date, code: str
) -> list[Refusal]:
    """A collection is booked anew for a reason of the protocol's list; a code is always of it."""
    known = settings_of(course.protocol).section("delay_reasons", DelayReasons).by_code
    booked = standing.planned_on if standing and standing.kind == AnchorKind.APHERESIS else None
    if code in known or (not code and booked in (None, planned_on)):
        return []
    message = N_("Choose a reason from the list of this course's protocol.")
    return [_refusal("unknown_reason", message, "delay_code")]


def _refusal(code: str, message: str, field: str = "planned_on", **params: object) -> Refusal:
    return Refusal(code=code, message=message, params=params, field=field)
