"""Telling that a correction leaves nothing of a completed lymphodepletion."""

from datetime import datetime

from accounts.models import User
from pathway.loading import CourseState
from pathway.loading_companions import CompanionRow
from pathway.models import Dose
from reminders import notices
from terms.roles import Role


def tell_undone(
    state: CourseState, row: CompanionRow, dose: Dose, actor: User, now: datetime
) -> None:
    """Tell that by a correction nothing of a completed lymphodepletion stands as given any more.

    `row` is as it was read, with its doses before the correction that `dose` is.
    """
    others = any(one.given_on for one in row.doses if one.number != dose.number)
    if row.machine != "lymphodepletion" or row.state != "complete" or dose.given_on or others:
        return
    notices.raise_notice(
        course=state.course,
        code="depletion_undone",
        roles=(Role.COORDINATOR, Role.HAEMATOLOGIST, Role.PHARMACIST),
        about=f"lymphodepletion:{row.pk}",
        cause=f"dose:{dose.pk}",
        actor=actor,
        now=now,
    )
