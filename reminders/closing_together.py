"""Several reminders of one kind of item done on the same day, of as many courses: all or none."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from django.db import transaction

from accounts.models import User
from patients.courses import lock_course
from patients.models import Course
from reminders.closing import close_as_done, refusals_of_done
from reminders.doers import require_doing
from reminders.following import lay_following
from reminders.models import Reminder
from terms.refusals import Refusal, Refused
from terms.words import N_

MOST_TOGETHER = 50  # what a person can look through on one page


@transaction.atomic
def mark_all_done(
    *, reminder_ids: Sequence[int], done_on: date, actor: User, now: datetime
) -> list[Reminder]:
    """Record that waiting reminders of one item were all done on `done_on`.

    Raises Refused (none, too many, of several items, and for each of them what `mark_done` refuses,
    with the code of its course), NotAllowed, Reminder.DoesNotExist when one of them is unknown or
    another centre's; nothing is written then.
    """
    wanted = sorted(set(reminder_ids))
    rows = list(Reminder.objects.visible_to(actor).filter(pk__in=wanted))
    # Tasks are of one kind where they say the same.
    found = {row.pk: (row.item, row.label) for row in rows}
    if len(found) != len(wanted):
        raise Reminder.DoesNotExist
    require_doing(actor, [row.role for row in rows])
    refusals = _refuse_set(found)
    if refusals:
        raise Refused(refusals)
    pairs = _locked(wanted, actor)
    for course, reminder in pairs:
        refusals += [
            _of_course(course, one) for one in refusals_of_done(course, reminder, done_on, now)
        ]
    if refusals:
        raise Refused(refusals)
    done = [close_as_done(course, reminder, done_on, actor, now) for course, reminder in pairs]
    lay_following(pairs, actor=actor, now=now)
    return done


def _locked(wanted: Sequence[int], actor: User) -> list[tuple[Course, Reminder]]:
    # In the order of their ids, as everybody locks several courses; read only after the locks.
    ids = Reminder.objects.filter(pk__in=wanted).values_list("course_id", flat=True)
    courses = {pk: lock_course(pk, actor=actor) for pk in sorted(set(ids))}
    rows = Reminder.objects.filter(pk__in=wanted).order_by("course_id", "pk")
    return [(courses[row.course_id], row) for row in rows]


def _refuse_set(found: dict[int, tuple[str, str]]) -> list[Refusal]:
    refusals = []
    if not found:
        refusals.append(Refusal(code="none_chosen", message=N_("Choose at least one.")))
    if len(found) > MOST_TOGETHER:
        refusals.append(
            Refusal(
                code="too_many",
                message=N_("At most %(most)s can be done together."),
                params={"most": MOST_TOGETHER},
            )
        )
    if len(set(found.values())) > 1:
        refusals.append(
            Refusal(
                code="several_items",
                message=N_("Only reminders of the same kind can be done together."),
            )
        )
    return refusals


_OF_COURSE = {
    "not_waiting": N_("%(course)s: this is not waiting any more, %(status)s."),
    "anchor_not_happened": N_("%(course)s: this follows a step that has not happened, %(step)s."),
    "before_referral": N_("%(course)s: this is before the referral, on %(limit)s."),
}


def _of_course(course: Course, refusal: Refusal) -> Refusal:
    """The refusal with the code of its course; one that is about the day itself as it is."""
    if refusal.code not in _OF_COURSE:
        return refusal
    params = {**refusal.params, "course": course.code}
    return replace(refusal, message=_OF_COURSE[refusal.code], params=params)
