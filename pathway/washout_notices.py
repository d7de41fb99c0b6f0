"""Telling of a dose whose washout ends after a collection that is booked."""

from datetime import date, datetime, timedelta

from accounts.models import User
from pathway.loading import CourseState
from pathway.models import Dose
from reminders import notices
from terms.roles import Role

_BOOKED = frozenset({"scheduled", "cleared"})
_BEFORE_COLLECTION = frozenset({"containment", "bridging"})


def tell_past_washout(
    state: CourseState, dose: Dose, drug_class: str, actor: User, now: datetime
) -> None:
    """Tell for each booked collection of `state` that the washout of a given dose ends after it."""
    on = dose.given_on
    if on is None or dose.machine not in _BEFORE_COLLECTION:
        return
    days = state.facts(on=on).rules.washout_days(drug_class)
    if days is None:
        return
    for pk, booked in _booked(state):
        until = on + timedelta(days=days)
        if booked < until:
            notices.raise_notice(
                course=state.course,
                code="washout_past_date",
                roles=(Role.COORDINATOR, Role.HAEMATOLOGIST, Role.APHERESIS_NURSE),
                params={"until": until, "booked": booked},
                about=f"apheresis:{pk}",
                cause=f"dose:{dose.pk}",
                actor=actor,
                now=now,
            )


def take_back(state: CourseState, dose: Dose, actor: User, now: datetime) -> None:
    """What was told because of a dose that is corrected now was not so."""
    notices.withdraw_notices(state.course, cause=f"dose:{dose.pk}", actor=actor, now=now)


def _booked(state: CourseState) -> list[tuple[int, date]]:
    return [
        (row.pk, row.planned_on)
        for row in state.of("apheresis")
        if row.state in _BOOKED and row.planned_on is not None
    ]
