"""How sending stands, for who watches over it: what waits, what fails, what was given up."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.access import require
from accounts.models import Membership, User
from accounts.permissions import Permission
from accounts.selectors import visible_users
from audit.recording import record
from patients.models import Course
from reminders.digests import letters_wanted
from reminders.dispatches import UNREADABLE
from reminders.models import Digest, Dispatch, PlanFailure, Reminder, Sending
from terms.refusals import Refusal, Refused
from terms.words import N_

MOST_LISTED = 100
# After its reader's hour came once, on the longest day of the year too.
LETTER_LATE = timedelta(hours=26)
DISPATCH, DIGEST = "dispatch", "digest"


@dataclass(frozen=True)
class QueueCounts:
    """Rows of one kind whose time has come, and those given up."""

    due: int
    leased: int
    failing: int
    dead: int


@dataclass(frozen=True)
class Letter:
    """Something that failed: given up, or still tried. It names codes and logins, no patient."""

    kind: str
    pk: int
    what: str
    detail: str
    step: int
    send_at: datetime
    attempts: int
    error_code: str
    next_try_at: datetime | None
    dead: bool


@dataclass(frozen=True)
class Backlog:
    """What monitoring asks of the whole site."""

    oldest_unsent: datetime | None
    dead: int
    not_planned: int


def backlog(now: datetime) -> Backlog:
    """The oldest thing whose time has come and that is not sent; what was given up, or fails."""
    oldest: list[datetime] = []
    for rows in (Dispatch.objects.all(), Digest.objects.all()):
        waiting = rows.filter(status=Sending.WAITING, send_at__lte=now).order_by("send_at")
        oldest += waiting.values_list("send_at", flat=True)[:1]
    # What no letter was made of: it shows nowhere else that making them fails as a whole.
    unmade = letters_wanted().filter(at__lte=now - LETTER_LATE).order_by("at")
    oldest += unmade.values_list("at", flat=True)[:1]
    dead = Q(status=Sending.DEAD)
    count = Dispatch.objects.filter(dead).count() + Digest.objects.filter(dead).count()
    return Backlog(min(oldest, default=None), count, PlanFailure.objects.count())


def dispatches_of(user: User) -> QuerySet[Dispatch]:
    """What is sent for courses of the centre `user` works at; none without the permission."""
    if not user.may(Permission.WATCH_SENDING):
        return Dispatch.objects.none()
    return Dispatch.objects.filter(reminder__course__in=Course.objects.visible_to(user))


def digests_of(user: User) -> QuerySet[Digest]:
    """E-mail to people of the centre `user` works at; none without the permission."""
    if not user.may(Permission.WATCH_SENDING):
        return Digest.objects.none()
    return Digest.objects.filter(recipient__in=visible_users(user))


def roles_not_held(user: User) -> list[str]:
    """Roles that something waits for at the centre and that nobody there holds: others are told."""
    if not user.may(Permission.WATCH_SENDING):
        return []
    held = Membership.objects.filter(
        centre=user.working_centre_id, ended_at=None, user__is_active=True
    ).values("role")
    waiting = Reminder.objects.visible_to(user).counting()
    to_send = dispatches_of(user).filter(status=Sending.WAITING)
    asked = (rows.exclude(role__in=held).values_list("role") for rows in (waiting, to_send))
    return sorted({role for rows in asked for (role,) in rows.distinct()})


def counts(rows: QuerySet[Any], now: datetime) -> QueueCounts:
    """How rows of one kind stand at `now`."""
    due = rows.filter(status=Sending.WAITING, send_at__lte=now)
    return QueueCounts(
        due=due.count(),
        leased=due.filter(lease_until__gte=now).count(),
        failing=due.exclude(error_code="").count(),
        dead=rows.filter(status=Sending.DEAD).count(),
    )


def letters(user: User) -> list[Letter]:
    """What failed at the centre, given up first, the oldest first."""
    failed = Q(status=Sending.DEAD) | (Q(status=Sending.WAITING) & ~Q(error_code=""))
    found = [
        _letter(DISPATCH, row, row.reminder.course.code, row.reminder.item, row.step)
        for row in _first(dispatches_of(user).filter(failed).select_related("reminder__course"))
    ]
    found += [
        _letter(DIGEST, row, row.recipient.get_username(), row.day.isoformat())
        for row in _first(digests_of(user).filter(failed).select_related("recipient"))
    ]
    found.sort(key=lambda letter: (not letter.dead, letter.send_at, letter.kind, letter.pk))
    return found[:MOST_LISTED]


@transaction.atomic
def retry(*, kind: str, pk: int, reason: str, actor: User, now: datetime) -> None:
    """Let something that was given up be tried again, from the first try on.

    What no protocol could be read for is laid out anew by the next sweep. Raises Refused (not
    given up, no reason), NotAllowed, DoesNotExist for an unknown one or another centre's.
    """
    require(actor, Permission.WATCH_SENDING)
    # Asked for here: of the rows, and not of those they belong to.
    row = _ROWS[kind](actor).select_for_update(of=("self",), no_key=True).get(pk=pk)
    refusals = []
    if row.status != Sending.DEAD:
        refusals.append(Refusal("not_given_up", N_("This has not been given up.")))
    if not reason.strip():
        message = N_("Say why this may work now.")
        refusals.append(Refusal(code="reason_needed", message=message, field="reason"))
    if refusals:
        raise Refused(refusals)
    before = {"status": row.status, "error_code": row.error_code, "attempts": row.attempts}
    row.status = Sending.VOID if row.error_code == UNREADABLE else Sending.WAITING
    row.attempts, row.error_code, row.next_try_at, row.lease_until = 0, "", None, None
    row.save(update_fields=["status", "attempts", "error_code", "next_try_at", "lease_until"])
    course = row.reminder.course_id if isinstance(row, Dispatch) else None
    record(
        actor=actor,
        now=now,
        action="sending.retry",
        obj=row,
        course_id=course,
        reason=reason.strip(),
        before=before,
        after={"status": row.status},
    )


_ROWS: dict[str, Callable[[User], QuerySet[Any]]] = {DISPATCH: dispatches_of, DIGEST: digests_of}


def rows_of(kind: str, user: User) -> QuerySet[Any]:
    """Rows of a kind that `user` watches over."""
    return _ROWS[kind](user)


def _first(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.order_by("status", "send_at", "pk")[:MOST_LISTED]


def _letter(kind: str, row: Dispatch | Digest, what: str, detail: str, step: int = 0) -> Letter:
    return Letter(
        kind=kind,
        pk=row.pk,
        what=what,
        detail=detail,
        step=step,
        send_at=row.send_at,
        attempts=row.attempts,
        error_code=row.error_code,
        next_try_at=row.next_try_at,
        dead=row.status == Sending.DEAD,
    )
