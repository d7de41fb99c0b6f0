"""The times of an infusion against its check at the bedside: asked, told of, shown."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from accounts.models import User
from pathway.domain import check_times
from pathway.domain.check_times import CODES, SaidTimes
from pathway.domain.facts import LOST_PRODUCT
from pathway.domain.product import PRODUCT
from pathway.domain.rules import PathwayRules
from pathway.domain.spine import SPINE
from pathway.loading import CourseState
from pathway.models import Change
from pathway.standing import standing_changes
from protocol.selectors import settings_of
from reminders.notices import raise_notice, withdraw_notices
from terms.refusals import Refusal
from terms.roles import Role
from terms.words import N_

TOLD = (Role.HAEMATOLOGIST, Role.QUALITY)
Used = tuple[Mapping[str, str], ...]


def outside_check(state: CourseState, moved: Iterable[Change] = ()) -> tuple[Refusal, ...]:
    """The times at which no bedside check stood, with those of `moved` in place of what stands.

    What was entered with its past says nothing: nobody checked it here.
    """
    standing = [p for p in state.of("product") if p.state not in LOST_PRODUCT]
    if not standing:
        return ()
    product, new = standing[-1].pk, {one.place: one for one in moved}
    found: dict[str, datetime] = {}
    for change in standing_changes(new.get(one.place, one) for one in state.changes):
        code = CODES.get((change.machine, change.target))
        if code is None or change.transcribed or change.subject_id not in (None, product):
            continue
        found[code] = change.happened_at
    said = SaidTimes(
        product,
        thawed=found.get(check_times.THAWED),
        begun=found.get(check_times.BEGUN),
        given=found.get(check_times.GIVEN),
    )
    rules = PathwayRules.of(settings_of(state.course.protocol)).identity_checks
    limit = timedelta(minutes=rules.bedside_valid_minutes.value)
    return check_times.outside_check(state.checks, said, limit)


def against_time(state: CourseState, change: Change, moved: list[Change]) -> tuple[Refusal, ...]:
    """What a corrected time of `change` asks its corrector to acknowledge with a reason."""
    code = CODES.get((change.machine, change.target))
    return tuple(one for one in outside_check(state, moved) if one.code == code)


def answered(
    doubts: Iterable[Refusal], reasons: Mapping[str, str]
) -> tuple[Used, tuple[Refusal, ...]]:
    """The reasons that were given, and what is still to be acknowledged."""
    doubts = tuple(doubts)
    given = {one.code: reasons.get(one.code, "").strip() for one in doubts}
    used = tuple({"code": code, "reason": reason} for code, reason in given.items() if reason)
    return used, tuple(one for one in doubts if not given[one.code])


def without_times(overrides: Iterable[Mapping[str, str]]) -> Used:
    """The reasons of a step without those for a time that is corrected now."""
    return tuple(one for one in overrides if one["code"] not in CODES.values())


def tell(
    state: CourseState, change: Change, doubts: tuple[Refusal, ...], actor: User, now: datetime
) -> None:
    """Tell that a corrected time lies outside the check; take back what an earlier one told."""
    if (change.machine, change.target) not in CODES:
        return
    cause = f"time:{change.place}"
    withdraw_notices(state.course, cause=cause, actor=actor, now=now)
    if not doubts:
        return
    journey = change.machine == SPINE.name
    raise_notice(
        course=state.course,
        code="check_not_then",
        roles=TOLD,
        params={
            "step": N_("Infusion") if journey else PRODUCT.labels[PRODUCT.state(change.target)],
            "on": change.happened_on,
        },
        about=f"time:{change.place}",
        cause=cause,
        actor=actor,
        now=now,
    )
