"""What is due on one day: which reminders somebody sees, in which section and in which order.

Overdue first, then what is due with its window open, then the next days. In each the patients with
an open episode of toxicity come first, then what matters more, then what is late longest.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import Window
from django.db.models.functions import RowNumber

from accounts.models import User
from patients.models import Anchor
from patients.models.courses import AnchorKind
from reminders.due_for_me import told
from reminders.models import ANSWERED, Reminder, ReminderQuerySet, Status
from toxicity.models import Episode

DAYS_AHEAD = 7
DAYS_BACK = 7
MOST_IN_A_SECTION = 100  # what somebody works through in a day; the rest is counted
MOST_OF_ALL = 2000  # when somebody asks for the rest
MINE, ALL = "mine", "all"


class Section(StrEnum):
    """The three parts of the page."""

    OVERDUE = "overdue"
    NOW = "due_now"
    SOON = "soon"


@dataclass(frozen=True)
class Narrowing:
    """What the page is narrowed to: `mine`, `all` or a role, one coordinator, or the first rows."""

    role: str = MINE
    coordinator: int | None = None
    most: int = MOST_IN_A_SECTION


@dataclass(frozen=True)
class Part:
    """The reminders of a section that are shown, in order, and how many there are."""

    reminders: tuple[Reminder, ...]
    count: int

    @property
    def rest(self) -> int:
        """How many are not shown."""
        return self.count - len(self.reminders)


@dataclass(frozen=True)
class Burden:
    """How much is overdue or due of the patients of one coordinator, whatever the role."""

    coordinator: int | None
    name: str
    count: int


def parts(user: User, narrowing: Narrowing, today: date) -> Mapping[Section, Part]:
    """The three sections, in one query however many there are."""
    found: dict[Section, list[Reminder]] = defaultdict(list)
    counts: dict[Section, int] = {}
    for row in _placed(user, narrowing, today):
        section = Section(row.section)  # type: ignore[attr-defined] # annotated
        found[section].append(row)
        counts[section] = row.among  # type: ignore[attr-defined]
    return {one: Part(tuple(found[one]), counts.get(one, 0)) for one in Section}


def burdens(user: User, today: date) -> list[Burden]:
    """What is overdue or due now by coordinator, of everybody's roles."""
    rows = (
        Reminder.objects.visible_to(user)
        .due(today)
        .values_list(
            "course__coordinator",
            "course__coordinator__first_name",
            "course__coordinator__last_name",
            "course__coordinator__username",
        )
        .annotate(count=Count("pk"))
        .order_by("course__coordinator__last_name", "course__coordinator__username")
    )
    return [
        Burden(pk, f"{first or ''} {last or ''}".strip() or username or "", count)
        for pk, first, last, username, count in rows
    ]


def next_after(user: User, narrowing: Narrowing, today: date) -> Reminder | None:
    """What asks first after a day, shown among the next days or not."""
    later = Q(due_on__gt=today) | Q(snoozed_until__gt=today)
    rows = _shown(_narrowed(user, narrowing, today).counting().filter(later))
    return rows.order_by("asks_on", "pk").first()


def results_awaited(user: User, narrowing: Narrowing, today: date) -> int:
    """How many tests were done, and their results are not asked for before a later day."""
    rows = _narrowed(user, narrowing, today).counting().filter(performed_on__isnull=False)
    return rows.filter(status=Status.SNOOZED, snoozed_until__gt=today).count()


def answered_lately(user: User, narrowing: Narrowing, today: date, now: datetime) -> list[Reminder]:
    """What was done or skipped in the last days, the latest first."""
    since = now - timedelta(days=DAYS_BACK)
    rows = _narrowed(user, narrowing, today).filter(status__in=ANSWERED, closed_at__gte=since)
    return list(_shown(rows).order_by("-closed_at", "-pk")[:MOST_IN_A_SECTION])


def _placed(user: User, narrowing: Narrowing, today: date) -> "QuerySet[Reminder]":
    rows = _narrowed(user, narrowing, today).due(today + timedelta(days=DAYS_AHEAD))
    later = Q(due_on__gt=today) | Q(status=Status.SNOOZED, snoozed_until__gt=today)
    section = Case(
        When(later, then=Value(Section.SOON)),
        When(window_end__lt=today, then=Value(Section.OVERDUE)),
        default=Value(Section.NOW),
    )
    toxicity = Exists(Episode.objects.filter(course=OuterRef("course"), ended_at=None))
    order = (F("at_risk").desc(), F("minor"), F("asks_on"), F("window_end"), F("pk"))
    rows = rows.annotate(section=section, at_risk=toxicity)
    rows = rows.annotate(
        place=Window(RowNumber(), partition_by=F("section"), order_by=order),
        among=Window(Count("*"), partition_by=F("section")),
    )
    return (
        _shown(rows)
        .filter(place__lte=narrowing.most)  # type: ignore[misc] # annotated
        .order_by("section", "place")
    )


def _narrowed(user: User, narrowing: Narrowing, today: date) -> ReminderQuerySet:
    rows = Reminder.objects.visible_to(user)
    if narrowing.role == MINE:
        # Also what was told to them and is late: nobody of its own role has done it in time.
        late = Q(Exists(told(user)), window_end__lt=today)
        rows = rows.filter(Q(role__in=sorted(user.roles)) | late)
    elif narrowing.role != ALL:
        rows = rows.filter(role=narrowing.role)
    if narrowing.coordinator is not None:
        rows = rows.filter(course__coordinator=narrowing.coordinator)
    return rows


def _shown(rows: ReminderQuerySet) -> ReminderQuerySet:
    """With what a row says of its patient, but without the protocol's text, kept in memory."""
    infusion = Anchor.objects.filter(
        course=OuterRef("course"), kind=AnchorKind.INFUSION, actual_on__isnull=False
    )
    return (
        rows.select_related("course__protocol", "course__patient")
        .defer("course__protocol__data")
        .annotate(infused_on=Subquery(infusion.order_by("-occurrence").values("actual_on")[:1]))
    )
