"""Examinations in the chart that answered no date: asked about where they may have been that one.

A result closes a date by itself only within its window. Done between windows it closes none, and
whoever reads the list would do it again: an intrathecal therapy given twice harms.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce, JSONObject

from patients.models import Anchor, Course, CsfResult, ImagingResult, MarrowResult
from reminders.domain.items import ScheduleItem
from reminders.domain.unanswered import Dated, perhaps_done
from reminders.loading import full_day
from reminders.models import BEFORE_PERCORSO, WAITING, Reminder, Status

_OUTER = OuterRef("pk")
# What a result of the laboratory answers is not asked about: the value stands there to be read.
_EXAMINATIONS = frozenset({"marrow", "csf", "intrathecal", "pet_ct", "ct", "mri"})


def examined(item: ScheduleItem) -> frozenset[str]:
    """The examinations that answer an item."""
    answers = () if item.answered_by is None else item.answered_by.value
    return _EXAMINATIONS.intersection(answers)


def days_asked_about(
    asking: Sequence[tuple[Reminder, frozenset[str]]],
) -> Mapping[int, tuple[date, ...]]:
    """The days that may be those of waiting reminders, by reminder; one query for any number."""
    if not asking:
        return {}
    courses = {reminder.course_id for reminder, _answers in asking}
    items = {reminder.item for reminder, _answers in asking}
    known = {one["pk"]: one for one in _charted(courses, items)}
    return {
        reminder.pk: tuple(_days(reminder, answers, known[reminder.course_id]))
        for reminder, answers in asking
    }


def _charted(courses: Iterable[int], items: Iterable[str]) -> "QuerySet[Course, Any]":
    """What the chart tells of examinations, and the dates of `items`, of each course."""
    dates = Reminder.objects.of_the_schedule().filter(course=_OUTER, item__in=items)
    counted = ~Q(status__in=(Status.CANCELLED, Status.SKIPPED)) | Q(closed_cause=BEFORE_PERCORSO)
    columns = ("pk", "item", "anchor_occurrence", "status", "due_on", "performed_on", "done_on")
    return Course.objects.filter(pk__in=courses).values(
        "pk",
        counted_from=_listed(
            Anchor.objects.filter(course=_OUTER),
            kind=F("kind"), occurrence=F("occurrence"), on=Coalesce("actual_on", "planned_on"),
        ),
        told_marrow=_listed(
            MarrowResult.objects.filter(course=_OUTER), on=F("on"), of=Value("marrow")
        ),
        told_csf=_listed(
            CsfResult.objects.filter(course=_OUTER), on=F("on"), intrathecal=F("intrathecal")
        ),
        told_images=_listed(ImagingResult.objects.filter(course=_OUTER), on=F("on"), of=F("kind")),
        dates=_listed(
            dates.filter(counted, provisional=False), **{name: F(name) for name in columns}
        ),
    )  # fmt: skip


def _listed(rows: "QuerySet[Any]", **fields: Any) -> ArraySubquery:
    return ArraySubquery(rows.order_by("pk").values_list(JSONObject(**fields)))


def _days(reminder: Reminder, answers: frozenset[str], known: Mapping[str, Any]) -> Iterator[date]:
    begun = [
        date.fromisoformat(one["on"])
        for one in known["counted_from"]
        if (one["kind"], one["occurrence"]) == (reminder.anchor_kind, reminder.anchor_occurrence)
        and one["on"]
    ]
    dates = [_dated(one) for one in known["dates"] if _of_one_series(one, reminder)]
    own = next((one for pk, one in dates if pk == reminder.pk), None)
    if own is None or not own.waits or not begun:
        return
    told = [on for what, on in _told(known) if what in answers and on is not None]
    yield from perhaps_done(own, [one for _pk, one in dates], (on for on in told if on >= begun[0]))


def _of_one_series(one: Mapping[str, Any], reminder: Reminder) -> bool:
    same = reminder.item, reminder.anchor_occurrence
    return (one["item"], one["anchor_occurrence"]) == same


def _dated(one: Mapping[str, Any]) -> tuple[int, Dated]:
    took = one["done_on"] or one["performed_on"]
    dated = Dated(
        due_on=date.fromisoformat(one["due_on"]),
        waits=one["status"] in WAITING and one["performed_on"] is None,
        took=date.fromisoformat(took) if took else None,
    )
    return one["pk"], dated


def _told(known: Mapping[str, Any]) -> Iterator[tuple[str, date | None]]:
    for one in (*known["told_marrow"], *known["told_images"]):
        yield one["of"], full_day(one["on"])
    for one in known["told_csf"]:
        yield "csf", full_day(one["on"])
        if one["intrathecal"]:
            yield "intrathecal", full_day(one["on"])
