"""How a course is named in a file, and which days its events are counted from."""

from dataclasses import dataclass
from datetime import date

from django.db.models import DateField, OuterRef, QuerySet, Subquery

from patients.models import Anchor, Course
from patients.models.courses import AnchorKind


@dataclass(frozen=True)
class CourseKey:
    """A course as a file names it; its events are counted from the latest infusion and enrolment.

    `shift_days` is added to every date of the course, so that intervals stay, and what could tell
    the true ones is left out; 0 leaves everything. `zone` is that of the centre's clock.
    """

    course_id: int
    code: str
    zone: str
    infused_on: date | None
    enrolled_on: date | None
    shift_days: int = 0


def keys_of(courses: QuerySet[Course]) -> dict[int, CourseKey]:
    """The keys of `courses` by id, under the code the centre gave them; one query."""
    found = courses.order_by().values_list(
        "pk",
        "code",
        "centre__time_zone",
        _actual(AnchorKind.INFUSION),
        _actual(AnchorKind.ENROLMENT),
    )
    return {row[0]: CourseKey(*row) for row in found}


def _actual(kind: AnchorKind) -> Subquery:
    happened = Anchor.objects.filter(course=OuterRef("pk"), kind=kind, actual_on__isnull=False)
    latest = happened.order_by("-occurrence").values("actual_on")[:1]
    return Subquery(latest, output_field=DateField())
