"""The times of an infusion against its bedside check and the age of its bag: asked, told, shown."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from accounts.models import User
from accounts.wording import in_both
from pathway.day_times import days_apart
from pathway.domain import bag_times, check_times
from pathway.domain.check_times import CODES, SaidTimes
from pathway.domain.facts import LOST_PRODUCT
from pathway.domain.product import PRODUCT
from pathway.domain.product_states import Product
from pathway.domain.rules import PathwayRules
from pathway.domain.spine import SPINE
from pathway.loading import CourseState, load_state
from pathway.models import Change
from pathway.standing import answers, standing_changes
from patients.models import Course
from protocol.selectors import settings_of
from reminders.notices import raise_notice, withdraw_notices
from terms.refusals import Kind, Refusal
from terms.roles import Role
from terms.words import N_

TOLD = (Role.HAEMATOLOGIST, Role.QUALITY)
_BAG, _OVER = "bag_age", "over_time"
Used = tuple[Mapping[str, str], ...]


def outside_check(state: CourseState, moved: Iterable[Change] = ()) -> tuple[Refusal, ...]:
    """The times at which no bedside check stood, with those of `moved` in place of what stands.

    What was entered with its past says nothing: nobody checked it here.
    """
    said = _said(state, moved)
    if said is None:
        return ()
    rules = _rules(state).identity_checks
    limit = timedelta(minutes=rules.bedside_valid_minutes.value)
    return check_times.outside_check(state.checks, said, limit)


def bag_too_old(state: CourseState, moved: Iterable[Change] = ()) -> tuple[Refusal, ...]:
    """What the thaw's clock says against the beginning of the infusion, in the same way."""
    said = _said(state, moved)
    if said is None:
        return ()
    row = next(one for one in state.of("product") if one.pk == said.product)
    thawed = row.papers.thaw_ended_at or said.thawed
    used = row.state == Product.INFUSED
    return bag_times.lay_too_long(thawed, said.begun, _rules(state).product, used=used)


def doubtful_times(state: CourseState) -> tuple[Refusal, ...]:
    """Everything that is to be said of the times of the infusion as they stand."""
    found = (*outside_check(state), *bag_too_old(state))
    said = {one.code for one in found}
    over = (one for one in over_time(state) if one.code not in said)
    return (*days_apart(state), *found, *over)


def over_time(state: CourseState, moved: Iterable[Change] = ()) -> tuple[Refusal, ...]:
    """What the label says against an infusion that is over, by its paper or else by its steps."""
    said = _said(state, moved)
    row = next((one for one in state.of("product") if said and one.pk == said.product), None)
    if said is None or row is None or row.state != Product.INFUSED:
        return ()
    rules, papers = _rules(state).product, row.papers
    thawed = papers.thaw_ended_at or said.thawed
    begun, ended = papers.infusion_started_at, papers.infusion_ended_at
    found = (
        *bag_times.lay_too_long(thawed, begun, rules, used=True),
        bag_times.took_too_long(begun or said.begun, ended, rules),
        bag_times.unstable_at_end(thawed, ended or said.given, rules),
    )
    return tuple(one for one in found if one is not None)


def over_then(state: CourseState, moved: list[Change]) -> tuple[Refusal, ...]:
    """What it would say of the corrected times, but for the age of the bag: that is asked apart."""
    if (moved[0].machine, moved[0].target) not in CODES:
        return ()
    return tuple(one for one in over_time(state, moved) if one.code in bag_times.OVER)


def tell_over_time(course: Course, actor: User, now: datetime) -> None:
    """Tell what a paper or a time that came once the infusion was over says against it.

    What was answered at the step itself is told nobody again, while it says the same.
    """
    withdraw_notices(course, cause=_OVER, actor=actor, now=now)
    state = load_state(course)
    given = [c for c in state.standing_changes if (c.machine, c.target) == ("product", "infused")]
    known = answers(given[-1]) if given else frozenset()
    steps = {one.code for one in bag_too_old(state)}  # told with the time of its step
    found = [one for one in over_time(state) if not {str(one), one.code} & (known | steps)]
    if found:
        raise_notice(
            course=course,
            code="infusion_over_time",
            roles=TOLD,
            params={"what": tuple(in_both(one) for one in found)},
            about=_OVER,
            cause=_OVER,
            actor=actor,
            now=now,
        )


