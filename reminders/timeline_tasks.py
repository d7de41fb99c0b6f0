"""What tasks by hand add to the timeline: asked for, done or skipped, in uniform columns."""

from django.db.models import Case, F, Q, QuerySet, When

from patients.models import Course
from patients.timeline_columns import Rows, day, local_day, row_of
from reminders.models import Status

CODES = frozenset({"TASK", "TASK_DONE", "TASK_SKIPPED"})
_BY_HAND = Q(reminders__made_by__gt="")  # a negated one would look twice at every row

# What repeats was asked for once: its first date says so.
_ASKED = Q(reminders__series=0) | Q(reminders__series=F("reminders__ordinal"))


def rows(courses: QuerySet[Course]) -> list[Rows]:
    """Each in the words of who asked, which never leave the site; else the item's code."""
    words = Case(
        When(reminders__label="", then=F("reminders__item")), default=F("reminders__label")
    )
    done, skipped = (Q(reminders__status=status) for status in (Status.DONE, Status.SKIPPED))
    return [
        row_of(
            courses, "reminders", on=local_day("reminders__planned_at"), code="TASK", label="",
            value=words, identifying=True, by="made_by", at="planned_at", source="",
            where=_BY_HAND & _ASKED,
        ),
        row_of(
            courses, "reminders", on=day("reminders__done_on"), code="TASK_DONE", label="",
            value=words, identifying=True, by="closed_by", at="closed_at", source="",
            where=_BY_HAND & done,
        ),
        row_of(
            courses, "reminders", on=local_day("reminders__closed_at"), code="TASK_SKIPPED",
            label="", value=words, identifying=True, by="closed_by", at="closed_at", source="",
            where=_BY_HAND & skipped,
        ),
    ]  # fmt: skip
