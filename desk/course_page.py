"""Everything the course page shows, gathered in a fixed number of queries."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission
from accounts.wording import day_text, in_words, refusal_view
from desk.actions import check_links
from desk.course_dates import date_rows
from desk.course_timeline import Stretch, stretches
from desk.endings import deferred_until, ending_lines, said_of, went_on
from desk.rail import rail_view
from desk.shapes import Action, IdentityView, MoveView, Named, RailView
from exports.timeline import course_timeline
from pathway.check_times import doubtful_times
from pathway.domain.companions import COMPANIONS
from pathway.domain.machine import Option
from pathway.domain.product_guards import LATER_STEPS
from pathway.domain.rules import PathwayRules
from pathway.domain.spine import SPINE, Stage
from pathway.happened_earlier import may_have_happened
from pathway.hold_clocks import clock_text
from pathway.loading import CourseState
from pathway.loading_companions import CompanionRow
from pathway.loading_doses import MACHINES as DOSED
from pathway.loading_doses import doses_left_out
from pathway.opening import OPENERS, opening_refusals
from pathway.paper_forms import kinds_of
from pathway.selectors import companion_options, stage_options
from pathway.sheet_links import sheet_of
from pathway.wording import machine_name, move_name, state_name
from patients.domain.delays import DelayReasons
from patients.identity import identity_of
from patients.models import Hold
from protocol.selectors import settings_of
from reminders.telling import NoticeView, notice_views, notices_of
from toxicity.flowsheet import LAST_DAY, Known, Sheet, known_from, strip
from toxicity.scores.screening import suspicion

# Buttons of which nothing is to be learned now.
_NOT_NOW = frozenset({"wrong_stage", LATER_STEPS, "other_product"})


@dataclass(frozen=True)
class CompanionView:
    """One companion with the moves it can make."""

    title: str
    state: str
    over: bool
    pairs: tuple[Named, ...]
    moves: tuple[MoveView, ...]
    papers: str = ""  # the address of its papers, for who may read names
    expired: bool = False
    unchecked: bool = False  # came to its state before Percorso
    doses_url: str = ""
    links: tuple[Action, ...] = ()


@dataclass(frozen=True)
class MachineView:
    """All companions of one machine, and the way to open another."""

    label: str
    companions: tuple[CompanionView, ...]
    opening: MoveView | None


@dataclass(frozen=True)
class HoldView:
    """A delay, open or over."""

    pk: int
    step: str
    reason: str
    since: date
    ended_on: date | None
    managed_with: str
    remark: str
    review_on: date | None
    clock: str = ""  # how long lymphodepletion still serves, of a hold of the infusion


@dataclass(frozen=True)
class CoursePage:
    """The course page."""

    identity: IdentityView
    rail: RailView
    stage: str
    moves: tuple[MoveView, ...]
    ends: tuple[MoveView, ...]
    machines: tuple[MachineView, ...]
    holds: tuple[HoldView, ...]
    past_holds: tuple[HoldView, ...]
    timeline: tuple[Stretch, ...]
    people: tuple[Named, ...]
    dates: tuple[Named, ...]
    notices: tuple[NoticeView, ...]
    transcribed_on: date | None = None
    ending: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()  # what is said to have happened while no check stood
    strip: Sheet | None = None  # grades of the first days; nothing before the infusion
    suspected: bool = False  # the laboratory meets the criteria of IEC-HS


def course_page(user: User, state: CourseState, today: date, now: datetime) -> CoursePage:
    """Gather the page of a course for `user`; `today` is a local date of the centre."""
    reasons = _reasons(state)
    options = stage_options(state, user, today, now)
    forward = [o for o in options if o.move.target not in SPINE.ends or o.move.back]
    ends = [o for o in options if o not in forward]
    holds = tuple(_hold(state, hold, reasons, user, today) for hold in state.holds)
    known = known_from(state.infused_on, state.deceased_on, state.stays)
    return CoursePage(
        identity=identity_of(
            user,
            state.course,
            today=today,
            infused_on=state.infused_on,
            died_on=state.deceased_on,
        ),
        rail=rail_view(state, reasons, today),
        stage=state_name(SPINE.name, state.journey.stage),
        moves=tuple(
            replace(_stage_move(state, option), earlier=may_have_happened(state, option, user, now))
            for option in forward
        ),
        ends=tuple(_stage_move(state, option) for option in ends),
        machines=_machines(user, state, today, now),
        holds=tuple(hold for hold in holds if hold.ended_on is None),
        past_holds=tuple(hold for hold in holds if hold.ended_on is not None),
        timeline=stretches(course_timeline(user, state.course)),
        people=_people(state, user),
        dates=date_rows(state, today),
        notices=notice_views(user, notices_of(user, state.course)),
        transcribed_on=state.course.transcribed_on,
        ending=(*ending_lines(state), *went_on(user, state)),
        warnings=tuple(in_words(one) for one in doubtful_times(state)),
        strip=strip(state.course, known, today=today),
        suspected=_suspected(state, known, today),
    )


def _suspected(state: CourseState, known: Known, today: date) -> bool:
    """Whether the laboratory meets the criteria of IEC-HS, while the days of the strip run."""
    last = known.infused_on and known.infused_on + timedelta(days=LAST_DAY)
    running = last is not None and today <= last
    return running and suspicion(state.course, known, today) is not None


def _reasons(state: CourseState) -> dict[str, str]:
    language = get_language() or "en"
    known = settings_of(state.course.protocol).section("delay_reasons", DelayReasons)
    codes = {*known.by_code, *(hold.reason_code for hold in state.holds)}
    return {code: known.named(code).in_language(language) for code in codes}


def _stage_move(state: CourseState, option: "Option[Any]") -> MoveView:
    target = option.move.target.value
    return _move_view(state, SPINE.name, option, reverse("move", args=[state.course.pk, target]))


def _move_view(state: CourseState, machine: str, option: "Option[Any]", url: str) -> MoveView:
    return MoveView(
        target=option.move.target.value,
        label=move_name(machine, option.move),
        url=url,
        allowed=option.allowed,
        back=option.move.back,
        refusals=tuple(refusal_view(refusal) for refusal in option.refusals),
        sheet=sheet_of(state.course.pk, machine, option.move),
    )


def _machines(
    user: User, state: CourseState, today: date, now: datetime
) -> tuple[MachineView, ...]:
    return tuple(
        MachineView(
            label=machine_name(name),
            companions=tuple(
                _companion(user, state, row, today, now) for row in reversed(state.of(name))
            ),
            opening=_opening(user, state, name) if name in OPENERS else None,
        )
        for name in COMPANIONS
    )


def _companion(
    user: User, state: CourseState, row: CompanionRow, today: date, now: datetime
) -> CompanionView:
    # Who reads codes only moves nothing; a row of locked buttons would tell them nothing either.
    coded = not user.may(Permission.SEE_IDENTITY)
    options = () if coded else companion_options(state, row, user, today, now)
    dates = [
        Named(_("Planned on"), day_text(row.planned_on) if row.planned_on else ""),
        Named(_("Expected on site"), day_text(row.expected_on) if row.expected_on else ""),
        Named(_("Review on"), deferred_until(row)),
        Named(_("Last dose on"), day_text(row.last_dose) if row.last_dose else ""),
        Named(_("Doses"), _("not transcribed") if doses_left_out(row.machine, row.facts) else ""),
    ]
    return CompanionView(
        title=row.title,
        state=state_name(row.machine, row.state),
        doses_url=reverse("doses", args=[state.course.pk, row.machine, row.pk])
        if row.machine in DOSED
        else "",
        over=row.state in {end.value for end in COMPANIONS[row.machine].ends},
        pairs=(
            Named(_("Since"), day_text(row.known_since) if row.known_since else _("Not known")),
            *(d for d in dates if d.value),
            *said_of(user, state, row),
        ),
        moves=tuple(
            replace(
                _move_view(
                    state,
                    row.machine,
                    option,
                    reverse(
                        "companion_move",
                        args=[state.course.pk, row.machine, row.pk, option.move.target.value],
                    ),
                ),
                earlier=may_have_happened(state, option, user, now),
            )
            for option in options
            if all(refusal.code not in _NOT_NOW for refusal in option.refusals)
        ),
        papers=reverse("papers", args=[state.course.pk, row.machine, row.pk])
        if kinds_of(row.machine)
        else "",
        expired=row.expired(today),
        unchecked=row.state in row.transcribed,
        links=() if coded else check_links(state, row),
    )


def _opening(user: User, state: CourseState, machine: str) -> MoveView | None:
    """The button that opens another; left out where the course is not at that point at all."""
    refusals = opening_refusals(state, machine, user)
    if any(refusal.code in ("wrong_stage", "already_open") for refusal in refusals):
        return None
    return MoveView(
        target=machine,
        label=_("New: %(what)s") % {"what": machine_name(machine)},
        url=reverse("companion_new", args=[state.course.pk, machine]),
        allowed=not refusals,
        refusals=tuple(refusal_view(refusal) for refusal in refusals),
    )


def _hold(
    state: CourseState, hold: Hold, reasons: dict[str, str], user: User, today: date
) -> HoldView:
    free_text = user.may(Permission.SEE_IDENTITY)
    return HoldView(
        pk=hold.pk,
        step=state_name(SPINE.name, hold.step),
        reason=reasons[hold.reason_code],
        since=hold.began_on,
        ended_on=hold.ended_on,
        managed_with=hold.managed_with if free_text else "",
        remark=hold.remark if free_text else "",
        review_on=hold.review_on,
        clock=_clock(state, hold, today),
    )


def _clock(state: CourseState, hold: Hold, today: date) -> str:
    if hold.ended_on is not None or hold.step != Stage.INFUSION:
        return ""
    intervals = PathwayRules.of(settings_of(state.course.protocol)).intervals
    return clock_text(
        state.of("lymphodepletion"),
        stage=state.journey.stage,
        stage_since=state.journey.stage_since,
        most=intervals.infusion_hold_clock_days.value,
        today=today,
    )


def _people(state: CourseState, user: User) -> tuple[Named, ...]:
    course, patient = state.course, state.course.patient
    people = [
        Named(
            _("CAR-T coordinator"), course.coordinator.get_full_name() if course.coordinator else ""
        ),
        Named(
            _("Haematologist"), course.haematologist.get_full_name() if course.haematologist else ""
        ),
    ]
    if user.may(Permission.SEE_IDENTITY):
        people += [
            Named(_("Referring hospital"), patient.referring_hospital),
            Named(_("Referring physician"), patient.referring_physician),
        ]
    return tuple(people)
