"""A dose of a cancelled lymphodepletion that was given: with it it was begun, and stopped."""

from datetime import datetime

from accounts.models import User
from pathway.dose_rows import redate_depletions
from pathway.loading import CourseState
from pathway.loading_companions import BESIDE, MODELS, CompanionRow
from pathway.models import Change, Dose
from pathway.writing import Step, record_automatic, write_companion
from reminders.models import Notice
from reminders.notices import raise_notice
from terms.refusals import Refusal
from terms.roles import Role
from terms.words import N_

_CODE = "cancelled_was_begun"
_TOLD = (Role.COORDINATOR, Role.HAEMATOLOGIST, Role.WARD_NURSE, Role.PHARMACIST)


def begin_and_stop(
    state: CourseState, row: CompanionRow, dose: Dose, actor: User, now: datetime
) -> None:
    """Let a cancelled lymphodepletion have been begun by `dose`, which is written already.

    It was stopped when it was cancelled, or with a later dose. Where another was opened since, it
    stays beside that one: the checks recorded meanwhile remain those of the other.
    """
    if not is_cancelled(row) or dose.given_at is None:
        return
    cancelled = _cancelled_by(state, row)
    ended_at = max(cancelled.happened_at, dose.given_at)
    companion = MODELS[row.machine]._default_manager.get(pk=row.pk)
    beside = any(other.pk > row.pk for other in state.of(row.machine))
    cause = f"{BESIDE if beside else ''}dose:{dose.pk}"
    for source, target, at in (
        ("cancelled", "planned", now),
        ("planned", "in_progress", dose.given_at),
        ("in_progress", "stopped", ended_at),
    ):
        step = Step(
            course=state.course,
            machine=row.machine,
            subject_id=row.pk,
            source=source,
            target=target,
            happened_at=at,
            actor=actor,
            now=now,
            reason=dose.reason,
            cause=cause,
            told_after=True,
            overrides=_used(dose) if target == "in_progress" else (),
        )
        record_automatic(companion, write_companion(companion, step))
    redate_depletions(state.course, actor=actor, now=now)
    _tell(state, row, dose, actor, now)


def tell_still_begun(
    state: CourseState, row: CompanionRow, dose: Dose, actor: User, now: datetime
) -> None:
    """Tell of `dose` as it is corrected what was told of it before: with it that one was begun.

    Before what was told of it as it was is taken back.
    """
    if dose.given_at is None or row.state != "stopped":
        return
    told = Notice.objects.standing().filter(course=state.course, code=_CODE)
    if told.filter(causes__contains=[f"dose:{dose.replaces_id}"]).exists():
        _tell(state, row, dose, actor, now)


def _tell(state: CourseState, row: CompanionRow, dose: Dose, actor: User, now: datetime) -> None:
    raise_notice(
        course=state.course,
        code=_CODE,
        roles=_TOLD,
        params={"on": dose.given_on},
        about=f"lymphodepletion:{row.pk}",
        cause=f"dose:{dose.pk}",
        actor=actor,
        now=now,
    )


def refuse_before_opened(state: CourseState, row: CompanionRow, at: datetime) -> list[Refusal]:
    """Against a dose of a cancelled lymphodepletion from before it was opened."""
    if not is_cancelled(row):
        return []
    opened = next(c for c in state.changes if (c.machine, c.subject_id) == (row.machine, row.pk))
    if at >= opened.happened_at.replace(second=0, microsecond=0):
        return []
    message = N_("The time lies before the previous step, %(previous)s.")
    params = {"previous": opened.happened_at}
    return [Refusal("before_previous", message, params, field="given_at")]


def is_cancelled(row: CompanionRow) -> bool:
    """Whether it is a lymphodepletion that was cancelled before its first dose."""
    return (row.machine, row.state) == ("lymphodepletion", "cancelled")


def _cancelled_by(state: CourseState, row: CompanionRow) -> Change:
    """The step that cancelled it."""
    mine = (c for c in state.changes if (c.machine, c.subject_id) == (row.machine, row.pk))
    return [change for change in mine if change.target == "cancelled"][-1]


def _used(dose: Dose) -> tuple[dict[str, str], ...]:
    """The reasons that were given, as a move keeps them."""
    return tuple(
        {"code": one["code"], "reason": one["reason"], "said": one["said"]["en"]}
        for one in dose.answers
    )
