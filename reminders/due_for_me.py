"""What was sent to a person in the site and is still to be done; saying that one has seen it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from audit.recording import record
from patients.selectors import person_label
from reminders.looking import cautions
from reminders.models import Channel, Delivery, Reminder, ReminderQuerySet
from reminders.wording import item_text
from terms.day_numbers import local_date


@dataclass(frozen=True)
class ToldView:
    """An open reminder as the person it was sent to reads it.

    `name` is the patient's, the course code for coded readers; `step` is 0 for the first time it
    was sent, above it for what nobody had done days later.
    """

    pk: int
    course_id: int
    name: str
    label: str
    item: str
    due_on: date
    window_end: date
    overdue: bool
    role: str
    step: int
    told_at: datetime
    seen: bool
    cautions: tuple[str, ...]  # what speaks for waiting


def told(user: User) -> QuerySet[Delivery]:
    """What the site told `user` of the outer query's reminder, for the date it has now."""
    return Delivery.objects.filter(
        recipient=user,
        channel=Channel.IN_APP,
        dispatch__reminder=OuterRef("pk"),
        dispatch__due_on=OuterRef("asks_on"),
    )


def told_to(user: User) -> QuerySet[Reminder]:
    """Reminders that wait, that `user` may see and was told about for their date; oldest first.

    What was put off is told anew on its day: what was told before it does not count.
    """
    latest = told(user).order_by("-at", "-pk")
    rows: ReminderQuerySet = Reminder.objects.visible_to(user).counting()
    return (
        rows.filter(Exists(told(user)))
        .annotate(
            told_at=Subquery(latest.values("at")[:1]),
            told_step=Subquery(latest.values("dispatch__step")[:1]),
            unseen=Exists(told(user).filter(seen_at=None)),
        )
        .select_related("course__patient", "course__centre", "course__protocol")
        .defer("course__protocol__data")
        .order_by("due_on", "pk")
    )


def told_views(user: User, reminders: Iterable[Reminder], now: datetime) -> tuple[ToldView, ...]:
    """Reminders of `told_to` as `user` reads them, with what speaks for waiting; one query."""
    rows = list(reminders)
    # All of one centre: that at which the reader works.
    held = cautions(rows, local_date(now, rows[0].course.centre.zone)) if rows else {}
    return tuple(_view(user, row, now, held.get(row.pk, ())) for row in rows)


def unseen(user: User) -> QuerySet[Delivery]:
    """What the site told `user` of open reminders and they have not said to have seen."""
    open_ones = Reminder.objects.visible_to(user).counting()
    return Delivery.objects.filter(
        recipient=user,
        channel=Channel.IN_APP,
        seen_at=None,
        dispatch__reminder__in=open_ones,
        dispatch__due_on=F("dispatch__reminder__asks_on"),
    )


@transaction.atomic
def mark_seen(*, reminder_ids: Collection[int], actor: User, now: datetime) -> int:
    """Keep that `actor` has seen these of the reminders sent to them; the rest is left alone.

    Seeing is not doing: they stay open. Returns for how many it was new. Raises NotAllowed.
    """
    require(actor, Permission.READ_COURSES)
    rows = unseen(actor).filter(dispatch__reminder__in=list(reminder_ids))
    seen = sorted(set(rows.values_list("dispatch__reminder", flat=True)))
    if not seen:
        return 0
    Delivery.objects.filter(pk__in=rows.values("pk")).update(seen_at=now)
    record(actor=actor, now=now, action="reminder.see", after={"reminders": seen})
    return len(seen)


def _view(user: User, reminder: Reminder, now: datetime, held: tuple[str, ...]) -> ToldView:
    course = reminder.course
    told_at, step, new = (getattr(reminder, name) for name in ("told_at", "told_step", "unseen"))
    return ToldView(
        pk=reminder.pk,
        course_id=course.pk,
        name=person_label(user, course.patient, course),
        label=item_text(reminder, user),
        item=reminder.item,
        due_on=reminder.due_on,
        window_end=reminder.window_end,
        overdue=reminder.is_overdue(local_date(now, course.centre.zone)),
        role=reminder.role,
        step=step,
        told_at=told_at,
        seen=not new,
        cautions=held,
    )
