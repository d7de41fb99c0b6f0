"""One UNION ALL of every app's uniform rows: what the screen, the API and every file tell."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import BigIntegerField, BooleanField, F, Func, QuerySet, Value
from psycopg import ClientCursor
from psycopg.types.numeric import Int8

from pathway import timeline_assessed, timeline_papers
from pathway import timeline_rows as pathway_rows
from patients import timeline_rows as patients_rows
from patients.models import Course
from patients.timeline_columns import COLUMNS
from reminders import timeline_appointments, timeline_schedule, timeline_tasks
from toxicity import timeline_given
from toxicity import timeline_rows as toxicity_rows

_Sources = tuple[Callable[[QuerySet[Course]], list[Any]], ...]
# Every app with something to tell. Each answers querysets of the same columns, in this order.
SOURCES: _Sources = (
    patients_rows.rows,
    pathway_rows.rows,
    timeline_papers.rows,
    timeline_assessed.rows,
    toxicity_rows.rows,
    timeline_given.rows,
    timeline_tasks.rows,
    timeline_schedule.rows,
    timeline_appointments.rows,
)
# Those that name a subject which only their rows know; the protocol knows the others.
_NAMING: _Sources = (
    patients_rows.rows,
    pathway_rows.rows,
    timeline_papers.rows,
    toxicity_rows.rows,
    timeline_given.rows,
    timeline_appointments.rows,
)
# Within one day as entered; the codes only make the order the same every time.
ORDER = ("course_id", "sort_date", "entered_at", "event_code", "label", "value")
# Stands for the courses while the statement is written; no other value is such a list.
_ANY_COURSES = [-1]


@dataclass(frozen=True)
class Union:
    """A union as SQL with one value, `ids`: the courses. Its rows come in no order.

    It is written once: Django takes ten times as long over it as PostgreSQL does to answer it for
    one course. Whoever asks has seen to it that the courses may be read.
    """

    sql: str

    def of(self, course_ids: Iterable[int]) -> str:
        """The same with the courses in it, for a statement with other values."""
        value = ClientCursor(connection.connection).mogrify("%s", [self.values(course_ids)["ids"]])
        return self.sql.replace("%(ids)s", value)

    @staticmethod
    def values(course_ids: Iterable[int]) -> dict[str, list[Int8]]:
        """The value of `ids`, in their order: PostgreSQL sorts them again for each row it joins."""
        return {"ids": [Int8(pk) for pk in sorted(course_ids)]}


@cache
def told_union() -> Union:
    """What every app tells."""
    return _written(SOURCES)


@cache
def naming_union() -> Union:
    """The same of the apps whose labels name what the protocol does not know."""
    return _written(_NAMING)


def _written(sources: _Sources) -> Union:
    courses = Course.objects.filter(_among(_ANY_COURSES))
    first, *rest = (part for rows in sources for part in rows(courses))
    union: QuerySet[Any, Any] = first.values_list(*COLUMNS).union(*rest, all=True).order_by()
    sql, params = union.query.sql_with_params()
    writer = ClientCursor(connection.connection)
    # What never varies stands in the statement, for the database to plan with.
    whole = writer.mogrify(sql, params).replace("%", "%%")
    written = writer.mogrify("%s", [Union.values(_ANY_COURSES)["ids"]])
    return Union(whole.replace(written, "%(ids)s"))


def _among(ids: list[int]) -> Func:
    """The course is one of `ids`: one parameter, which the planner takes for an index."""
    return Func(
        F("pk"),
        Value(ids, output_field=ArrayField(BigIntegerField())),
        template="%(expressions)s)",
        arg_joiner=" = ANY(",
        output_field=BooleanField(),
    )
