"""What courses are laid out from: their anchors with facts and pauses, and the rows they have."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, QuerySet

from audit.prepared import Prepared
from patients.models import Anchor, Course
from reminders.loading import facts_column
from reminders.models import PlanPause, Reminder

T = TypeVar("T", Anchor, Reminder)


def anchors_and_paused(courses: Sequence[Course]) -> tuple[dict[int, list[Anchor]], set[int]]:
    """The anchors by course and who is paused, in one query where all have anchors.

    A course whose follow-up is completed is not paused: see `completed_by`.
    """
    anchors = _by_course(_of(courses, _anchors, _ANCHORS_OF_ONE))
    bare = [course for course in courses if course.pk not in anchors]
    paused = {pk for pk, rows in anchors.items() if vars(rows[0])["paused"]}
    if bare:
        ended = PlanPause.objects.ending().filter(course__in=bare)
        paused |= set(ended.values_list("course_id", flat=True))
    return anchors, paused


def completed_by(anchors: Sequence[Anchor]) -> Sequence[str]:
    """The causes by which a course was completed; its anchors are from `anchors_and_paused`."""
    return vars(anchors[0])["completed_by"] if anchors else ()


def has_rows(anchors: Sequence[Anchor]) -> bool:
    """Whether a course may have rows: without anchors nobody knows."""
    return not anchors or vars(anchors[0])["has_rows"]


def rows_by_course(courses: Sequence[Course]) -> dict[int, list[Reminder]]:
    """The rows of the schedule by course, in one query."""
    return _by_course(_of(courses, _rows, _ROWS_OF_ONE) if courses else ())


def _anchors(courses: Sequence[int]) -> "QuerySet[Anchor]":
    """The anchors of courses, each with the facts of its course and what pauses its planning."""
    of_course = {"course": OuterRef("course")}
    completed = PlanPause.objects.filter(**of_course, lasting=True).order_by("pk")
    found = Anchor.objects.filter(course__in=courses).annotate(
        paused=Exists(PlanPause.objects.ending().filter(**of_course)),
        completed_by=ArraySubquery(completed.values_list("cause")),
        has_rows=Exists(Reminder.objects.filter(**of_course)),
        facts=facts_column(),
    )
    return found.order_by("kind", "occurrence")


def _rows(courses: Sequence[int]) -> "QuerySet[Reminder]":
    return Reminder.objects.of_the_schedule().filter(course__in=courses)


# A move lays out one course, the sweep hundreds at once.
_ANCHORS_OF_ONE = Prepared(lambda course: _anchors([course]))
_ROWS_OF_ONE = Prepared(lambda course: _rows([course]))


def _of(
    courses: Sequence[Course], many: "Callable[[Sequence[int]], QuerySet[T]]", one: "Prepared[T]"
) -> Iterable[T]:
    """The rows that `many` reads of courses; of a single one as prepared."""
    return one(courses[0].pk) if len(courses) == 1 else many([course.pk for course in courses])


def _by_course(rows: Iterable[T]) -> dict[int, list[T]]:
    found: dict[int, list[T]] = defaultdict(list)
    for row in rows:
        found[row.course_id].append(row)
    return found