def _said(state: CourseState, moved: Iterable[Change]) -> SaidTimes | None:
    """When the product that counts was thawed, begun and given; None without a product."""
    standing = [p for p in state.of("product") if p.state not in LOST_PRODUCT]
    if not standing:
        return None
    product, new = standing[-1].pk, {one.place: one for one in moved}
    found: dict[str, datetime] = {}
    for change in standing_changes(new.get(one.place, one) for one in state.changes):
        code = CODES.get((change.machine, change.target))
        if code is None or change.transcribed or change.subject_id not in (None, product):
            continue
        found[code] = change.happened_at
    return SaidTimes(
        product,
        thawed=found.get(check_times.THAWED),
        begun=found.get(check_times.BEGUN),
        given=found.get(check_times.GIVEN),
    )


def _rules(state: CourseState) -> PathwayRules:
    return PathwayRules.of(settings_of(state.course.protocol))


def codes_of(change: Change) -> frozenset[str]:
    """What correcting the time of `change` may ask to be acknowledged."""
    step = (change.machine, change.target)
    own = {CODES[step]} if step in CODES else set()
    return frozenset(own | {*bag_times.CODES} if step in bag_times.STEPS else own)


def against_time(state: CourseState, change: Change, moved: list[Change]) -> tuple[Refusal, ...]:
    """What a corrected time of `change` asks its corrector to acknowledge with a reason."""
    asked = codes_of(change)
    found = (*outside_check(state, moved), *bag_too_old(state, moved))
    return tuple(one for one in found if one.code in asked)


def answered(
    doubts: Iterable[Refusal], reasons: Mapping[str, str]
) -> tuple[Used, tuple[Refusal, ...]]:
    """The reasons that were given, and what is still to be acknowledged."""
    doubts = tuple(doubts)
    given = {
        one.code: reasons.get(one.code, "").strip() if one.kind is Kind.SOFT else ""
        for one in doubts
    }
    used = tuple({"code": code, "reason": reason} for code, reason in given.items() if reason)
    return used, tuple(one for one in doubts if not given[one.code])


def without_times(change: Change) -> Used:
    """The reasons of a step without those for a time that is corrected now."""
    return tuple(one for one in change.overrides if one["code"] not in codes_of(change))


def tell(
    state: CourseState, change: Change, doubts: tuple[Refusal, ...], actor: User, now: datetime
) -> None:
    """Tell that a corrected time lies outside the check, or makes bag or infusion too old or long.

    What an earlier correction told is taken back first: of a bag that of either of its times.
    """
    step = (change.machine, change.target)
    if step not in CODES:
        return
    aged = [one for one in doubts if one.code in bag_times.CODES]
    causes = {"check_not_then": f"time:{change.place}"}
    if step in bag_times.STEPS:
        causes["bag_too_old_then"] = _BAG
    for code, cause in causes.items():
        withdraw_notices(state.course, cause=cause, actor=actor, now=now)
        found = aged if code == "bag_too_old_then" else [one for one in doubts if one not in aged]
        if found:
            raise_notice(
                course=state.course,
                code=code,
                roles=TOLD,
                params=_params(change, found[0] if found == aged else None),
                about=cause,
                cause=cause,
                actor=actor,
                now=now,
            )
    tell_over_time(state.course, actor, now)


def _params(change: Change, aged: Refusal | None) -> dict[str, object]:
    journey = change.machine == SPINE.name
    step = N_("Infusion") if journey else PRODUCT.labels[PRODUCT.state(change.target)]
    ages = {name: aged.params[name] for name in ("minutes", "most")} if aged else {}
    return {"step": step, "on": change.happened_on, **ages}
