"""The list by intention to treat as a page shows it."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import get_language, gettext

from pathway.domain.exits import SCOPE_NAMES, UNKNOWN, scope_of
from pathway.domain.outcomes import OUTCOME_LABELS
from pathway.domain.reasons import ExitReasons
from pathway.intention import as_intended
from pathway.models import Journey
from pathway.wording import stage_name
from patients.models import Course
from protocol.selectors import settings_if_readable


@dataclass(frozen=True)
class IntendedView:
    """One row of the page."""

    course_id: int
    code: str
    enrolled_on: date | None
    outcome: str
    infused_on: date | None
    stage: str
    left: str
    ended_on: date | None
    why: str
    died_on: date | None
    withheld: bool
    doubtful: bool  # nobody knows how far the withdrawal goes


def intended_view(journey: Journey) -> IntendedView:
    """One course of `pathway.intention.intended` in words."""
    row = as_intended(journey)
    return IntendedView(
        course_id=row.course_id,
        code=row.code,
        enrolled_on=row.enrolled_on,
        outcome=gettext(OUTCOME_LABELS[row.outcome]),
        infused_on=row.infused_on,
        stage=stage_name(row.stage),
        left=stage_name(row.left) if row.left else "",
        ended_on=row.ended_on,
        why=ending_words(journey.course, journey),
        died_on=row.died_on,
        withheld=row.withheld,
        doubtful=scope_of(journey.stage, journey.exit_scope) == UNKNOWN,
    )


def ending_words(course: Course, journey: Journey) -> str:
    """Why a course ended and how far a withdrawal goes; empty where nothing coded is recorded."""
    read = settings_if_readable(course.protocol)
    known = read.section("exit_reasons", ExitReasons).by_code if read else {}
    reason, scope = journey.exit_reason, scope_of(journey.stage, journey.exit_scope)
    label = known[reason].label.in_language(get_language() or "en") if reason in known else reason
    return " · ".join(filter(None, (label, gettext(SCOPE_NAMES[scope]) if scope else "")))
