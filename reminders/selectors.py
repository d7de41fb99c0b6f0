"""Reading reminders: what is due, what comes next on a course, and whether the sweeps run."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.wording import day_text
from audit.prepared import Prepared
from patients.models import Course
from protocol.models import Protocol
from protocol.selectors import settings_if_readable
from reminders.domain.items import Schedule
from reminders.domain.schedule import overdue
from reminders.domain.wanted import label_in
from reminders.models import Reminder, ReminderQuerySet, SweepRun
from terms.words import Bilingual

# A sweep runs each minute: after five without one, people are told.
SWEEP_LATE = timedelta(minutes=5)


@dataclass(frozen=True)
class NextDue:
    """The next thing to do on a course, or the one longest late."""

    reminder_id: int
    course_id: int
    item: str
    label: Bilingual
    due_on: date
    overdue: bool


def label_of(
    protocol: Protocol, item: str, ordinal: int, *, doubtful: bool, words: str = ""
) -> Bilingual:
    """What there is to do, in the words of the course's protocol.

    The item's code when that version lacks it or can no longer be read. `doubtful`: nobody
    recorded whether it is needed. `words` are those of who asked by hand, left out for who reads
    coded.
    """
    known = settings_if_readable(protocol)
    schedule = None if known is None else known.section("schedule", Schedule)
    return label_in(schedule, item, ordinal, doubtful=doubtful, words=words)


def due_within(user: User, days: int, today: date) -> QuerySet[Reminder]:
    """Open reminders that `user` may see, due within `days` of `today` or earlier; oldest first."""
    return (
        _labelled(Reminder.objects.visible_to(user))
        .due(today + timedelta(days=days), on=today)
        .order_by("due_on", "pk")
    )


def reminders_of(user: User, course_id: int) -> QuerySet[Reminder]:
    """Every reminder of a course that `user` may see, by date."""
    return (
        _labelled(Reminder.objects.visible_to(user))
        .filter(course_id=course_id)
        .order_by("due_on", "item", "pk")
    )


def next_for_courses(user: User, course_ids: Collection[int], *, today: date) -> dict[int, NextDue]:
    """The earliest open reminder of each of `course_ids` that has one, in one query."""
    # One look into the index per course: DISTINCT ON over a join would read every course.
    earliest = Reminder.objects.counting(today).filter(course_id=OuterRef("pk"))
    names = ("item", "ordinal", "unsure", "due_on", "window_end")
    row = JSONObject(reminder_id="pk", **{name: name for name in names})
    courses = (
        Course.objects.visible_to(user)
        .filter(pk__in=course_ids)
        .select_related("protocol")
        .only("protocol__code", "protocol__version", "protocol__sha256")
        .annotate(first=Subquery(earliest.order_by("due_on", "pk").values_list(row)[:1]))
    )
    found = {}
    for course in courses:
        first = course.first  # type: ignore[attr-defined] # annotated, which mypy does not follow
        if first:
            found[course.pk] = _next_due(course, first, today)
    return found


def _next_due(course: Course, first: Mapping[str, Any], today: date) -> NextDue:
    return NextDue(
        reminder_id=first["reminder_id"],
        course_id=course.pk,
        item=first["item"],
        label=label_of(course.protocol, first["item"], first["ordinal"], doubtful=first["unsure"]),
        due_on=date.fromisoformat(first["due_on"]),
        overdue=overdue(date.fromisoformat(first["window_end"]), today),
    )


def courses_needing_something(today: date, days: int, *, course: str = "pk") -> Exists:
    """Condition: the course has an open reminder due within `days` of `today`, or earlier.

    `course` is the outer query's column with the course's id: `course_id` for a journey. The
    outer query says which courses somebody may see.
    """
    due = Reminder.objects.due(today + timedelta(days=days), on=today)
    return Exists(due.filter(course_id=OuterRef(course)))


# By the order of writing: after the clock was set back, the latest time is not the last.
_LAST_SWEEP = Prepared(lambda: SweepRun.objects.order_by("-pk")[:1])


def last_sweep() -> SweepRun | None:
    """The sweep that finished last; None when none did."""
    return next(iter(_LAST_SWEEP()), None)


def sweep_is_late(run: SweepRun | None, now: datetime) -> bool:
    """Whether sweeps stand still: none yet, or the last more than five minutes away.

    Away in either direction: a sweep in the future means that the clock was set back, and beat
    then sends nothing until it has caught up.
    """
    return run is None or abs(now - run.finished_at) > SWEEP_LATE


def sweep_banner(now: datetime) -> str:
    """The warning for the frame of every page when sweeps stand still, else an empty text."""
    run = last_sweep()
    if not sweep_is_late(run, now):
        return ""
    if run is None:
        return _("Automatic reminders have not run yet; the list below is still current.")
    at = timezone.localtime(run.finished_at)
    since = f"{at:%H:%M}"
    if at.date() != timezone.localtime(now).date():
        since = f"{day_text(at.date())} {since}"
    return _(
        "Automatic reminders have not run since %(since)s; the list below is still current."
    ) % {"since": since}


def oldest_overdue(on: date) -> Reminder | None:
    """The open reminder of any centre that has been overdue longest on the date `on`."""
    return Reminder.objects.overdue(on).order_by("due_on").first()


def _labelled(rows: ReminderQuerySet) -> ReminderQuerySet:
    """With course and protocol, but without the protocol's text, which is kept in memory."""
    return rows.select_related("course__protocol").defer("course__protocol__data")
