"""Tasks that people ask for beside the schedule, in their own words or the protocol's."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from audit.recording import record
from patients.courses import lock_course
from patients.domain.dating import refuse_before
from patients.models import Course
from patients.once import KEY_REUSED, digest
from protocol.selectors import settings_of
from reminders.closing import refuse_ended
from reminders.domain.items import ROLES, TASK, Schedule, ScheduleItem
from reminders.domain.repeats import Every, repeated
from reminders.models import Reminder, TaskRequest
from terms.day_numbers import local_date
from terms.refusals import Refusal, Refused
from terms.words import N_

LONGEST_LABEL = 120
MOST_OF_A_SERIES = 200
LONGEST_REPEAT = 366  # of a unit
_FURTHEST = timedelta(days=3 * 366)  # beyond it the year is mistyped
_LONGEST_WINDOW = timedelta(days=366)


@dataclass(frozen=True)
class NewTask:
    """What is asked for. `item` is one that the protocol keeps for such occasions, else `TASK`.

    `until` is the last day in time; without it the window is that of the item, or the day itself.
    Without `role` it is the item's. What repeats has a window of the same length each time.
    """

    due_on: date
    label: str = ""
    item: str = TASK
    role: str = ""
    until: date | None = None
    # Asked for again: every so many of a unit after the day, up to a last day.
    every: int | None = None
    unit: str = ""
    last: date | None = None

    @property
    def repeats(self) -> bool:
        """Whether anything of a repeat was said."""
        return self.every is not None or bool(self.unit) or self.last is not None

    def days(self) -> Iterator[date]:
        """The days on which it is due, of a task against which nothing stands."""
        if self.every is None or self.last is None:
            return iter([self.due_on])
        return repeated(self.due_on, self.every, Every(self.unit), self.last)


def occasions(course: Course) -> tuple[ScheduleItem, ...]:
    """The items of the course's protocol that somebody asks for when something happens."""
    return settings_of(course.protocol).section("schedule", Schedule).on_occasion


def occasion(course: Course, code: str) -> ScheduleItem | None:
    """The one of them called `code`; None for a task of own words, or where it is not kept."""
    return next((one for one in occasions(course) if one.code == code), None)


@transaction.atomic
def add_task(
    *, course_id: int, task: NewTask, actor: User, now: datetime, key: UUID | None = None
) -> Reminder:
    """Ask for something on a course; no anchor moves it, and it is done like what is scheduled.

    What repeats is laid out at once up to its last day; the first of its rows is returned. With
    the same `key` and content it is asked for only once.

    Raises Refused with everything against it, NotAllowed, Course.DoesNotExist.
    """
    course = lock_course(course_id, actor=actor)
    require(actor, Permission.DO_REMINDERS)
    sent = digest({**asdict(task), "actor": actor.pk})
    asked = None if key is None else _asked(course, key, sent)
    if asked is not None:
        return asked
    item = occasion(course, task.item)
    refusals = refusals_of(course, task, item, now)
    if refusals:
        raise Refused(refusals)
    first, days = _next_ordinal(course, task.item), list(task.days())
    length = window_end(task, item) - task.due_on
    rows = Reminder.objects.bulk_create(
        Reminder(
            course=course,
            item=task.item,
            label=task.label.strip(),
            made_by=actor.get_username(),
            anchor_kind="",
            anchor_occurrence=0,
            ordinal=ordinal,
            series=first if task.repeats else 0,
            due_on=on,
            window_start=on,
            window_end=on + length,
            role=task.role or (item.role.value if item is not None else ""),
            planned_at=now,
        )
        for ordinal, on in enumerate(days, start=first)
    )
    if key is not None:
        TaskRequest.objects.create(course=course, key=key, sent=sent, reminder=rows[0])
    _note(course, rows[0], days, actor, now)
    return rows[0]


def _asked(course: Course, key: UUID, sent: str) -> Reminder | None:
    """What was asked for with this key on the locked course; None where nothing was yet.

    Looked at before anything is checked: what stands against it now did not then. Raises Refused
    when the key came with something else.
    """
    found = TaskRequest.objects.filter(course=course, key=key).select_related("reminder").first()
    if found is None:
        return None
    if found.sent != sent:
        raise Refused([KEY_REUSED])
    found.reminder.course = course
    return found.reminder


