"""Reading the calendar: steps of the pathway, appointments and what is due, as entries by day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce, Greatest, JSONObject

from accounts.models import User
from accounts.permissions import Permission
from patients.models import Anchor, Course, Death
from patients.models.courses import AnchorKind
from patients.selectors import person_label
from reminders.appointment_models import Appointment, AppointmentStatus
from reminders.domain.calendar import (
    ASKED_FOR,
    STEPS,
    Anchored,
    Entry,
    Kind,
    State,
    contradiction_of,
    contradiction_of_plan,
    initials,
    numbered,
    state_of_anchor,
    state_of_appointment,
)
from reminders.models import BEFORE_PERCORSO, WAITING, Reminder, Status
from reminders.wording import item_text

MOST = 500  # a page of more is read by nobody: it says so and asks to be narrowed


@dataclass(frozen=True)
class Scope:
    """Whose entries, of which kind, on which date of the centre."""

    user: User
    today: date
    kind: Kind | None = None
    mine: bool = False
    # What was cancelled since then is told too, by what others read elsewhere.
    withdrawn_since: datetime | None = None

    def wants(self, kind: Kind) -> bool:
        """Whether entries of `kind` are asked for."""
        return self.kind in (None, kind)


@dataclass(frozen=True)
class Agenda:
    """Entries by day; `cut` says that there are more than are shown."""

    entries: tuple[Entry, ...]
    cut: bool = False


def agenda(scope: Scope, first: date, last: date, most: int | None = None) -> Agenda:
    """What lies between two days, both included, the first ones of it; at most three queries."""
    days, most = (first, last), most or MOST
    found = [
        *(_anchor_entry(scope, row) for row in _anchors(scope).filter(day__range=days)[: most + 1]),
        *(_entry(scope, row) for row in _appointments(scope).filter(on__range=days)[: most + 1]),
        *(_due(scope, row) for row in _reminders(scope).filter(asks_on__range=days)[: most + 1]),
    ]
    entries = sorted((one for one in found if one is not None), key=lambda one: one.order)
    return Agenda(tuple(entries[:most]), cut=len(entries) > most)


def next_entry(scope: Scope, after: date) -> Entry | None:
    """The first entry after a day that is still ahead of anybody; at most three queries."""
    found = [
        *(
            _anchor_entry(scope, row)
            for row in _anchors(scope).filter(actual_on=None, day__gt=after, closed=False)[:1]
        ),
        *(_entry(scope, row) for row in _appointments(scope).booked().filter(on__gt=after)[:1]),
        *(_due(scope, row) for row in _reminders(scope).filter(asks_on__gt=after)[:1]),
    ]
    return min((one for one in found if one is not None), key=lambda one: one.order, default=None)


def appointments_of(user: User, course: Course, today: date) -> tuple[Entry, ...]:
    """Every appointment of a course, the latest day first; one query."""
    scope = Scope(user, today)
    rows = _appointments(scope).filter(course=course)
    return tuple(
        sorted((_entry(scope, row) for row in rows), key=lambda one: one.order, reverse=True)
    )


def booked_steps() -> ArraySubquery:
    """For a query of courses: the booked appointments of their steps, which costs no query more."""
    rows = Appointment.objects.booked().filter(course=OuterRef("pk"), kind__in=STEPS)
    return ArraySubquery(rows.order_by("on").values(row=JSONObject(kind="kind", on="on")))


def booked_days(course: Course) -> Mapping[str, tuple[date, ...]]:
    """The days booked for each step of a course that was read with `booked_steps`."""
    days: dict[str, tuple[date, ...]] = {}
    for row in getattr(course, "booked_steps", ()):
        days[row["kind"]] = (*days.get(row["kind"], ()), date.fromisoformat(row["on"]))
    return days


def _courses(scope: Scope) -> QuerySet[Course]:
    seen = Course.objects.visible_to(scope.user)
    if scope.mine:
        seen = seen.filter(Q(coordinator=scope.user) | Q(haematologist=scope.user))
    return seen


def _day_zero() -> Subquery:
    infusion = Anchor.objects.filter(course=OuterRef("course"), kind=AnchorKind.INFUSION)
    return Subquery(
        infusion.order_by("-occurrence").values_list(
            JSONObject(actual="actual_on", planned="planned_on")
        )[:1]
    )


def _anchors(scope: Scope) -> QuerySet[Any]:
    """Steps, without those that an appointment of their own day says better, with its time."""
    kinds = [kind for kind in STEPS if scope.wants(kind)]
    booked = Appointment.objects.booked().filter(course=OuterRef("course"), kind=OuterRef("kind"))
    died = Death.objects.filter(patient=OuterRef("course__patient"), withdrawn_at=None)
    rows = (
        Anchor.objects.filter(course__in=_courses(scope), kind__in=kinds)
        .annotate(day=Coalesce("actual_on", "planned_on"))
        .annotate(
            booked_on=ArraySubquery(booked.values_list("on")),
            zero=_day_zero(),
            closed=Exists(died)
            | Exists(Course.objects.filter(pk=OuterRef("course"), closed_on__isnull=False)),
        )
        .exclude(Exists(booked.filter(on=OuterRef("day"))))
        .select_related("course__patient")
        .order_by("day", "pk")
    )
    return rows if kinds else rows.none()


def _appointments(scope: Scope) -> Any:
    anchor = Anchor.objects.filter(course=OuterRef("course"), kind=OuterRef("kind"))
    rows = (
        Appointment.objects.filter(course__in=_courses(scope))
        .annotate(
            anchored=Subquery(
                anchor.order_by("-occurrence").values_list(
                    JSONObject(planned_on="planned_on", actual_on="actual_on")
                )[:1]
            ),
            happened=Exists(anchor.filter(actual_on=OuterRef("on"))),
            zero=_day_zero(),
        )
        .select_related("course__patient")
        .order_by("on", F("at").asc(nulls_first=True), "pk")
    )
    return rows.filter(kind=scope.kind) if scope.kind else rows


def _reminders(scope: Scope) -> QuerySet[Any]:
    """What the protocol asks for, without what an appointment within its window is made for.

    What was put off lies on the day on which it asks again; a test that was done and only lacks
    its result lies nowhere.
    """
    kinds = Q(shown_as__in=[kind for kind in ASKED_FOR if scope.wants(kind)], made_by="")
    if scope.wants(Kind.TASK):
        kinds |= ~Q(made_by="")
    booked = Appointment.objects.booked().filter(
        course=OuterRef("course"),
        kind=OuterRef("shown_as"),
        on__range=(OuterRef("window_start"), Greatest(OuterRef("window_end"), OuterRef("asks_on"))),
    )
    return (
        Reminder.objects.visible_to(scope.user)
        .filter(_told(scope), kinds, course__in=_courses(scope), performed_on=None)
        .annotate(zero=_day_zero())
        .exclude(Exists(booked))
        .select_related("course__patient", "course__protocol")
        .defer("course__protocol__data")
        .order_by("asks_on", "pk")
    )


def _told(scope: Scope) -> Q:
    """What waits; and what was cancelled lately where that is told, so that it goes elsewhere."""
    waits = Q(status__in=WAITING)
    if scope.withdrawn_since is None:
        return waits
    cancelled = Q(status=Status.CANCELLED, closed_at__gte=scope.withdrawn_since)
    return waits | (cancelled & ~Q(closed_cause=BEFORE_PERCORSO))


def _anchor_entry(scope: Scope, row: Any) -> Entry:
    actual, kind = row.actual_on is not None, Kind(row.kind)
    state = state_of_anchor(row.day, actual=actual, over=row.closed, today=scope.today)
    open_plan = state in (State.PLANNED, State.PASSED)
    return Entry(
        **_shared(scope, row, f"{row.kind}-{row.course_id}-{row.occurrence}"),
        kind=kind,
        state=state,
        on=row.day,
        sequence=row.course.version,
        modified=row.set_at,
        contradiction=contradiction_of_plan(row.day, row.booked_on, scope.today)
        if open_plan
        else None,
    )


def _entry(scope: Scope, row: Any) -> Entry:
    kind, named = Kind(row.kind), scope.user.may(Permission.SEE_IDENTITY)
    # A second collection is planned beside the first one that happened on its own day.
    anchored = Anchored(row.on, row.on) if row.happened else _anchored(row.anchored)
    cancelled = row.status == AppointmentStatus.CANCELLED
    return Entry(
        **_shared(scope, row, str(row.uid)),
        kind=kind,
        state=state_of_appointment(
            row.on, cancelled=cancelled, anchored=anchored, today=scope.today
        ),
        on=row.on,
        at=row.at,
        place=row.place if named else "",
        remark=row.remark if named else "",
        sequence=row.revision - 1,
        modified=row.changed_at,
        contradiction=None if cancelled else contradiction_of(kind, row.on, anchored, scope.today),
        appointment_id=row.pk,
    )


def _due(scope: Scope, row: Any) -> Entry:
    late = row.is_overdue(scope.today)
    waiting = State.PLANNED if row.provisional else State.DUE
    cancelled = row.status == Status.CANCELLED
    known = (row.planned_at, row.changed_at, row.closed_at if cancelled else None)
    modified = max(one for one in known if one is not None)
    return Entry(
        **_shared(scope, row, f"reminder-{row.pk}"),
        kind=Kind.TASK if row.made_by else Kind(row.shown_as),
        state=State.CANCELLED if cancelled else (State.OVERDUE if late else waiting),
        on=row.asks_on,
        label=item_text(row, scope.user),
        sequence=2 * numbered(modified) + cancelled,
        modified=modified,
        until=max(row.window_end, row.asks_on),
    )


def _shared(scope: Scope, row: Any, key: str) -> dict[str, Any]:
    patient, zero = row.course.patient, row.zero or {}
    day_zero = zero.get("actual") or zero.get("planned")
    named = scope.user.may(Permission.SEE_IDENTITY)
    return {
        "key": key,
        "course_id": row.course_id,
        "code": row.course.code,
        "name": person_label(scope.user, patient, row.course),
        "initials": initials(patient.family_name, patient.given_name) if named else "",
        "day_zero": date.fromisoformat(day_zero) if day_zero else None,
        "day_zero_planned": bool(day_zero) and not zero.get("actual"),
    }


def _anchored(row: Mapping[str, Any] | None) -> Anchored | None:
    if row is None:
        return None
    days = (row[name] and date.fromisoformat(row[name]) for name in ("planned_on", "actual_on"))
    return Anchored(*days)
