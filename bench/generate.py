"""Many courses with histories as the site writes them: the demo's courses, multiplied in SQL.

The demo walks its courses through the real services, so that their rows are as many and as long as
in use. Copies get ids, codes, names and numbers of their own and lie further back in time. Audit
events are not copied: no page reads them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, models
from django.db.models import F
from django.db.models.functions import Mod
from psycopg import sql

from pathway.models import ApheresisAttempt, Change, Dose, Journey, Product
from patients.models import Correction, Course, Death, Identifier, Patient
from patients.models.history import ChartEntry
from reminders.models import Reminder, Status

# Copy k of a row has the id of the original plus k strides; the demo's own ids stay below one.
STRIDE = 100_000
_COPIES_APART = 1_000_000  # between the k of two groups


@dataclass(frozen=True)
class Group:
    """So many of each hundred courses are like one course of the demo.

    Copies lie from `least_days` to `least_days + spread_days` further back than the original.
    `stage` replaces the original's where the demo has nobody at that stage.
    """

    family_name: str
    percent: int
    least_days: int
    spread_days: int
    stage: str = ""


# 13 of 100 are before follow-up; most are followed, and the rest has left the board.
GROUPS = (
    Group("Barbieri", 2, 0, 9),
    Group("Cattaneo", 1, 0, 9),
    Group("De Santis", 1, 0, 9),
    Group("Esposito", 2, 0, 9),
    Group("Neri", 1, 0, 9),
    Group("Ferraro", 1, 0, 9),
    Group("Gatti", 1, 0, 9),
    Group("Leone", 2, 0, 5),
    Group("Martini", 1, 0, 9),
    Group("Pellegrini", 1, 0, 9),
    Group("Lombardi", 13, 0, 3000),
    Group("Greco", 13, 0, 3000),
    Group("Fontana", 13, 0, 3000),
    Group("Marchetti", 13, 0, 3000),
    Group("Vitale", 5, 0, 300),
    Group("Rinaldi", 9, 0, 3000),
    Group("Orlandi", 1, 0, 3000),
    Group("Sartori", 8, 0, 3000),
    Group("Lombardi", 10, 5400, 3000, stage="completed"),
    Group("Greco", 2, 300, 3000, stage="lost"),
)


def _words(text: str) -> list[str]:
    return text.split()


_FAMILY = _words(
    "Abate Agosti Albani Barone Basso Bellini Bertoni Bosco Calvi Canale Carli Cervi Costa Dante "
    "Duranti Fiore Forte Galli Gallo Grassi Guerra Landi Longo Lupi Manca Mele Merlo Monaco Nardi "
    "Negri Olivieri Pace Palma Parisi Pinto Porta Rizzi Rocca Salvi Sanna Sala Stella Tosi Valle"
)
_GIVEN = _words(
    "Ada Alba Aldo Bianca Bice Carla Cesare Clara Dina Edda Elio Emma Enzo Ezio Fabio Furio Gaia "
    "Gino Ida Irma Italo Lea Lidia Lino Mara Mario Nella Nino Olga Pia Remo Rina Sandro Tina Vera"
)


def grow(courses: int, grown_to: int, today: date) -> None:
    """Bring the demo's centre from `grown_to` to `courses` courses, in whole hundreds.

    The demo's courses count as the first of their groups.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        for number, group in enumerate(GROUPS):
            base = number * _COPIES_APART
            original = 0 if group.stage else 1
            first = max(original, group.percent * grown_to // 100)
            last = group.percent * courses // 100 - 1
            for query in _copies(group, base + first, base + last):
                cursor.execute(query)
        # Counted anew, or the database joins the many new rows as if they were few.
        cursor.execute("ANALYZE")
    _cancel_for_ended()
    _keep_few_overdue(today)


def settle() -> None:
    """Let the database count and tidy what was written, as it does by itself in time."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _cancel_for_ended() -> None:
    """What was open when a course ended is cancelled, as the exit does it."""
    Reminder.objects.filter(
        pk__gt=STRIDE, status=Status.OPEN, course__journey__active=False
    ).update(
        status=Status.CANCELLED,
        closed_at=F("planned_at"),
        closed_by="coordinator",
        closed_cause="change:1",
    )


def _keep_few_overdue(today: date) -> None:
    """Nearly everything whose time has come is done; one in fifty is overdue."""
    copies = Reminder.objects.filter(pk__gt=STRIDE, status=Status.OPEN, due_on__lte=today)
    copies.alias(part=Mod(F("course_id") / STRIDE + F("ordinal"), 50)).exclude(part=0).update(
        status=Status.DONE,
        done_on=F("due_on"),
        closed_at=F("planned_at"),
        closed_by="coordinator",
        closed_cause="hand",
    )


def _copies(group: Group, first: int, last: int) -> Iterator[sql.Composed]:
    """The statements that write copies `first` to `last` of a group, parents before children."""
    course = Course.objects.select_related("patient").get(patient__family_name=group.family_name)
    span = _Span(group, first, last)
    yield span.insert(Patient, "id", course.patient_id, _PERSON)
    yield span.insert(Identifier, "patient_id", course.patient_id, _NUMBER)
    yield span.insert(Death, "patient_id", course.patient_id, {})
    yield span.insert(Course, "id", course.pk, _CODE)
    for relation in Course._meta.related_objects:  # every table that hangs on it, of whatever app
        model: type[models.Model] = relation.related_model
        own = _stage(group.stage) if model is Journey and group.stage else {}
        yield span.insert(model, "course_id", course.pk, own)


@dataclass(frozen=True)
class _Span:
    """A run of copies of one group."""

    group: Group
    first: int
    last: int

    def insert(
        self,
        model: type[models.Model],
        owner: str,
        owner_id: int,
        own: Mapping[str, sql.Composable],
    ) -> sql.Composed:
        """Copy the rows of `model` whose column `owner` is `owner_id`, once for each k."""
        values = {
            column: own.get(column, _copied(field, column))
            for field in model._meta.local_concrete_fields
            if not field.generated
            if (column := field.column) is not None
        }
        columns: list[sql.Composable] = [sql.Identifier(column) for column in values]
        return sql.SQL(
            "INSERT INTO {table} ({columns}) SELECT {values} FROM {table} t, "
            "generate_series({first}::bigint, {last}::bigint) k, "
            "LATERAL (SELECT ({least} + k * 37 % ({spread} + 1))::int AS days) back "
            "WHERE t.{owner} = {owner_id}"
        ).format(
            table=sql.Identifier(model._meta.db_table),
            columns=sql.SQL(", ").join(columns),
            values=sql.SQL(", ").join(list(values.values())),
            first=sql.Literal(self.first),
            last=sql.Literal(self.last),
            least=sql.Literal(self.group.least_days),
            spread=sql.Literal(self.group.spread_days),
            owner=sql.Identifier(owner),
            owner_id=sql.Literal(owner_id),
        )


def _copied(field: "models.Field[Any, Any]", name: str) -> sql.Composable:
    """What a column of a copy holds: ids a stride on, dates further back, else the same."""
    column = sql.Identifier("t", name)
    if field.primary_key or _refers_to_a_copy(field):
        return sql.SQL("{} + k * {}").format(column, sql.Literal(STRIDE))
    if isinstance(field, models.UUIDField) and not field.null:
        return sql.SQL("gen_random_uuid()")  # known by it in the world outside, one of each
    if isinstance(field, models.DateTimeField):
        return sql.SQL("{} - make_interval(days => back.days)").format(column)
    if isinstance(field, models.DateField):
        return sql.SQL("{} - back.days").format(column)
    if issubclass(field.model, ChartEntry) and name == "on":
        return sql.SQL(
            "CASE WHEN length({0}) = 10 THEN ({0}::date - back.days)::text ELSE {0} END"
        ).format(column)
    return column


def _refers_to_a_copy(field: "models.Field[Any, Any]") -> bool:
    if field.model in {Change, Dose} and field.column == "subject_id":
        return True
    if field.model is Correction and field.column == "fact_id":
        return True
    return field.related_model in {Patient, Course, Dose, ApheresisAttempt, Product}


def _one_of(words: Sequence[str], step: int) -> sql.Composed:
    return sql.SQL("({}::text[])[1 + ((k * {} + t.id) % {})::int]").format(
        sql.Literal(list(words)), sql.Literal(step), sql.Literal(len(words))
    )


def _stage(stage: str) -> dict[str, sql.Composable]:
    return {"stage": sql.Literal(stage), "active": sql.Literal(False)}


_FAMILY_NAME, _GIVEN_NAME = _one_of(_FAMILY, 7), _one_of(_GIVEN, 11)
_PERSON: dict[str, sql.Composable] = {
    "family_name": _FAMILY_NAME,
    "given_name": _GIVEN_NAME,
    "search_text": sql.SQL(
        "lower(concat_ws(' ', {}, {}, t.birth_date - back.days, t.id + k * 10))"
    ).format(_FAMILY_NAME, _GIVEN_NAME),
}
_NUMBER: dict[str, sql.Composable] = {"value": sql.SQL("t.value || '-' || k")}
_CODE: dict[str, sql.Composable] = {"code": sql.SQL("'NORD-' || k * 100 + t.id")}
