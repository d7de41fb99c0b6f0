"""Telling that a check of a gate that was passed does not stand any more, and taking that back."""

from collections.abc import Iterable
from datetime import datetime

from accounts.models import User
from pathway.domain.assessments import GateOutcome
from pathway.domain.gate_facts import Status
from pathway.domain.gate_rules import Gate
from pathway.domain.gates import CheckStanding
from pathway.domain.spine import Stage
from pathway.loading import CourseState
from pathway.models import GateEntry
from reminders.notices import raise_notice, withdraw_notices
from terms.day_numbers import local_date
from terms.roles import Role


def tell_not_met(
    state: CourseState,
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
        course=state.course,
        code=code,
        roles=(Role.HAEMATOLOGIST, Role.WARD_NURSE),
        params={
            "check": standing.check.label,
            "on": local_date(entry.checked_at, state.course.centre.zone),
        },
        about=f"{gate.value}:{entry.check_code}",
        cause=_cause(entry.pk),
        actor=actor,
        now=now,
    )


def take_back_told(
    state: CourseState, entries: Iterable[GateEntry], actor: User, now: datetime
) -> None:
    """What was told of a row goes with it; that nothing was left, once something stands again."""
    rows = tuple(entries)
    gone = [entry.replaces_id for entry in rows if entry.replaces_id is not None]
    for entry in rows:
        if entry.outcome != GateOutcome.WITHDRAWN:
            taken_back = GateEntry.objects.filter(
                course=state.course, gate=entry.gate, check_code=entry.check_code,
                outcome=GateOutcome.WITHDRAWN.value,
            )  # fmt: skip
            gone += taken_back.values_list("pk", flat=True)
    for pk in gone:
        withdraw_notices(course=state.course, cause=_cause(pk), actor=actor, now=now)


def _code(entry: GateEntry, standing: CheckStanding) -> str:
    """What a row makes of its check, if it takes anything from it."""
    if entry.outcome == GateOutcome.NOT_MET:
        return "check_not_met"
    if standing.status is Status.CAUTION and standing.entry == entry.pk:
        return "check_asks"
    if entry.outcome == GateOutcome.WITHDRAWN and not standing.passed:
        return "check_taken_back"
    return ""


def _cause(pk: int) -> str:
    return f"gate:{pk}"


def is_passed(state: CourseState, gate: Gate) -> bool:
    """Whether the course is past the first move behind the gate: prepared, or the bag thawed."""
    if state.journey.stage != Stage.LYMPHODEPLETION:
        return False
    thawed = any(row.state == "thawing" for row in state.of("product"))
    return gate is Gate.LYMPHODEPLETION or thawed
