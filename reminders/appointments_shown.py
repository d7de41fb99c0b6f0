"""The appointments of a course with everything that they said before, in the reader's words."""

from dataclasses import dataclass
from datetime import date, datetime, time

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission
from accounts.wording import day_text
from patients.identity import Named
from patients.models import Course
from reminders.agenda import appointments_of
from reminders.appointing import BY_HAND
from reminders.appointment_models import AppointmentChange, ChangeKind
from reminders.calendar_words import EntryView, entry_view
from reminders.domain.calendar import STEPS, State


@dataclass(frozen=True)
class ChangeView:
    """One revision: what it said, by whom, when, why."""

    what: str
    when: str
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True)
class AppointmentRow:
    """One appointment with its changes, the latest first, and what can be done with it."""

    view: EntryView
    changes: tuple[ChangeView, ...]
    booked: bool
    by_hand: bool  # cancelled by somebody, and so theirs to take back

    @property
    def pk(self) -> int | None:
        """Its id."""
        return self.view.entry.appointment_id


def appointment_rows(user: User, course: Course, today: date) -> tuple[AppointmentRow, ...]:
    """Every appointment of a course, the latest day first; two queries."""
    entries = appointments_of(user, course, today)
    named = user.may(Permission.SEE_IDENTITY)
    changes: dict[int, list[AppointmentChange]] = {}
    for one in AppointmentChange.objects.filter(appointment__course=course).order_by("-revision"):
        changes.setdefault(one.appointment_id, []).append(one)
    return tuple(
        AppointmentRow(
            view=entry_view(entry),
            changes=tuple(_change(one, named=named) for one in changes[entry.appointment_id or 0]),
            booked=entry.state is not State.CANCELLED,
            by_hand=entry.state is State.CANCELLED
            and changes[entry.appointment_id or 0][0].cause == BY_HAND,
        )
        for entry in entries
    )


def planned_rows(course: Course) -> tuple[Named, ...]:
    """The steps as the pathway has them."""
    anchors = course.anchors.filter(kind__in=STEPS).order_by("kind", "occurrence")
    return tuple(
        Named(
            anchor.get_kind_display(),
            day_text(anchor.actual_on)
            if anchor.actual_on
            else _("planned %(on)s") % {"on": day_text(anchor.planned_on or date.max)},
        )
        for anchor in anchors
    )


def _change(row: AppointmentChange, *, named: bool) -> ChangeView:
    return ChangeView(
        what=str(ChangeKind(row.what).label),
        when=_when(row.on, row.at),
        at=row.changed_at,
        by=row.changed_by if named else "",
        reason=row.reason if named else "",
    )


def _when(on: date, at: time | None) -> str:
    return day_text(on) + (f" {at:%H:%M}" if at else "")
