"""How every app shapes its rows for the timeline: the columns, one kind of row, the texts in it."""

from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    DateField,
    DateTimeField,
    F,
    Func,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Concat, Length, NullIf, Substr
from django.db.models.lookups import Exact, IsNull

from patients.models import Course

COLUMNS = (
    "course_id", "event_code", "label", "event_date", "date_precision", "sort_date",
    "value", "unit", "source", "entered_by", "entered_at", "identifying",
)  # fmt: skip
CORRECTED = "CORRECTED"  # what stood before a correction, on the day of the correction
Rows = QuerySet[Course, dict[str, object]]


def row_of(
    courses: QuerySet[Course],
    rel: str,
    *,
    on: Combinable,
    code: str | Combinable,
    label: str | Combinable,
    value: Combinable | None = None,
    unit: Combinable | None = None,
    by: str = "recorded_by",
    at: str = "recorded_at",
    source: str = "source",
    identifying: bool = False,
    where: Q | Combinable | None = None,
) -> Rows:
    """One kind of row. `rel` leads from the course to its table, `where` picks among its rows."""
    # One filter() with everything: a second one on the same relation would join it again.
    conditions = [_stands(rel), *([where] if where is not None else [])]
    picked = courses.filter(*conditions)
    dated = picked.annotate(event_date=text(on))
    built: Rows = dated.annotate(
        course_id=F("pk"),
        event_code=text(code),
        label=text(label),
        date_precision=on.precision() if isinstance(on, WholeDay) else _precision(),
        sort_date=on.day if isinstance(on, WholeDay) else _first_day(),
        value=text(value or ""),
        unit=text(unit or ""),
        source=text(F(f"{rel}__{source}") if source else ""),
        entered_by=text(F(f"{rel}__{by}") if by else ""),
        entered_at=F(f"{rel}__{at}") if at else Cast(Value(None), DateTimeField()),
        identifying=Value(identifying, BooleanField()),
    ).values(*COLUMNS)
    return built


def _stands(rel: str) -> Q:
    """There is such a row, and it was not entered in error."""
    there = Q(**{f"{rel}__isnull": False})
    model: type[Any] = Course
    for step in rel.split("__"):
        model = model._meta.get_field(step).related_model
    kept = any(field.name == "in_error" for field in model._meta.concrete_fields)
    return there & Q(**{f"{rel}__in_error": False}) if kept else there


def unreplaced(rel: str) -> Q:
    """No later row replaces it.

    Asked of the column that is joined by: of any other the planner takes every row to be replaced,
    and looks for the few it expects one after the other.
    """
    return Q(**{f"{rel}__replaced_by__replaces": None})


def choice(field: str, texts: dict[str, str]) -> Case:
    """The text for the code in `field`; the code itself where there is none."""
    whens = [When(**{field: key}, then=Value(text)) for key, text in texts.items()]
    return Case(*whens, default=F(field), output_field=CharField())


def text(value: str | Combinable) -> Cast:
    """Text, whatever it was: a UNION wants the same type in every part."""
    return Cast(Value(value) if isinstance(value, str) else value, TextField())


def trim(value: Combinable) -> Func:
    """Without blanks around it."""
    return Func(value, function="BTRIM", output_field=TextField())


def number(field: str) -> Cast:
    """A number as text, without trailing zeros."""
    return Cast(Func(F(field), function="TRIM_SCALE", output_field=TextField()), TextField())


class WholeDay(Func):
    """A date that is known to the day, as ISO text."""

    function = "TO_CHAR"

    def __init__(self, day: Combinable) -> None:
        """`day` is a date in the database: nobody has to read the text to know it again."""
        super().__init__(day, Value("YYYY-MM-DD"), output_field=TextField())
        self.day = day

    def precision(self) -> Case:
        """To the day; nothing where there is none."""
        known = When(IsNull(self.day, False), then=Value("day"))
        return Case(known, default=Value(""), output_field=TextField())


def local_day(field: str) -> WholeDay:
    """The day of a moment at the course's centre, as ISO text."""
    zone = F("centre__time_zone")
    local = Func(zone, F(field), function="TIMEZONE", output_field=DateTimeField())
    return WholeDay(Cast(local, DateField()))


def day(field: str) -> WholeDay:
    """A date as ISO text."""
    return WholeDay(F(field))


def _precision() -> Case:
    named = {4: "year", 7: "month", 10: "day"}
    return Case(
        *[
            When(Exact(Length("event_date"), size), then=Value(name))
            for size, name in named.items()
        ],
        default=Value(""),
        output_field=TextField(),
    )


def _first_day() -> Cast:
    """Fill up what is not known: 2021 with -01-01, 2021-03 with -01; nothing known is NULL."""
    blank = "YYYY-01-01"
    rest = Substr(Value(blank), Length("event_date") + 1)
    filled = NullIf(Concat("event_date", rest, output_field=TextField()), Value(blank))
    return Cast(filled, DateField())
