"""What the course page says of a course that ended early, and of the end of a companion."""

from collections.abc import Mapping

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission
from accounts.wording import day_text
from desk.shapes import Named
from exports.intention import ending_words
from pathway.domain.collection_next import NEXT_STEPS, RESPONSES
from pathway.domain.companions import Review
from pathway.domain.exits import scope_means
from pathway.domain.outcomes import OUTCOME_LABELS, Outcome, outcome_of
from pathway.domain.rules import PathwayRules
from pathway.domain.spine import EXITS, SPINE, Stage
from pathway.loading import CourseState
from pathway.loading_companions import CompanionRow
from pathway.wording import stage_name
from protocol.selectors import settings_of
from reminders.domain.items import Schedule
from terms.words import N_


def ending_lines(state: CourseState) -> tuple[str, ...]:
    """How, why and when a course ended, and what still counts; empty while it goes on."""
    journey = state.journey
    ended, died = Stage(journey.stage) in EXITS, state.deceased_on is not None
    outcome = outcome_of(infused=state.infused_on is not None, ended=ended, died=died)
    lines = []
    if ended:
        why = ending_words(state.course, journey)
        since, left = state.stage_since, journey.left_stage
        lines.append(
            _("%(how)s at the stage %(stage)s, on %(on)s. Reason: %(why)s.")
            % {
                "how": stage_name(journey.stage),
                "stage": stage_name(left) if left else _("not known"),
                "on": day_text(since) if since else _("a day not known"),
                "why": why or _("not recorded as a code"),
            }
        )
        means = scope_means(journey.stage, journey.exit_scope)
        lines += [_(means)] if means else []
    if Stage(journey.stage) is Stage.COMPLETED and not died:
        lines.append(_for_life(state))
    if outcome is Outcome.NEVER_INFUSED:
        lines.append(
            _("%(outcome)s: the course still counts by intention to treat.")
            % {"outcome": _(OUTCOME_LABELS[outcome])}
        )
    return tuple(lines)


def _for_life(state: CourseState) -> str:
    """What is still asked for after the follow-up was completed."""
    schedule = settings_of(state.course.protocol).section("schedule", Schedule)
    language = get_language() or "en"
    lasting = [one.label.in_language(language) for one in schedule.items if one.lasting]
    if not lasting:
        return _("The follow-up is completed: nothing of the schedule is due any more.")
    return _(
        "The follow-up is completed: of the schedule only what is for life stays due: %(what)s."
    ) % {"what": "; ".join(lasting)}


def deferred_until(row: CompanionRow) -> str:
    """The day on which a deferred review is to be looked at again; empty for anything else."""
    return day_text(row.review_on) if row.state == Review.DEFERRED and row.review_on else ""


def said_of(user: User, state: CourseState, row: CompanionRow) -> tuple[Named, ...]:
    """What the last step of a companion said, and the reasons with which its steps went on.

    The response of a bridging course that is over and was never asked is shown as not known. What
    somebody typed is for who may read names.
    """
    steps = [
        change
        for change in state.standing_changes
        if (change.machine, change.subject_id) == (row.machine, row.pk)
    ]
    said = dict(steps[-1].details) if steps else {}
    if row.machine == "bridging" and row.state in ("closed", "stopped_early"):
        said.setdefault("response", "unknown")
    named = user.may(Permission.SEE_IDENTITY)
    words = {"response": RESPONSES, "next_step": NEXT_STEPS, "failure_reason": _losses(state)}
    pairs = [
        Named(_(label), _(words[name].get(said[name], said[name])) if name in words else said[name])
        for name, label in _SAID.items()
        if said.get(name) and (named or name in words)
    ]
    if named:
        pairs += [
            Named(_("Went on with a reason"), one["reason"])
            for step in steps
            for one in step.overrides
        ]
    return tuple(pairs)


def went_on(user: User, state: CourseState) -> tuple[str, ...]:
    """The reasons with which the course came to its stage, for who may read them."""
    steps = [change for change in state.standing_changes if change.machine == SPINE.name]
    if not steps or not user.may(Permission.SEE_IDENTITY):
        return ()
    stage = stage_name(state.journey.stage)
    return tuple(
        _("Came to %(stage)s with a reason: %(reason)s") % {"stage": stage, "reason": one["reason"]}
        for one in steps[-1].overrides
    )


def _losses(state: CourseState) -> Mapping[str, str]:
    reasons = PathwayRules.of(settings_of(state.course.protocol)).failure_reasons.by_code
    language = get_language() or "en"
    return {code: reason.label.in_language(language) for code, reason in reasons.items()}


_SAID: Mapping[str, str] = {
    "response": N_("Response"),
    "next_step": N_("What follows"),
    "waiver_reference": N_("Manufacturer's waiver"),
    "failure_reason": N_("Reason for the loss"),
    "deviation_number": N_("Deviation number"),
}
