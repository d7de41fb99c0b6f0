"""Telling that a check of a gate that was passed is recorded as not met."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from accounts.models import User
from pathway.domain.assessments import GateOutcome
from pathway.domain.gate_rules import Gate
from pathway.domain.gates import CheckStanding
from pathway.domain.spine import Stage
from pathway.loading import CourseState
from pathway.models import GateEntry
from reminders.notices import raise_notice
from terms.day_numbers import local_date
from terms.roles import Role


def tell_not_met(
    state: CourseState,
    gate: Gate,
    entries: Iterable[GateEntry],
    standing: Mapping[str, CheckStanding],
    actor: User,
    now: datetime,
) -> None:
    """Haematologists and the ward hear of it while the patient is being prepared."""
    if not _passed(state, gate):
        return
    for entry in entries:
        if entry.outcome != GateOutcome.NOT_MET:
            continue
        raise_notice(
            course=state.course,
            code="check_not_met",
            roles=(Role.HAEMATOLOGIST, Role.WARD_NURSE),
            params={
                "check": standing[entry.check_code].check.label,
                "on": local_date(entry.checked_at, state.course.centre.zone),
            },
            about=f"{gate.value}:{entry.check_code}",
            cause=f"gate:{entry.pk}",
            actor=actor,
            now=now,
        )


def _passed(state: CourseState, gate: Gate) -> bool:
    """Whether the course is past the first move behind the gate: prepared, or the bag thawed."""
    if state.journey.stage != Stage.LYMPHODEPLETION:
        return False
    thawed = any(row.state == "thawing" for row in state.of("product"))
    return gate is Gate.LYMPHODEPLETION or thawed
