"""Results in the chart that answered no date: asked about where they may have been that one.

A result closes a date by itself only where its day lies in one window. Between windows, or in two,
it closes none, and whoever reads the list would do it again: an intrathecal therapy given twice
harms.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Concat, JSONObject

from patients.models import (
    Anchor,
    Course,
    CsfResult,
    ImagingResult,
    LabResult,
    MarrowResult,
    Stay,
)
from reminders.domain.facts import ScheduleFacts
from reminders.domain.items import ScheduleItem
from reminders.domain.unanswered import Dated, perhaps_done, perhaps_sampled
from reminders.loading import full_day
from reminders.models import BEFORE_PERCORSO, WAITING, Reminder, Status

_OUTER = OuterRef("pk")
# How protocols write that a value of the laboratory answers.
_LAB = "lab "
Asking = Sequence[tuple[Reminder, ScheduleItem]]


def answers_of(item: ScheduleItem) -> frozenset[str]:
    """The kinds of results that answer an item, as protocols write them."""
    return frozenset(() if item.answered_by is None else item.answered_by.value)


def days_asked_about(asking: Asking) -> Mapping[int, tuple[date, ...]]:
    """The days that may be those of waiting reminders, by reminder; one query for any number."""
    if not asking:
        return {}
    courses = {reminder.course_id for reminder, _item in asking}
    known = {one["pk"]: one for one in _charted(courses, [item for _reminder, item in asking])}
    return {
        reminder.pk: tuple(_days(reminder, item, known[reminder.course_id]))
        for reminder, item in asking
    }


def _charted(courses: Iterable[int], items: Sequence[ScheduleItem]) -> "QuerySet[Course, Any]":
    """What the chart tells of results, and the dates of `items`, of each course."""
    codes, answers = {one.code for one in items}, set[str]().union(*map(answers_of, items))
    # Of no value at all the database would answer nothing, not an empty list.
    analytes = [one.removeprefix(_LAB) for one in answers if one.startswith(_LAB)] or [""]
    dates = Reminder.objects.of_the_schedule().filter(course=_OUTER, item__in=codes)
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
        told_labs=_listed(
            LabResult.objects.filter(course=_OUTER, analyte__in=analytes),
            on=F("on"), of=Concat(Value(_LAB), F("analyte")),
        ),
        in_hospital=_listed(
            Stay.objects.filter(course=_OUTER), began=F("began_on"), ended=F("ended_on")
        ),
        dates=_listed(
            dates.filter(counted, provisional=False), **{name: F(name) for name in columns}
        ),
    )  # fmt: skip


def _listed(rows: "QuerySet[Any]", **fields: Any) -> ArraySubquery:
    return ArraySubquery(rows.order_by("pk").values_list(JSONObject(**fields)))


def _days(reminder: Reminder, item: ScheduleItem, known: Mapping[str, Any]) -> Iterator[date]:
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
    of_all, answers = [one for _pk, one in dates], answers_of(item)
    told = [
        (what, on)
        for what, on in _told(known)
        if what in answers and on is not None and on >= begun[0]
    ]
    examined = (on for what, on in told if not what.startswith(_LAB))
    yield from perhaps_done(own, of_all, examined)
    ward = _stays(known) if item.outpatient is not None and item.outpatient.value else None
    sampled = [on for what, on in told if what.startswith(_LAB)]
    outside = (on for on in sampled if ward is None or not ward.in_hospital(on))
    yield from perhaps_sampled(own, of_all, outside, begun[0])


def _stays(known: Mapping[str, Any]) -> ScheduleFacts:
    """When the patient was in hospital; a stay that goes on has no end."""
    days = [(one["began"], one["ended"] or date.max.isoformat()) for one in known["in_hospital"]]
    return ScheduleFacts(
        stays=[(date.fromisoformat(began), date.fromisoformat(ended)) for began, ended in days]
    )


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
    for one in (*known["told_marrow"], *known["told_images"], *known["told_labs"]):
        yield one["of"], full_day(one["on"])
    for one in known["told_csf"]:
        yield "csf", full_day(one["on"])
        if one["intrathecal"]:
            yield "intrathecal", full_day(one["on"])
