"""What the course page says of a course that ended before its time."""

from django.utils.translation import gettext as _

from accounts.wording import day_text
from exports.intention import ending_words
from pathway.domain.exits import scope_means
from pathway.domain.outcomes import OUTCOME_LABELS, Outcome, outcome_of
from pathway.domain.spine import EXITS, Stage
from pathway.loading import CourseState
from pathway.wording import stage_name


def ending_lines(state: CourseState) -> tuple[str, ...]:
    """How, why and when a course ended early, and that it still counts; empty while it goes on."""
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
    if outcome is Outcome.NEVER_INFUSED:
        lines.append(
            _("%(outcome)s: the course still counts by intention to treat.")
            % {"outcome": _(OUTCOME_LABELS[outcome])}
        )
    return tuple(lines)
