"""Telling that a check of a gate that was passed does not stand any more, and taking that back."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from accounts.models import User
from pathway.domain.assessments import GateOutcome
from pathway.domain.gate_facts import Status
from pathway.domain.gate_rules import Gate
from pathway.domain.gates import CheckStanding
from pathway.domain.spine import Stage
from pathway.loading import CourseState
from pathway.models import GateEntry
from patients.models import Course
from reminders.models import Notice
from reminders.notices import raise_notice, withdraw_notices
from terms.day_numbers import local_date
from terms.roles import Role

_CODES = ("check_not_met", "check_asks", "check_taken_back")


def told_of(course: Course, gate: Gate, entries: Iterable[GateEntry]) -> list[Notice]:
    """What was told of the checks of these rows and still stands."""
    about = [_about(gate, entry.check_code) for entry in entries]
    return list(Notice.objects.standing().filter(course=course, code__in=_CODES, about__in=about))


def take_back_told(
    told: Collection[Notice],
    gate: Gate,
    standing: Mapping[str, CheckStanding],
    entries: Iterable[GateEntry],
    actor: User,
    now: datetime,
) -> None:
    """What was told of a row goes with it; all that was told of a check once that stands passed."""
    for entry in entries:
        of_check = [one for one in told if one.about == _about(gate, entry.check_code)]
        causes = {cause for notice in of_check for cause in notice.causes}
        if not standing[entry.check_code].passed:
            causes &= {_cause(entry.replaces_id)}
        for cause in sorted(causes):
            withdraw_notices(course=entry.course, cause=cause, actor=actor, now=now)


def tell_not_met(
    course: Course,
    gate: Gate,
    entry: GateEntry,
    standing: CheckStanding,
    actor: User,
    now: datetime,
) -> None:
    """Haematologists and the ward hear of a row after which its check stands as `standing`."""
    code = _code(entry, standing)
    if not code:
        return
    raise_notice(
        course=course,
        code=code,
        roles=(Role.HAEMATOLOGIST, Role.WARD_NURSE),
        params={
            "check": standing.check.label,
            "on": local_date(entry.checked_at, course.centre.zone),
        },
        about=_about(gate, entry.check_code),
        cause=_cause(entry.pk),
        actor=actor,
        now=now,
    )


def _code(entry: GateEntry, standing: CheckStanding) -> str:
    """What a row makes of its check, if it takes anything from it."""
    if entry.outcome == GateOutcome.NOT_MET:
        return "check_not_met"
    if standing.status is Status.CAUTION and standing.entry == entry.pk:
        return "check_asks"
    if standing.passed or entry.replaces_id is None:
        return ""
    nothing_left = standing.status in (Status.MISSING, Status.STALE)
    taken_back = nothing_left or entry.outcome == GateOutcome.WITHDRAWN
    return "check_taken_back" if taken_back else ""


def _about(gate: Gate, check: str) -> str:
    return f"{gate.value}:{check}"


def _cause(pk: int | None) -> str:
    return f"gate:{pk}"


def is_passed(state: CourseState, gate: Gate) -> bool:
    """Whether the course is past the first move behind the gate: prepared, or the bag thawed."""
    if state.journey.stage != Stage.LYMPHODEPLETION:
        return False
    thawed = any(row.state == "thawing" for row in state.of("product"))
    return gate is Gate.LYMPHODEPLETION or thawed
