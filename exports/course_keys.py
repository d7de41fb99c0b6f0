"""How a course is named in a file, and which days its events are counted from."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import DateField, OuterRef, QuerySet, Subquery

from exports.domain.typed_words import Telling, telling_words
from patients.models import Anchor, Course, Identifier
from patients.models.courses import AnchorKind


@dataclass(frozen=True)
class CourseKey:
    """A course as a file names it; its events are counted from the latest infusion and enrolment.

    `shift_days` is added to every date of the course, so that intervals stay, and what could tell
    the true ones is left out; 0 leaves everything. `zone` is that of the centre's clock, `telling`
    what names the patient, for what somebody typed: it leaves in no file.
    """

    course_id: int
    protocol_id: int
    code: str
    zone: str
    infused_on: date | None
    enrolled_on: date | None
    shift_days: int = 0
    telling: Telling = field(default=(), repr=False)


def keys_of(courses: QuerySet[Course]) -> dict[int, CourseKey]:
    """The keys of `courses` by id, under the code the centre gave them; one query."""
    found = courses.order_by().values_list(
        "pk",
        "protocol",
        "code",
        "centre__time_zone",
        _actual(AnchorKind.INFUSION),
        _actual(AnchorKind.ENROLMENT),
        "patient__family_name",
        "patient__given_name",
        "patient__birth_date",
        issued_numbers(),
    )
    return {row[0]: _key(*row) for row in found}


def _key(pk: int, protocol: int, code: str, zone: str, *rest: Any) -> CourseKey:
    infused_on, enrolled_on, family_name, given_name, born, numbers = rest
    telling = telling_words((family_name, given_name, code), numbers, born)
    return CourseKey(pk, protocol, code, zone, infused_on, enrolled_on, telling=telling)


def issued_numbers() -> ArraySubquery:
    """Every number the patient of a course ever had, those in error too: each was typed once."""
    issued = Identifier.all_rows.filter(patient=OuterRef("patient")).order_by()
    return ArraySubquery(issued.values("value"))


def _actual(kind: AnchorKind) -> Subquery:
    happened = Anchor.objects.filter(course=OuterRef("pk"), kind=kind, actual_on__isnull=False)
    latest = happened.order_by("-occurrence").values("actual_on")[:1]
    return Subquery(latest, output_field=DateField())
