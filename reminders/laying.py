"""Laying out the rows of courses: what the schedule wants against what is there."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache

from django.db.models import DEFERRED

from audit.prepared import insert_many, update_all
from audit.recording import Actor, record
from patients.models import Anchor, Course
from protocol.selectors import settings_of
from reminders.dispatches import lay_again
from reminders.domain.facts import ScheduleFacts
from reminders.domain.items import Kind, Schedule, ScheduleItem
from reminders.domain.schedule import DueItem
from reminders.domain.wanted import unsure, wanted
from reminders.laid_from import anchors_and_paused, completed_by, has_rows, rows_by_course
from reminders.loading import scheduled_by
from reminders.models import BEFORE_PERCORSO, WAITING, Plan, Reminder, Status
from terms.day_numbers import local_date

# How far ahead rows exist; the sweep rolls it on each day.
HORIZON = timedelta(days=400)
# What planning itself cancelled, because its anchor went, comes back when the anchor does.
BY_PLANNING = "planning"

Key = tuple[str, int, int]  # item, occurrence of its anchor, ordinal
_DATED = (
    "due_on", "window_start", "window_end", "provisional", "unsure", "role", "minor", "shown_as",
    "anchor_kind",
)  # fmt: skip
CLOSING = ("status", "closed_at", "closed_by", "closed_cause")


@dataclass(frozen=True)
class _Wanted:
    """One date that the schedule asks for."""

    item: ScheduleItem
    anchor: Anchor
    due: DueItem
    unsure: bool

    @property
    def key(self) -> Key:
        return self.due.item_code, self.anchor.occurrence, self.due.ordinal

    @property
    def provisional(self) -> bool:
        """Whether it follows something still to come. What prepares for that is due before it.

        What a value asks for never does: that value is there already.
        """
        if self.item.kind is Kind.TRIGGERED:
            return False
        if self.anchor.actual_on is not None or self.anchor.planned_on is None:
            return False
        return self.due.due_on >= self.anchor.planned_on

    def before_percorso(self, course: Course) -> bool:
        """Whether its window had passed when the course was entered with its past."""
        return course.transcribed_on is not None and self.due.window_end < course.transcribed_on

    def dates(self) -> dict[str, object]:
        return {
            **columns_of(self.item, self.due),
            "provisional": self.provisional,
            "unsure": self.unsure,
            "anchor_kind": self.anchor.kind,
        }


@dataclass
class _Changes:
    """What one course's rows have to become, and the words for the audit."""

    created: list[Reminder] = field(default_factory=list)
    updated: list[Reminder] = field(default_factory=list)
    # What is to be sent for the same date otherwise than was laid out.
    sent_anew: list[int] = field(default_factory=list)
    before: dict[str, object] = field(default_factory=dict)
    after: dict[str, object] = field(default_factory=dict)

    def note(self, key: Key, before: object, after: object) -> None:
        name = f"{key[0]} {key[1]}.{key[2]}"
        self.before[name], self.after[name] = before, after


def columns_of(item: ScheduleItem, due: DueItem) -> dict[str, object]:
    """What a row says of a date of an item."""
    return {
        "due_on": due.due_on,
        "window_start": due.window_start,
        "window_end": due.window_end,
        "role": item.role.value,
        "minor": item.minor,
        "shown_as": "" if item.calendar is None else item.calendar.value,
    }


def lay_out(courses: Sequence[Course], *, actor: Actor, now: datetime) -> int:
    """Bring the waiting rows of locked `courses` in line with their anchors, 400 days ahead.

    Missing rows are made, waiting ones moved, those without an anchor cancelled; what is done or
    skipped stays. What was over before a course was entered here is set aside, neither overdue nor
    done. Nothing is laid out for a course that is paused, and for one that is completed only what
    is asked for life. Returns the courses whose rows changed. Raises `ProtocolInvalid` for a
    protocol that can no longer be read.
    """
    anchors, paused = anchors_and_paused(courses)
    running = [course for course in courses if course.pk not in paused]
    rows = rows_by_course([course for course in running if has_rows(anchors[course.pk])])
    changed = {
        course: _changes(course, anchors[course.pk], rows[course.pk], actor, now)
        for course in running
    }
    insert_many([row for one in changed.values() for row in one.created])
    moved = [row for one in changed.values() for row in one.updated]
    update_all(moved, *_DATED, *CLOSING, "planned_at")
    anew = [pk for one in changed.values() for pk in one.sent_anew]
    if anew:
        lay_again(Reminder.objects.filter(pk__in=anew))
    Plan.objects.bulk_create(
        [Plan(course=course, planned_at=now) for course in running],
        update_conflicts=True,
        update_fields=["planned_at"],
        unique_fields=["course"],
    )
    return sum(_noted(course, one, actor, now) for course, one in changed.items())


def foreseen(
    course: Course, *, actor: Actor, now: datetime
) -> tuple[dict[str, object], dict[str, object]]:
    """What `lay_out` would change for a course, before and after by item; nothing is written."""
    anchors, paused = anchors_and_paused([course])
    if paused:
        return {}, {}
    rows = rows_by_course([course])[course.pk]
    changes = _changes(course, anchors[course.pk], rows, actor, now)
    return changes.before, changes.after


def _changes(
    course: Course, anchors: list[Anchor], rows: list[Reminder], actor: Actor, now: datetime
) -> _Changes:
    changes, completed = _Changes(), completed_by(anchors)
    horizon = local_date(now, course.centre.zone) + HORIZON
    wanted = {
        one.key: one
        for one in _wanted(course, anchors, rows, horizon)
        if one.item.lasting or not completed
    }
    back = {BY_PLANNING, *completed}
    for row in rows:
        _fit(course, row, wanted.pop(_key(row), None), changes, back, actor, now)
    for key, one in wanted.items():
        row = _new_row(
            course_id=course.pk,
            item=key[0],
            anchor_occurrence=key[1],
            ordinal=key[2],
            planned_at=now,
            **one.dates(),
        )
        if one.before_percorso(course):
            cancel_row(row, BEFORE_PERCORSO, actor, now)
        changes.created.append(row)
        changes.note(key, None, one.due.due_on)
    return changes


