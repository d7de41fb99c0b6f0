"""What follows the last one done: laid out anew when that is done, or on another day after all."""

from collections.abc import Iterable
from datetime import datetime

import structlog

from audit.recording import Actor
from patients.models import Course
from protocol.domain.loading import ProtocolInvalid
from protocol.selectors import settings_of
from reminders.domain.items import Schedule, ScheduleItem
from reminders.laying import lay_out
from reminders.models import Reminder

logger = structlog.get_logger(__name__)


def repeating(course: Course, reminder: Reminder) -> ScheduleItem | None:
    """The item of a reminder whose dates are counted from the last one done; None of any other.

    None too while the protocol cannot be read: what was done is kept, and the sweep lays out what
    follows once it can be.
    """
    try:
        items = settings_of(course.protocol).section("schedule", Schedule).items
    except ProtocolInvalid:
        logger.exception("protocol_unreadable", course=course.pk, protocol=course.protocol_id)
        return None
    return next((one for one in items if one.code == reminder.item and one.from_last_done), None)


def lay_following(done: Iterable[tuple[Course, Reminder]], *, actor: Actor, now: datetime) -> None:
    """Lay out anew the locked courses on which one of these was done that others count from."""
    courses = {course.pk: course for course, one in done if repeating(course, one) is not None}
    if courses:
        lay_out(list(courses.values()), actor=actor, now=now)
