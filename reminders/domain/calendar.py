"""The calendar's days and entries in plain values: kinds, how each stands, weeks of a month."""

from calendar import Calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from terms.day_numbers import add_months, day_number
from terms.words import N_

_NUMBERED_FROM = datetime(2020, 1, 1, tzinfo=UTC)


class Kind(StrEnum):
    """What an entry is about. The first three are steps of the pathway, with anchors of theirs."""

    APHERESIS = "apheresis"
    LYMPHODEPLETION = "lymphodepletion"
    INFUSION = "infusion"
    LUMBAR_PUNCTURE = "lumbar_puncture"
    VISIT = "visit"
    OTHER = "other"
    TASK = "task"  # what somebody asked for by hand; nobody books it


STEPS = (Kind.APHERESIS, Kind.LYMPHODEPLETION, Kind.INFUSION)
# As what the calendar may show an item of a protocol's schedule.
ASKED_FOR = (Kind.LUMBAR_PUNCTURE, Kind.VISIT, Kind.OTHER)
BOOKABLE = tuple(kind for kind in Kind if kind is not Kind.TASK)
KIND_NAMES: dict[Kind, str] = {
    Kind.APHERESIS: N_("Leukapheresis"),
    Kind.LYMPHODEPLETION: N_("Lymphodepletion"),
    Kind.INFUSION: N_("Infusion"),
    Kind.LUMBAR_PUNCTURE: N_("Lumbar puncture"),
    Kind.VISIT: N_("Visit"),
    Kind.OTHER: N_("Other appointment"),
    Kind.TASK: N_("Task"),
}
GLYPHS: dict[Kind, str] = {
    Kind.APHERESIS: "▣",
    Kind.LYMPHODEPLETION: "▤",
    Kind.INFUSION: "▲",
    Kind.LUMBAR_PUNCTURE: "◆",
    Kind.VISIT: "○",
    Kind.OTHER: "□",
    Kind.TASK: "◇",
}


class State(StrEnum):
    """How an entry stands. What is over without a record of it is never said to have happened."""

    PLANNED = "planned"
    BOOKED = "booked"
    DUE = "due"
    OVERDUE = "overdue"
    HAPPENED = "happened"
    PASSED = "passed"
    CANCELLED = "cancelled"


STATE_NAMES: dict[State, str] = {
    State.PLANNED: N_("planned"),
    State.BOOKED: N_("booked"),
    State.DUE: N_("to be done"),
    State.OVERDUE: N_("overdue"),
    State.HAPPENED: N_("happened"),
    State.PASSED: N_("day passed, not recorded"),
    State.CANCELLED: N_("cancelled"),
}


class Against(StrEnum):
    """How the appointment of a step and the plan of the pathway contradict each other."""

    NOT_PLANNED = "not_planned"
    OTHER_DAY = "other_day"  # planned for another day, or booked for another day than planned
    HAPPENED = "happened"  # on another day already


@dataclass(frozen=True)
class Contradiction:
    """What an entry contradicts, with the other day where there is one."""

    against: Against
    on: date | None = None


@dataclass(frozen=True)
class Anchored:
    """The latest occurrence of a step as the pathway has it."""

    planned_on: date | None
    actual_on: date | None


@dataclass(frozen=True)
class Entry:
    """One thing of one course on one day. `key` stays the same for as long as the thing lives.

    `name` is what the reader may see of the patient, `initials` all that leaves the site.
    """

    key: str
    course_id: int
    code: str
    name: str
    initials: str
    kind: Kind
    state: State
    on: date
    sequence: int
    modified: datetime
    at: time | None = None
    label: str = ""  # what the protocol calls it; empty where the kind says everything
    place: str = ""
    remark: str = ""
    day_zero: date | None = None
    day_zero_planned: bool = False
    contradiction: Contradiction | None = None
    until: date | None = None  # the last day of the window of what is due
    appointment_id: int | None = None

    @property
    def day(self) -> int | None:
        """The day number, where day 0 is known or planned."""
        return None if self.day_zero is None else day_number(self.on, self.day_zero)

    @property
    def order(self) -> tuple[object, ...]:
        """By day; on each what has no time first, then by time."""
        return (self.on, self.at or time.min, list(Kind).index(self.kind), self.code, self.key)


def numbered(modified: datetime) -> int:
    """A number that grows with each change, as other calendars look for: seconds since 2020.

    The course's version would not do: a date also moves when a value comes, or another one is done.
    """
    return int((modified - _NUMBERED_FROM).total_seconds())


def state_of_anchor(on: date, *, actual: bool, over: bool, today: date) -> State:
    """How a step stands; `over` says that the course ended or the patient died before it."""
    if actual:
        return State.HAPPENED
    if over:
        return State.CANCELLED
    return State.PASSED if on < today else State.PLANNED


def state_of_appointment(
    on: date, *, cancelled: bool, anchored: Anchored | None, today: date
) -> State:
    """How an appointment stands; a step that happened that day is what it was made for."""
    if cancelled:
        return State.CANCELLED
    if anchored is not None and anchored.actual_on == on:
        return State.HAPPENED
    return State.PASSED if on < today else State.BOOKED


def contradiction_of(
    kind: Kind, on: date, anchored: Anchored | None, today: date
) -> Contradiction | None:
    """How an appointment that lies ahead and the plan of its step differ; None where they agree."""
    if kind not in STEPS or on < today:
        return None
    if anchored is None:
        return Contradiction(Against.NOT_PLANNED)
    if anchored.actual_on is not None:
        same = anchored.actual_on == on
        return None if same else Contradiction(Against.HAPPENED, anchored.actual_on)
    if anchored.planned_on == on:
        return None
    return Contradiction(Against.OTHER_DAY, anchored.planned_on)


def contradiction_of_plan(
    planned_on: date, booked: Iterable[date], today: date
) -> Contradiction | None:
    """How the plan of a step and its appointments that lie ahead differ, the nearest one named."""
    ahead = sorted(on for on in booked if on >= today)
    if not ahead or planned_on in ahead:
        return None
    nearest = min(ahead, key=lambda on: abs(on - planned_on))
    return Contradiction(Against.OTHER_DAY, nearest)


class View(StrEnum):
    """The three forms of the calendar."""

    LIST = "list"
    WEEK = "week"
    MONTH = "month"


_WEEK = timedelta(days=7)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Stretch:
    """The days that a view shows, and a day of the stretches before and after it."""

    view: View
    on: date
    first: date
    last: date
    before: date
    after: date

    @property
    def days(self) -> tuple[date, ...]:
        """Every day of it."""
        return tuple(self.first + _DAY * n for n in range((self.last - self.first).days + 1))


def stretch(view: View, on: date) -> Stretch:
    """The week, or the month, that holds `on`; a list is of a month."""
    if view is View.WEEK:
        first = on - _DAY * on.weekday()
        return Stretch(view, on, first, first + _WEEK - _DAY, first - _WEEK, first + _WEEK)
    first = on.replace(day=1)
    after = add_months(first, 1)
    return Stretch(view, on, first, after - _DAY, add_months(first, -1), after)


def weeks_of(month: date) -> tuple[tuple[date, ...], ...]:
    """The weeks of a month, Monday first, with the days of its neighbours that fill them."""
    return tuple(tuple(week) for week in Calendar(0).monthdatescalendar(month.year, month.month))


def initials(family: str, given: str) -> str:
    """`R.M.` of Rossi, Maria."""
    return "".join(f"{name.strip()[0].upper()}." for name in (family, given) if name.strip())
