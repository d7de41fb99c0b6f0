"""Finding what comes due and is not laid out for sending yet: a row for each step of it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import structlog
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from protocol.domain.loading import ProtocolInvalid
from protocol.selectors import settings_of
from reminders.domain.sending import SendingRules, steps
from reminders.models import Dispatch, Reminder, ReminderQuerySet, Sending

logger = structlog.get_logger(__name__)

# Rows are there before their hour comes anywhere on earth; moved or closed meanwhile, they lapse.
LOOK_AHEAD = timedelta(days=2)
BATCH = 500
UNREADABLE = "protocol_unreadable"


def not_laid(now: datetime) -> ReminderQuerySet:
    """Open reminders that come due and have no rows for that date, or only void ones.

    Their last step says whether they have: one look into an index for each open reminder.
    """
    laid = Dispatch.objects.exclude(status=Sending.VOID).filter(
        reminder=OuterRef("pk"), due_on=OuterRef("asks_on"), last=True
    )
    # What is put off is laid before its day too: it is sent at an hour of that day at its centre.
    return Reminder.objects.due((now + LOOK_AHEAD).date()).filter(~Exists(laid))


def lay_dispatches(now: datetime) -> int:
    """Make the rows of one batch of reminders, and say how many reminders these were.

    Two at once make them once: the database keeps one row a step.
    """
    found = list(
        not_laid(now)
        .select_related("course__centre", "course__protocol")
        .defer("course__protocol__data")
        .order_by("due_on", "pk")[:BATCH]
    )
    sent = _sent(found)
    rows, ended = [], []
    for reminder in found:
        steps_of = list(_rows(reminder, now))
        rows += [row for row in steps_of if (reminder.pk, row.step) not in sent]
        last = sent.get((reminder.pk, steps_of[-1].step))
        ended += [] if last is None else [last]
    Dispatch.objects.bulk_create(rows, ignore_conflicts=True)
    # Sent already by other rules, which had more steps: nothing is left to send.
    Dispatch.objects.filter(pk__in=ended).update(last=True)
    return len(found)


def lay_again(reminders: QuerySet[Reminder]) -> None:
    """Let what waits to be sent for the dates of these lapse: the next tick lays it out anew.

    For what rules, window or role say by now. What was sent stays sent; only where somebody else
    has to do it, that one is told too.
    """
    rows = Dispatch.objects.filter(reminder__in=reminders, due_on=F("reminder__asks_on"))
    unsent = Q(status=Sending.WAITING) | Q(status=Sending.DEAD, error_code=UNREADABLE)
    others = Q(status=Sending.SENT, step=0) & ~Q(role=F("reminder__role"))
    rows.filter(unsent | others).update(status=Sending.VOID, lease_until=None, next_try_at=None)


def _sent(reminders: list[Reminder]) -> dict[tuple[int, int], int]:
    """What was sent of these for the date they ask on, by reminder and step."""
    rows = Dispatch.objects.filter(
        reminder__in=reminders, status=Sending.SENT, due_on=F("reminder__asks_on")
    )
    return {
        (reminder, step): pk for reminder, step, pk in rows.values_list("reminder", "step", "pk")
    }


def _rows(reminder: Reminder, now: datetime) -> Iterator[Dispatch]:
    try:
        rules = settings_of(reminder.course.protocol).section("sending", SendingRules)
    except ProtocolInvalid:
        # Nobody knows when and to whom. Left out, it would come back at each tick, unseen.
        logger.exception("protocol_unreadable", reminder=reminder.pk, course=reminder.course_id)
        yield _row(
            reminder, now, step=0, send_at=now, role=reminder.role, last=True,
            status=Sending.DEAD, error_code=UNREADABLE,
        )  # fmt: skip
        return
    zone = reminder.course.centre.zone
    for one in steps(rules, reminder.asks_on, reminder.window_end, reminder.role, zone):
        yield _row(
            reminder, now, step=one.number, send_at=one.send_at, role=one.role, last=one.last
        )


def _row(reminder: Reminder, now: datetime, **columns: object) -> Dispatch:
    return Dispatch(reminder=reminder, due_on=reminder.asks_on, laid_at=now, **columns)
