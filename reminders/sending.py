"""Sending what is due in the site: claim a batch, then each row, its ledger and status at once."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Exists, F, OuterRef, Q

from accounts.models import Membership, User
from reminders.dispatches import lay_dispatches, not_laid
from reminders.domain.sending import MOST_TRIES, pause_after
from reminders.models import Channel, Delivery, Dispatch, Sending
from reminders.preferences import wishes_of
from reminders.sending_models import ready_at
from terms.day_numbers import local_date
from terms.roles import Role

logger = structlog.get_logger(__name__)

BATCH = 50
# Longer than a sweep goes on: what a worker took and did not finish is free again after it.
LEASE = timedelta(minutes=3)
# The rest waits for the next sweep, which comes before the worker's time is up.
MOST_SECONDS = 40
# Codes of what went wrong, beside the names of exceptions.
NOBODY, WORKER_LOST = "no_recipient", "worker_lost"
# Who is told instead where nobody holds a role: the first of these that somebody holds.
STAND_INS = (Role.COORDINATOR, Role.HAEMATOLOGIST, Role.CENTRE_ADMIN)


@dataclass
class Tally:
    """What one run did: reminders sent, and those that could not be this time."""

    sent: int = 0
    failed: int = 0


class NobodyToTell(Exception):
    """No active person of the centre holds the role or could stand in: somebody may tomorrow."""


def something_to_send(now: datetime) -> bool:
    """Whether a tick has anything to do: one query, answered from two partial indexes."""
    ready = Dispatch.objects.filter(ready_at(now)).values_list("pk")[:1]
    return bool(ready.union(not_laid(now).values_list("pk")[:1], all=True))


def something_fresh(now: datetime) -> bool:
    """Whether something is due that nobody has tried to send yet."""
    untried = Dispatch.objects.filter(ready_at(now), attempts=0).values_list("pk")[:1]
    return bool(untried.union(not_laid(now).values_list("pk")[:1], all=True))


def send_due(now: datetime) -> Tally:
    """Send in the site what is due at `now`; safe beside another run.

    Each row is a transaction of its own, so never call this inside one. What the database itself
    refuses, because it is down or locked, ends the run; the rows are free again after their lease.
    """
    tally, began = Tally(), time.monotonic()
    if not something_to_send(now):
        return tally
    while lay_dispatches(now) and time.monotonic() - began < MOST_SECONDS:
        pass
    while time.monotonic() - began < MOST_SECONDS:
        taken = _claim(now)
        if not taken:
            break
        for pk in taken:
            _try(pk, now, tally)
    return tally


@transaction.atomic(durable=True)
def _claim(now: datetime) -> list[int]:
    """Take the oldest rows for a while.

    One that failed before is taken alone: should it kill the worker, it takes nobody with it.
    """
    found = (
        Dispatch.objects.filter(ready_at(now))
        .order_by("send_at", "pk")
        .select_for_update(skip_locked=True)
        .values_list("pk", "attempts")[:BATCH]
    )
    rows = list(found)
    fresh = list(takewhile(lambda row: not row[1], rows))
    taken = [pk for pk, _attempts in fresh or rows[:1]]
    Dispatch.objects.filter(pk__in=taken).update(
        lease_until=now + LEASE, attempts=F("attempts") + 1
    )
    return taken


def _try(pk: int, now: datetime, tally: Tally) -> None:
    try:
        tally.sent += _deliver(pk, now)
    except (OperationalError, InterfaceError):
        raise
    except NobodyToTell:
        tally.failed += 1
        _failed(pk, NOBODY, now)
    except Exception as error:
        # Whatever it is, it must not keep the next one waiting. Its words may name somebody.
        tally.failed += 1
        _failed(pk, type(error).__name__, now)


@transaction.atomic(durable=True)
def _deliver(pk: int, now: datetime) -> bool:
    """Tell everybody concerned and keep that it was done, all or nothing."""
    dispatch = (
        Dispatch.objects.select_related("reminder__course__centre")
        .select_for_update(of=("self",), no_key=True)
        .get(pk=pk)
    )
    if dispatch.status != Sending.WAITING:
        return False  # somebody else was quicker: a lease ran out
    if not _still_wanted(dispatch, now):
        _void(dispatch)
        return False
    if dispatch.attempts > MOST_TRIES:
        _end(dispatch, Sending.DEAD, WORKER_LOST)
        return False
    people, held = _recipients(dispatch)
    if not people:
        raise NobodyToTell
    Delivery.objects.bulk_create(_ledger(dispatch, people, now), ignore_conflicts=True)
    _end(dispatch, Sending.SENT, "" if held else NOBODY)
    logger.info("reminder_sent", **_ids(dispatch), people=len(people))
    return True


def _still_wanted(dispatch: Dispatch, now: datetime) -> bool:
    """Whether it is still open for that date: not done, put off, cancelled or moved meanwhile."""
    reminder, course = dispatch.reminder, dispatch.reminder.course
    counts = reminder.counts(local_date(now, course.centre.zone))
    return counts and reminder.asks_on == dispatch.due_on and not course.error_cause


def _void(dispatch: Dispatch) -> None:
    """Every step that waits for that date lapses; should the date count again, they come back."""
    rows = Dispatch.objects.filter(
        reminder=dispatch.reminder_id, due_on=dispatch.due_on, status=Sending.WAITING
    )
    rows.update(status=Sending.VOID, lease_until=None, next_try_at=None)
    logger.info("reminder_not_wanted", **_ids(dispatch))


def _recipients(dispatch: Dispatch) -> tuple[list[User], bool]:
    """Those who hold the role at the centre, and the course's own coordinator while one there.

    Where nobody holds it others stand in, lest what only one role is told reach no one: then the
    second answer is False.
    """
    course = dispatch.reminder.course
    held = Membership.objects.filter(user=OuterRef("pk"), centre=course.centre_id, ended_at=None)
    in_role = Exists(held.filter(role=dispatch.role))
    named = Q(Exists(held), pk=course.coordinator_id)
    active = User.objects.filter(is_active=True).select_related("sending_preference")
    people: list[User] = [
        *active.filter(Q(in_role) | named).annotate(in_role=in_role).order_by("pk")
    ]
    if any(vars(one)["in_role"] for one in people):
        return people, True
    for role in STAND_INS:
        people = people or [*active.filter(Exists(held.filter(role=role))).order_by("pk")]
    return people, False


def _ledger(dispatch: Dispatch, people: list[User], now: datetime) -> list[Delivery]:
    return [
        Delivery(dispatch=dispatch, channel=channel, recipient=user, at=now)
        for user in people
        for channel in Channel
        if channel == Channel.IN_APP or wishes_of(user).email
    ]


@transaction.atomic(durable=True)
def _failed(pk: int, code: str, now: datetime) -> None:
    """Keep what went wrong; after the last try somebody has to look."""
    dispatch = (
        Dispatch.objects.select_related("reminder").select_for_update(of=("self",)).get(pk=pk)
    )
    if dispatch.attempts >= MOST_TRIES:
        _end(dispatch, Sending.DEAD, code)
        return
    pause = pause_after(dispatch.attempts)
    _end(dispatch, Sending.WAITING, code, next_try_at=now + pause)


def _end(
    dispatch: Dispatch, status: Sending, code: str = "", next_try_at: datetime | None = None
) -> None:
    """Give the row back with what came of it."""
    dispatch.status, dispatch.error_code = status, code[:60]
    dispatch.lease_until, dispatch.next_try_at = None, next_try_at
    dispatch.save(update_fields=["status", "error_code", "lease_until", "next_try_at"])
    if status == Sending.SENT and code:
        logger.warning("reminder_sent_to_others", **_ids(dispatch), role=dispatch.role)
    elif code:
        tell = logger.error if status == Sending.DEAD else logger.warning
        tell("reminder_not_sent", **_ids(dispatch), error_code=code, attempts=dispatch.attempts)


def _ids(dispatch: Dispatch) -> dict[str, int]:
    return {
        "dispatch": dispatch.pk,
        "step": dispatch.step,
        "reminder": dispatch.reminder_id,
        "course": dispatch.reminder.course_id,
    }