@cache
def _defaults() -> Mapping[str, object]:
    """What each column of a new row says by itself; the database makes what it generates."""
    fields = Reminder._meta.concrete_fields
    return {one.attname: DEFERRED if one.generated else one.get_default() for one in fields}


def _new_row(**columns: object) -> Reminder:
    """A row still to be written. `Reminder` given names instead takes three times as long."""
    return Reminder(*{**_defaults(), **columns}.values())


def cancel_row(row: Reminder, cause: str, actor: Actor, now: datetime) -> None:
    """Let a row wait no more; who calls it saves it."""
    row.status, row.closed_at = Status.CANCELLED, now
    row.closed_by, row.closed_cause = actor.get_username(), cause


def _wanted(
    course: Course, anchors: list[Anchor], rows: list[Reminder], horizon: date
) -> Iterator[_Wanted]:
    facts, done, skipped = _facts(anchors, horizon - HORIZON), _done(rows), _skipped(rows)
    for item in settings_of(course.protocol).section("schedule", Schedule).items:
        for anchor, on in _counted_from(item, anchors):
            of = item.code, anchor.occurrence
            for due in wanted(item, on, facts, horizon=horizon, done=done[of], skipped=skipped[of]):
                yield _Wanted(item, anchor, due, unsure(item, facts))


def _done(rows: Iterable[Reminder]) -> dict[tuple[str, int], dict[int, date]]:
    """On which days what was done was, its result awaited or not; by item and occurrence."""
    found: dict[tuple[str, int], dict[int, date]] = defaultdict(dict)
    for row in rows:
        on = row.done_on or row.performed_on
        if on is not None:
            found[row.item, row.anchor_occurrence][row.ordinal] = on
    return found


def _skipped(rows: Iterable[Reminder]) -> dict[tuple[str, int], dict[int, date]]:
    """For which days what nobody did was skipped; by item and occurrence."""
    found: dict[tuple[str, int], dict[int, date]] = defaultdict(dict)
    for row in rows:
        if row.status == Status.SKIPPED and row.performed_on is None:
            found[row.item, row.anchor_occurrence][row.ordinal] = row.due_on
    return found


def _counted_from(item: ScheduleItem, anchors: Sequence[Anchor]) -> list[tuple[Anchor, date]]:
    """What an item is counted from: the anchors of its kind, else those that stand in for them."""
    dated = [(one, one.on) for one in anchors if one.on is not None]
    found = [(one, on) for one, on in dated if one.kind == item.anchor.value]
    if found or item.or_from is None:
        return found
    return [(one, on) for one, on in dated if one.kind == item.or_from.value]


def _facts(anchors: Sequence[Anchor], today: date) -> ScheduleFacts:
    if not anchors:
        return ScheduleFacts()
    days: dict[str, list[date]] = defaultdict(list)
    for one in anchors:
        if one.on is not None:
            days[one.kind].append(one.on)
    return replace(scheduled_by(vars(anchors[0])["facts"], today), anchors=days)


def _key(row: Reminder) -> Key:
    return row.item, row.anchor_occurrence, row.ordinal


def _fit(
    course: Course,
    row: Reminder,
    wanted: _Wanted | None,
    changes: _Changes,
    back: Collection[str],
    actor: Actor,
    now: datetime,
) -> None:
    """Move, cancel or bring back one row; leave alone what was closed, or only lacks its result.

    `back` are the causes of what comes back where it is wanted.
    """
    waits, aside = row.status in WAITING, row.closed_cause == BEFORE_PERCORSO
    if (not waits and not aside and row.closed_cause not in back) or row.awaits_result:
        return
    if wanted is None:
        if waits:
            cancel_row(row, BY_PLANNING, actor, now)
            _update(row, changes, row.due_on, None, now)
        return
    before = row.due_on if waits else None
    dates = wanted.dates()
    if (waits or aside) and all(getattr(row, name) == value for name, value in dates.items()):
        return
    # Opened again by hand although it was over: it stays with whoever opened it.
    kept = waits and course.transcribed_on is not None and row.window_end < course.transcribed_on
    asked = (row.asks_on, row.window_end, row.role)
    for name, value in dates.items():
        setattr(row, name, value)
    asks_on = max(row.due_on, row.snoozed_until or row.due_on)
    if asked != (asks_on, row.window_end, row.role) and asked[0] == asks_on:
        changes.sent_anew.append(row.pk)
    if wanted.before_percorso(course) and not kept:
        cancel_row(row, BEFORE_PERCORSO, actor, now)
    elif not waits:
        row.status = Status.OPEN if row.snoozed_until is None else Status.SNOOZED
        row.closed_at, row.closed_by, row.closed_cause = None, "", ""
    _update(row, changes, before, wanted.due.due_on, now)


def _update(
    row: Reminder, changes: _Changes, before: date | None, after: date | None, now: datetime
) -> None:
    row.planned_at = now
    changes.updated.append(row)
    changes.note(_key(row), before, after)


def _noted(course: Course, changes: _Changes, actor: Actor, now: datetime) -> bool:
    if not changes.after:
        return False
    record(
        actor=actor,
        now=now,
        action="reminders.plan",
        course_id=course.pk,
        patient_id=course.patient_id,
        centre_id=course.centre_id,
        before=changes.before,
        after=changes.after,
    )
    return True
