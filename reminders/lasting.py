"""What a course that has ended asks for: nothing, or once completed what is for life."""

from patients.models import Course
from protocol.selectors import settings_if_readable
from reminders.domain.items import Schedule
from reminders.models import PlanPause, Reminder


def standing_pause(course: Course) -> PlanPause | None:
    """Why planning of a course pauses: an end of everything before the completion."""
    return PlanPause.objects.filter(course=course).order_by("lasting", "since", "pk").first()


def lasting_items(course: Course) -> tuple[str, ...]:
    """The items that the protocol of a course asks for life; none where it cannot be read."""
    known = settings_if_readable(course.protocol)
    if known is None:
        return ()
    return tuple(one.code for one in known.section("schedule", Schedule).items if one.lasting)


def still_asked(course: Course, reminder: Reminder | None = None) -> bool:
    """Whether anything, or this very reminder, may be due on a course as it stands.

    What people ask for by hand may be due after the completion too: for life means that something
    may be found.
    """
    pause = standing_pause(course)
    if pause is None:
        return True
    asked = reminder is None or bool(reminder.made_by) or reminder.item in lasting_items(course)
    return pause.lasting and asked


def is_completed(course: Course) -> bool:
    """Whether nothing but the completion ended a course."""
    pause = standing_pause(course)
    return pause is not None and pause.lasting
