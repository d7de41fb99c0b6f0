"""What became of the reminders of the schedule, in the uniform columns of the timeline."""

from django.db.models import F, Q, QuerySet, TextField, Value
from django.db.models.functions import Concat

from patients.models import Course
from patients.timeline_columns import Rows, day, local_day, row_of
from reminders.models import WAITING, Status

DUE, DONE, SKIPPED = "SCHEDULE_DUE", "SCHEDULE_DONE", "SCHEDULE_SKIPPED"
CODES = frozenset({DUE, DONE, SKIPPED})
KEY = "schedule."  # before the code of an item, for which the protocol has the words
_OF_THE_SCHEDULE = Q(reminders__made_by="")


def rows(courses: QuerySet[Course]) -> list[Rows]:
    """Every item that is done, skipped or still to do; one that may never be due is not told.

    Why one was skipped is free text.
    """
    label = Concat(Value(KEY), F("reminders__item"), output_field=TextField())
    done, skipped = (Q(reminders__status=status) for status in (Status.DONE, Status.SKIPPED))
    waiting = Q(reminders__status__in=WAITING, reminders__provisional=False)
    return [
        row_of(
            courses, "reminders", on=day("reminders__due_on"), code=DUE, label=label,
            by="", at="", source="", where=_OF_THE_SCHEDULE & waiting,
        ),
        row_of(
            courses, "reminders", on=day("reminders__done_on"), code=DONE, label=label,
            by="closed_by", at="closed_at", source="", where=_OF_THE_SCHEDULE & done,
        ),
        row_of(
            courses, "reminders", on=local_day("reminders__closed_at"), code=SKIPPED, label=label,
            value=F("reminders__reason"), identifying=True, by="closed_by", at="closed_at",
            source="", where=_OF_THE_SCHEDULE & skipped,
        ),
    ]  # fmt: skip
