"""What is looked at before a reminder is done: values with their age, what speaks for waiting."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.wording import day_text
from patients.domain.lab_values import NEGATIVE, Reading
from patients.domain.ranges import Ranges
from patients.identity import Named
from patients.result_pages import shown
from protocol.selectors import settings_if_readable, settings_of
from reminders.domain.care import Doubt, Looked, doubts, last_value, not_reached, ongoing
from reminders.domain.facts import ScheduleFacts
from reminders.domain.items import Schedule, ScheduleItem
from reminders.domain.wanted import Step, step_of
from reminders.loading import facts_column, scheduled_by
from reminders.models import Reminder
from reminders.unanswered import answers_of, days_asked_about
from terms.quantities import Analyte


@dataclass(frozen=True)
class Doubtful:
    """One thing that speaks for waiting, by its code and in words."""

    code: str
    text: str


@dataclass(frozen=True)
class Look:
    """The values that decide, in words and as they are, and what speaks for waiting."""

    values: tuple[Looked, ...] = ()
    facts: tuple[Named, ...] = ()
    doubts: tuple[Doubtful, ...] = ()
    note: str = ""


# Where the end of something is asked about and its value does not say so, and where nobody knows
# what to look at.
NOT_REACHED, UNREADABLE = "not_reached", "protocol_unreadable"
# Where the chart tells of one that may have been this.
PERHAPS_DONE = "perhaps_done"


def look_at(reminder: Reminder, today: date) -> Look:
    """What the protocol wants looked at before this is done; two queries where that is anything."""
    return _looks([reminder], today)[reminder.pk]


def cautions(reminders: Iterable[Reminder], today: date) -> Mapping[int, tuple[str, ...]]:
    """What speaks for waiting, by reminder, of those that may be done today; at most two queries.

    Not of a test that was done and whose result is awaited.
    """
    now = [
        one
        for one in reminders
        if one.counts(today) and one.window_start <= today and not one.awaits_result
    ]
    looks = _looks(now, today)
    return {one.pk: tuple(doubt.text for doubt in looks[one.pk].doubts) for one in now}


def _looks(reminders: Sequence[Reminder], today: date) -> Mapping[int, Look]:
    """By reminder; one query for the facts of all of them, and one for what the chart tells."""
    items = {one.pk: _item_of(one) for one in reminders}
    # The facts are those of a course: one reminder of each brings them.
    wanted = {
        one.course_id: one.pk
        for one in reminders
        if (item := items[one.pk]) is not None and _looked_at(item, one)
    }
    rows = Reminder.objects.filter(pk__in=wanted.values()).annotate(facts=facts_column())
    found = dict(rows.values_list("course_id", "facts")) if wanted else {}
    facts = {course: scheduled_by(said, today) for course, said in found.items()}
    asking = [
        (one, item) for one in reminders if (item := items[one.pk]) is not None and answers_of(item)
    ]
    told = days_asked_about(asking)
    return {
        one.pk: _with_days(_look(one, items[one.pk], facts, today), told.get(one.pk, ()))
        for one in reminders
    }


def _with_days(look: Look, days: Sequence[date]) -> Look:
    """A look at what may be done already: that comes before all else."""
    said = _(
        "One of %(on)s is in the chart and answers no date: was it this one? "
        "If so, say that it was done on that day."
    )
    asked = [Doubtful(PERHAPS_DONE, said % {"on": day_text(on)}) for on in days]
    return replace(look, doubts=(*asked, *look.doubts))


def _item_of(reminder: Reminder) -> ScheduleItem | None:
    known = settings_if_readable(reminder.course.protocol)
    if known is None:
        return None
    try:
        return known.section("schedule", Schedule).item(reminder.item)
    except KeyError:
        return None


def _ends(item: ScheduleItem, reminder: Reminder) -> bool:
    """Whether it asks for the end of something that waits for a value."""
    return step_of(item, reminder.ordinal) is Step.END and bool(item.stops)


def _looked_at(item: ScheduleItem, reminder: Reminder) -> bool:
    return _ends(item, reminder) or item.care is not None or item.after_icans is not None


def _look(
    reminder: Reminder,
    item: ScheduleItem | None,
    known: Mapping[int, ScheduleFacts],
    today: date,
) -> Look:
    if item is None:
        if settings_if_readable(reminder.course.protocol) is None:
            return Look(doubts=(_unreadable(),))
        return Look()
    note = item.note.in_language(get_language() or "en") if item.note is not None else ""
    if not _looked_at(item, reminder):
        return Look(note=note)
    facts = known[reminder.course_id]
    ranges = settings_of(reminder.course.protocol).section("ranges", Ranges)
    levels = item.stops if _ends(item, reminder) else ()
    codes = [level.analyte.value for level in levels]
    if item.care is not None:
        codes.append(item.care.analyte.value)
    values = tuple(last_value(code, facts, today) for code in codes)
    open_ends = [
        Doubtful(NOT_REACHED, _("%(value)s: not where the protocol lets it end.") % {"value": name})
        for name in (_name(ranges, one.analyte) for one in not_reached(levels, facts, today))
    ]
    return Look(
        values=values,
        facts=tuple(_named(ranges, one) for one in values),
        doubts=(*_doubts(item, facts, ranges, today), *open_ends),
        note=note,
    )


def _unreadable() -> Doubtful:
    text = _("The rules of this course cannot be read: nobody knows what speaks for waiting.")
    return Doubtful(UNREADABLE, text)


def _doubts(
    item: ScheduleItem, facts: ScheduleFacts, ranges: Ranges, today: date
) -> Iterator[Doubtful]:
    found = [] if item.care is None else list(doubts(item.care, facts, today))
    if item.after_icans is not None and ongoing(facts) is not None:
        found.append(Doubt.ICANS)
    for one in found:
        yield Doubtful(one.value, _in_words(one, item, facts, ranges))


def _in_words(doubt: Doubt, item: ScheduleItem, facts: ScheduleFacts, ranges: Ranges) -> str:
    spell = ongoing(facts)
    if doubt is Doubt.ICANS and spell is not None:
        return _("Neurotoxicity (ICANS) since %(on)s is not over: postpone.") % {
            "on": day_text(spell.onset)
        }
    assert item.care is not None, "only what is looked at can be in doubt"
    care, analyte = item.care, ranges.analyte(item.care.analyte.value)
    unit = analyte.unit if analyte is not None else ""
    said = {
        "value": _name(ranges, care.analyte.value),
        "limit": shown(analyte, Reading(care.below.value, unit)).text,
        "days": care.fresh_days.value,
    }
    return {
        Doubt.NO_VALUE: _("%(value)s: no value is recorded; the limit is %(limit)s."),
        Doubt.TOO_LOW: _("%(value)s below %(limit)s: postpone."),
        Doubt.PERHAPS_LOW: _("%(value)s: whether they are below %(limit)s is not known."),
        Doubt.TOO_OLD: _("%(value)s: the last value is older than %(days)s days."),
    }[doubt] % said


def _named(ranges: Ranges, looked: Looked) -> Named:
    name, sample = _name(ranges, looked.analyte), looked.sample
    if sample is None:
        return Named(name)
    analyte = ranges.analyte(looked.analyte)
    text = _("%(value)s on %(on)s, %(age)s") % {
        "value": _value(analyte, looked) or _("not readable"),
        "on": day_text(sample.on),
        "age": _age(looked.age),
    }
    return Named(name, text)


def _value(analyte: Analyte | None, looked: Looked) -> str:
    assert looked.sample is not None, "there is a value"
    answer = NEGATIVE if looked.sample.negative else ""
    unit = analyte.unit if analyte is not None else ""
    reading = Reading(looked.sample.value, unit, looked.sample.comparator, answer)
    return shown(analyte, reading).text


def _age(days: int) -> str:
    if days == 0:
        return _("today")
    return ngettext("%(days)s day ago", "%(days)s days ago", days) % {"days": days}


def _name(ranges: Ranges, code: str) -> str:
    analyte = ranges.analyte(code)
    return analyte.label.in_language(get_language() or "en") if analyte is not None else code
