"""A move that is refused now but happened in time: its form stays open for the true time."""

from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from pathway.domain.guards import alive_then
from pathway.domain.identity_checks import CheckKind
from pathway.domain.machine import Option, against
from pathway.domain.spine import Stage
from pathway.loading import CourseState
from terms.day_numbers import local_date
from terms.refusals import Kind


def may_have_happened(state: CourseState, option: "Option[Any]", user: User, now: datetime) -> bool:
    """Whether an infusion that cannot begin now can have begun while its bedside check stood.

    Asked as of the last minute of that check: the service asks everything again for the time
    that is given. What only a recorded death stands against can have happened before it.
    """
    move = option.move
    if option.allowed or move.back:
        return False
    if alive_then in move.guards and {one.code for one in option.hard} == {"patient_died"}:
        return not user.roles.isdisjoint(move.roles)
    if move.target is not Stage.INFUSION:
        return False
    passed = [c.at for c in state.checks if c.kind == CheckKind.BEDSIDE and c.passed]
    if not passed:
        return False
    zone = state.course.centre.zone
    rules = state.facts(on=local_date(now, zone)).rules.identity_checks
    at = min(now, passed[-1] + timedelta(minutes=rules.bedside_valid_minutes.value))
    facts = state.facts(on=local_date(at, zone), at=at)
    return all(one.kind is Kind.SOFT for one in against(move, facts, user.roles))