def refusals_of(
    course: Course, task: NewTask, item: ScheduleItem | None, now: datetime
) -> list[Refusal]:
    """Everything that stands against a task of the locked course saying this."""
    return [
        *refuse_ended(course),
        *_refuse_words(task, item),
        *_refuse_role(task, item),
        *_refuse_dates(course, task, now),
        *_refuse_repeat(task, _furthest(course, now)),
    ]


def window_end(task: NewTask, item: ScheduleItem | None) -> date:
    """The last day in time: the one that was said, else as the item says, else the day itself."""
    if task.until is not None:
        return task.until
    return task.due_on + timedelta(days=0 if item is None else item.window_after.value)


def _next_ordinal(course: Course, item: str) -> int:
    rows = course.reminders.filter(item=item, anchor_occurrence=0)
    last: int = rows.aggregate(last=Max("ordinal"))["last"] or 0
    return last + 1


def _note(course: Course, row: Reminder, days: Sequence[date], actor: User, now: datetime) -> None:
    names = ("item", "label", "role", "due_on", "window_end")
    record(
        actor=actor,
        now=now,
        action="reminder.task",
        obj=row,
        course_id=course.pk,
        patient_id=course.patient_id,
        before={},
        after={name: getattr(row, name) for name in names}
        | ({"days": list(days)} if row.series else {}),
    )


def _refuse_words(task: NewTask, item: ScheduleItem | None) -> list[Refusal]:
    said = task.label.strip()
    found = []
    if item is None and task.item != TASK:
        text = N_("The protocol of this course keeps no such item for an occasion.")
        found.append(Refusal(code="unknown_item", message=text, field="item"))
    if item is None and not said:
        text = N_("Say what there is to do.")
        found.append(Refusal(code="label_needed", message=text, field="label"))
    if len(said) > LONGEST_LABEL:
        text, params = N_("At most %(most)s characters."), {"most": LONGEST_LABEL}
        found.append(Refusal(code="label_too_long", message=text, field="label", params=params))
    return found


def _refuse_role(task: NewTask, item: ScheduleItem | None) -> list[Refusal]:
    if task.role in ROLES or (item is not None and not task.role):
        return []
    return [Refusal(code="role_needed", message=N_("Say who does it."), field="role")]


def _refuse_dates(course: Course, task: NewTask, now: datetime) -> list[Refusal]:
    furthest = _furthest(course, now)
    found = refuse_before(
        task.due_on, course.referred_on, code="before_referral", field="due_on",
        message=N_("This is before the referral, on %(limit)s."),
    )  # fmt: skip
    if task.due_on > furthest:
        text = N_("A task lies at most three years ahead: %(limit)s.")
        limit = {"limit": furthest}
        found = [*found, Refusal(code="too_far", message=text, field="due_on", params=limit)]
    if task.until is not None and not timedelta() <= task.until - task.due_on <= _LONGEST_WINDOW:
        text = N_("In time until the day itself or a later one, within a year of it.")
        found = [*found, Refusal(code="window", message=text, field="until")]
    return list(found)


def _furthest(course: Course, now: datetime) -> date:
    return local_date(now, course.centre.zone) + _FURTHEST


def _refuse_repeat(task: NewTask, furthest: date) -> list[Refusal]:
    """Everything against a repeat; of one that is whole also that it would be too many."""
    if not task.repeats:
        return []
    found = []
    if task.every is None or not 1 <= task.every <= LONGEST_REPEAT:
        text = N_("A repeat needs how often: 1 to %(most)s.")
        found.append(Refusal("every", text, {"most": LONGEST_REPEAT}, field="every"))
    if task.unit not in tuple(Every):
        text = N_("A repeat is counted in days, weeks or months.")
        found.append(Refusal("unit", text, field="unit"))
    if task.last is None or task.last <= task.due_on:
        text = N_("A repeat needs its last day, after the first.")
        found.append(Refusal("last", text, field="last"))
    elif task.last > furthest:
        text = N_("A task lies at most three years ahead: %(limit)s.")
        found.append(Refusal("too_far", text, {"limit": furthest}, field="last"))
    if not found and len(list(islice(task.days(), MOST_OF_A_SERIES + 1))) > MOST_OF_A_SERIES:
        text = N_("At most %(most)s dates at once: choose an earlier last day.")
        found.append(Refusal("too_many", text, {"most": MOST_OF_A_SERIES}, field="last"))
    return found
