"""The dates of a course: what happened, else what is planned, and where appointments differ."""

from collections.abc import Mapping
from datetime import date

from django.utils.translation import gettext as _

from accounts.wording import day_text
from desk.shapes import Named
from pathway.loading import CourseState
from patients.models import Anchor
from reminders.agenda import booked_days
from reminders.calendar_words import kind_name
from reminders.domain.calendar import (
    Anchored,
    Kind,
    contradiction_of,
    contradiction_of_plan,
)

Booked = Mapping[str, tuple[date, ...]]


def date_rows(state: CourseState, today: date) -> tuple[Named, ...]:
    """The anchors, and appointments of steps that no plan agrees with."""
    booked = booked_days(state.course)
    rows = []
    for anchor in sorted(state.anchors, key=lambda a: a.on or date.max):
        label = str(anchor.get_kind_display())
        if anchor.occurrence > 1:
            label = f"{label} ({anchor.occurrence})"
        if anchor.actual_on is not None:
            rows.append(Named(label, day_text(anchor.actual_on)))
        elif anchor.planned_on is not None:
            rows.append(Named(label, _planned(anchor, anchor.planned_on, booked, today)))
    return (*rows, *_unplanned(state, booked, today))


def _planned(anchor: Anchor, planned_on: date, booked: Booked, today: date) -> str:
    other = contradiction_of_plan(planned_on, booked.get(anchor.kind, ()), today)
    if other is None or other.on is None:
        return _("planned %(on)s") % {"on": day_text(planned_on)}
    return _("planned %(on)s, but booked for %(booked)s") % {
        "on": day_text(planned_on), "booked": day_text(other.on),
    }  # fmt: skip


def _unplanned(state: CourseState, booked: Booked, today: date) -> tuple[Named, ...]:
    """Appointments of a step of which nothing is planned, or which is over."""
    latest = {anchor.kind: anchor for anchor in state.anchors}
    rows = []
    for kind, days in booked.items():
        anchor = latest.get(kind)
        if anchor is not None and anchor.actual_on is None:
            continue
        anchored = Anchored(anchor.planned_on, anchor.actual_on) if anchor else None
        rows += [
            Named(
                kind_name(Kind(kind)),
                _("booked for %(booked)s, but not planned") % {"booked": day_text(on)},
            )
            for on in days
            if contradiction_of(Kind(kind), on, anchored, today) is not None
        ]
    return tuple(rows)
