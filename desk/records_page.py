"""What was recorded of a course, step by step, with what stood before a correction."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from accounts.models import User
from accounts.permissions import Permission
from pathway.correcting import history, refuse_correction
from pathway.loading import CourseState
from pathway.models import Change
from pathway.wording import machine_name, state_name


@dataclass(frozen=True)
class Struck:
    """What stood before: when it was said to have happened, and who corrected it when and why."""

    at: datetime | None
    corrected_by: str
    corrected_at: datetime
    why: str


@dataclass(frozen=True)
class RecordRow:
    """One step as it stands. `at` is None where nobody knows; `url` corrects it."""

    machine: str
    label: str
    at: datetime | None
    by: str
    recorded_at: datetime
    reason: str
    automatic: bool
    taken_back: bool
    unchecked: bool  # transcribed: no guard was asked
    told_after: bool  # what would have refused it was only asked about
    url: str
    struck: tuple[Struck, ...]


def record_rows(user: User, state: CourseState) -> tuple[RecordRow, ...]:
    """Every step of a course for `user`, the latest first."""
    standing = {change.place for change in state.standing_changes}
    rows = [
        _row(user, state, change, earlier, taken_back=change.place not in standing)
        for change, earlier in history(state.course)
    ]
    return tuple(reversed(rows))


def _row(
    user: User,
    state: CourseState,
    change: Change,
    earlier: tuple[Change, ...],
    *,
    taken_back: bool,
) -> RecordRow:
    named = user.may(Permission.SEE_IDENTITY)
    open_ = user.may(Permission.CORRECT) and not refuse_correction(state, change)
    address = reverse("change_correct", args=[state.course.pk, change.place])
    return RecordRow(
        machine=machine_name(change.machine),
        label=state_name(change.machine, change.target),
        at=_known(change),
        by=_who(change) if named else "",
        recorded_at=change.recorded_at,
        reason=change.reason if named else "",
        automatic=bool(change.cause),
        taken_back=taken_back,
        unchecked=change.transcribed,
        told_after=change.told_after,
        url=address if open_ else "",
        struck=tuple(
            Struck(
                at=_known(before),
                corrected_by=_who(after) if named else "",
                corrected_at=after.recorded_at,
                why=after.correction if named else "",
            )
            for after, before in zip((change, *earlier), earlier, strict=False)
        ),
    )


def _who(change: Change) -> str:
    return change.actor.get_full_name() or change.actor.username


def _known(change: Change) -> datetime | None:
    return change.happened_at if change.known_on is not None else None
