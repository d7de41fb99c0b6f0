"""A test that was done and whose result is awaited: open, asked about, never called undone."""

from datetime import date, datetime, timedelta

from django.db import transaction

from accounts.models import User
from audit.recording import record
from protocol.selectors import settings_if_readable
from reminders.closing import lock_reminder, refusals_of_done
from reminders.domain.items import Schedule
from reminders.following import lay_following
from reminders.models import Reminder, Status
from terms.day_numbers import local_date
from terms.refusals import Refusal, Refused
from terms.words import N_


def days_of_result(reminder: Reminder) -> int | None:
    """After how many days the result of this test is asked for.

    None where there is none, or where nobody knows: the protocol can no longer be read.
    """
    known = settings_if_readable(reminder.course.protocol)
    if known is None:
        return None
    try:
        found = known.section("schedule", Schedule).item(reminder.item).result_after
    except KeyError:
        return None
    return None if found is None else found.value


@transaction.atomic
def await_result(*, reminder_id: int, performed_on: date, actor: User, now: datetime) -> Reminder:
    """Record that the test of a waiting reminder was done on a day and its result is not there.

    It stays open and asks again after the days that the protocol gives to the result, or when one
    is recorded of that day is done by it. Raises Refused (what `mark_done` refuses, no result to
    wait for, no rules that say when), NotAllowed, Reminder.DoesNotExist.
    """
    course, reminder = lock_reminder(reminder_id, actor)
    days = days_of_result(reminder)
    refusals = refusals_of_done(course, reminder, performed_on, now, field="performed_on")
    if settings_if_readable(course.protocol) is None:
        message = N_("The rules of this course cannot be read now: say that it was done.")
        refusals.append(Refusal(code="protocol_unreadable", message=message))
    elif days is None:
        refusals.append(
            Refusal(code="no_result", message=N_("This is no test whose result is waited for."))
        )
    if refusals or days is None:
        raise Refused(refusals)
    before = {"status": reminder.status, "performed_on": reminder.performed_on}
    tomorrow = local_date(now, course.centre.zone) + timedelta(days=1)
    reminder.status, reminder.reason = Status.SNOOZED, ""
    reminder.snoozed_until = max(performed_on + timedelta(days=days), tomorrow)
    reminder.performed_on, reminder.performed_by = performed_on, actor.get_username()
    fields = ["status", "reason", "snoozed_until", "performed_on", "performed_by"]
    reminder.save(update_fields=fields)
    record(
        actor=actor,
        now=now,
        action="reminder.await",
        obj=reminder,
        course_id=course.pk,
        patient_id=course.patient_id,
        before=before,
        after={"performed_on": performed_on, "snoozed_until": reminder.snoozed_until},
    )
    lay_following([(course, reminder)], actor=actor, now=now)
    return reminder
