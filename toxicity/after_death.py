"""Nothing was seen at the bedside, given or began after a death: one of the dates is wrong."""

from collections.abc import Iterator
from datetime import date

from django.db.models import Max

from patients.deaths import refuse_before_last_fact
from patients.models import Course
from patients.objections import Asked
from terms.day_numbers import local_date
from terms.refusals import Refusal
from toxicity.models import Assessment, Infection, Treatment


def refuse_death(asked: Asked) -> list[Refusal]:
    """One refusal where a record of toxicity that stands is of a day after the death."""
    assert asked.on is not None, "a death has its day"
    return refuse_before_last_fact(asked.on, _days(asked.course))


def _days(course: Course) -> Iterator[date]:
    """The last day of each kind of record, in three queries."""
    for model, column in ((Assessment, "observed_at"), (Treatment, "given_at")):
        rows = model.objects.filter(course=course).standing()
        at = rows.aggregate(last=Max(column))["last"]
        if at is not None:
            yield local_date(at, course.centre.zone)
    infections = Infection.objects.filter(course=course).standing()
    last = infections.aggregate(began=Max("began_on"), ended=Max("ended_on"))
    yield from (on for on in last.values() if on is not None)
