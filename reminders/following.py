"""What follows the last one done: laid out anew when that is done, or on another day after all."""

from collections.abc import Iterable
from datetime import datetime

from audit.recording import Actor
from patients.models import Course
from protocol.selectors import settings_of
from reminders.domain.items import Schedule, ScheduleItem
from reminders.laying import lay_out
from reminders.models import Reminder


def repeating(course: Course, reminder: Reminder) -> ScheduleItem | None:
    """The item of a reminder whose dates are counted from the last one done; None of any other."""
    items = settings_of(course.protocol).section("schedule", Schedule).items
    return next((one for one in items if one.code == reminder.item and one.from_last_done), None)


def lay_following(done: Iterable[tuple[Course, Reminder]], *, actor: Actor, now: datetime) -> None:
    """Lay out the locked courses anew on which one of these was done that others are counted from.

    Raises `ProtocolInvalid` for a protocol that can no longer be read.
    """
    courses = {course.pk: course for course, one in done if repeating(course, one) is not None}
    if courses:
        lay_out(list(courses.values()), actor=actor, now=now)
