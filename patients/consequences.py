"""The explicit list of what a write in this app causes in the apps above it.

Filled in config/wiring.py, run inside the writer's transaction and under its course lock. A plain
list instead of signals: reading the wiring tells everything that will happen, in order.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from accounts.models import User
from patients.models import Course


class Event(StrEnum):
    """What can have consequences."""

    ANCHOR_CHANGED = (
        "anchor_changed"  # planned or actual date; its cause is the kind, or empty: many
    )
    STEP_PLANNED = "step_planned"  # its cause is the kind of anchor, `on` the day planned
    RESULT_RECORDED = "result_recorded"  # a result; its cause is `<kind>:<id>` for one brought back
    RELAPSE_RECORDED = "relapse_recorded"  # or corrected, or taken back
    CHART_CHANGED = "chart_changed"  # any other fact of the chart; a cause is `<kind>:<id>`
    FACT_CORRECTED = "fact_corrected"  # a fact says something else now; its cause is `<kind>:<id>`
    NUMBER_CHANGED = "number_changed"  # the number that labels are compared with is another one
    PATIENT_DIED = "patient_died"
    DEATH_WITHDRAWN = "death_withdrawn"
    HOLD_OPENED = "hold_opened"  # its cause is `hold:<id>`
    HOLD_REOPENED = "hold_reopened"  # by the undo of an exit or a death; its cause is `hold:<id>`
    ENTERED_IN_ERROR = "entered_in_error"  # the course should never have been
    ERROR_UNDONE = "error_undone"
    COURSE_CLOSED = "course_closed"  # an exit of the journey
    COURSE_COMPLETED = "course_completed"  # its follow-up is over; the patient is seen for life
    COURSE_REOPENED = "course_reopened"  # the way back from one


@dataclass(frozen=True)
class Happening:
    """One event on one course. `cause` keys what it cancels, so that an undo is exact.

    `on` is the day of the event itself, such as the death, where it has one.
    """

    event: Event
    course: Course
    actor: User
    now: datetime
    cause: str = ""
    on: date | None = None


Consequence = Callable[[Happening], None]
_consequences: dict[Event, tuple[Consequence, ...]] = {}


def wire(table: dict[Event, tuple[Consequence, ...]]) -> None:
    """Replace the whole table; called once at start by config/wiring.py."""
    _consequences.clear()
    _consequences.update(table)


def wired() -> Mapping[Event, tuple[Consequence, ...]]:
    """The whole table, for the page that documents it."""
    return MappingProxyType(_consequences)


def run(happening: Happening) -> None:
    """Run what is wired to the event, in order; an error undoes the whole write."""
    for consequence in _consequences.get(happening.event, ()):
        consequence(happening)
