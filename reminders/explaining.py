"""Why each reminder of a course exists and when it will be sent, for whoever runs the site."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from patients.models import Anchor, Course
from protocol.selectors import settings_of
from reminders.domain.items import Schedule, ScheduleItem
from reminders.domain.sending import SendingRules, steps
from reminders.explained_rules import rule_of
from reminders.models import WAITING, Dispatch, PlanPause, Reminder, Sending, Status
from reminders.sending import NOBODY


def explained(course: Course) -> Iterator[str]:
    """A few lines for each reminder of `course`, by date. They hold codes only, no name.

    Raises ProtocolInvalid for a protocol that can no longer be read.
    """
    settings, zone = settings_of(course.protocol), course.centre.zone
    items = {item.code: item for item in settings.section("schedule", Schedule).items}
    rules = settings.section("sending", SendingRules)
    rows = Reminder.objects.filter(course=course).order_by("due_on", "item", "pk")
    anchors = {(a.kind, a.occurrence): a for a in Anchor.objects.filter(course=course)}
    sent, done = _sent(course), _done(rows)
    version = f"{course.protocol.code}:{course.protocol.version}"
    yield f"course {course.pk} {course.code}, protocol {version}, times in {zone.key}"
    for pause in PlanPause.objects.filter(course=course).order_by("since", "pk"):
        planned = "only what is for life" if pause.lasting else "nothing"
        yield f"paused since {_time(pause.since, zone)} by {pause.cause}: {planned} is planned"
    for row in rows:
        yield ""
        yield (
            f"reminder {row.pk} {row.item} {row.anchor_occurrence}.{row.ordinal}: due {row.due_on}"
            f" ({row.window_start} to {row.window_end}), {_standing(row)}"
        )
        yield from _put_off(row)
        if row.made_by:
            yield f"  asked for by hand by {row.made_by}{_series(row)}"
            yield from _times(row, sent[row.pk], rules, zone)
            continue
        anchor = anchors.get((row.anchor_kind, row.anchor_occurrence))
        yield f"  counted from {row.anchor_kind} {row.anchor_occurrence}: {_date_of(anchor)}"
        yield from _after(row, items.get(row.item), done)
        yield from rule_of(items.get(row.item), unsure=row.unsure)
        yield from _times(row, sent[row.pk], rules, zone)


def _sent(course: Course) -> dict[int, list[Dispatch]]:
    """What there is to send by reminder, for the date each has now, without what lapsed."""
    found: dict[int, list[Dispatch]] = defaultdict(list)
    rows = Dispatch.objects.filter(reminder__course=course).exclude(status=Sending.VOID)
    for row in rows.select_related("reminder").order_by("step", "pk"):
        if row.due_on == row.reminder.asks_on:
            found[row.reminder_id].append(row)
    return found


def _done(rows: Iterable[Reminder]) -> list[tuple[Reminder, date]]:
    """What was done, its result awaited or not, with the day."""
    days = ((row, row.done_on or row.performed_on) for row in rows)
    return [(row, on) for row, on in days if on is not None]


def _after(
    row: Reminder, item: ScheduleItem | None, done: Iterable[tuple[Reminder, date]]
) -> Iterator[str]:
    """The last one done, where its day is what the date is counted from."""
    if item is None or not item.from_last_done:
        return
    earlier = [
        (on, one.ordinal)
        for one, on in done
        if (one.item, one.anchor_occurrence) == (row.item, row.anchor_occurrence)
        and one.ordinal < row.ordinal
    ]
    if earlier:
        on, ordinal = max(earlier)
        yield f"  after {row.item} {row.anchor_occurrence}.{ordinal}: done {on}"


def _standing(row: Reminder) -> str:
    if row.status != Status.OPEN:
        return f"{row.status}{f' by {row.closed_cause}' if row.closed_cause else ''}"
    return "open, what it follows has not happened" if row.provisional else "open"


def _series(row: Reminder) -> str:
    return f", one of a series that begins with {row.item} 0.{row.series}" if row.series else ""


def _put_off(row: Reminder) -> Iterator[str]:
    if row.awaits_result:
        yield (
            f"  done on {row.performed_on} by {row.performed_by}, result awaited,"
            f" asked again on {row.asks_on}"
        )
    elif row.status == Status.SNOOZED:
        yield f"  put off, asked again on {row.asks_on}"


def _date_of(anchor: Anchor | None) -> str:
    if anchor is None:
        return "no date any more"
    known = "happened" if anchor.actual_on else "planned"
    return f"{anchor.on} ({known})"


def _times(
    row: Reminder, sent: list[Dispatch], rules: SendingRules, zone: ZoneInfo
) -> Iterator[str]:
    asks = row.status in WAITING and not row.provisional
    for one in sent:
        lapses = one.status == Sending.WAITING and not asks
        status = "lapses while it stands like this" if lapses else one.status
        at, error = _time(one.send_at, zone), _error(one)
        yield f"  sending {one.step} to {one.role}: {at}, {status}{error}"
    if sent:
        return
    if not asks:
        yield "  sending: nothing while it stands like this"
        return
    for step in steps(rules, row.asks_on, row.window_end, row.role, zone):
        yield f"  sending {step.number} to {step.role}: {_time(step.send_at, zone)}, to come"


def _error(sent: Dispatch) -> str:
    if sent.status == Sending.SENT and sent.error_code == NOBODY:
        return " to others: nobody holds the role"
    return f", {sent.error_code} after {sent.attempts} tries" if sent.error_code else ""


def _time(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"
