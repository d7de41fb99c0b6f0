"""What stands of some courses, read at once: a mapping to another form looks at nothing else."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from django.db.models import F, Model, Q, QuerySet

from exports.course_keys import issued_numbers
from exports.domain.typed_words import Telling, telling_words
from pathway import models as pathway
from pathway.models import Change, Journey
from pathway.standing import as_corrected, standing_changes
from patients import models as patients
from patients.models import Anchor, Course, Death
from patients.models.courses import AnchorKind
from reminders.models import Reminder
from toxicity import models as toxicity
from toxicity import standing_grades
from toxicity.models import first_entry
from toxicity.standing_grades import Standing

M = TypeVar("M", bound=Model)
_STANDS = Q(replaced_by=None)
_ITEMS, _MEETINGS = pathway.EligibilityEntry.objects, pathway.Meeting.objects
# Of each table what still counts, and the way from its rows to the course.
SOURCES: "Mapping[type[Model], tuple[QuerySet[Any], str]]" = {
    Anchor: (Anchor.objects.all(), "course_id"),
    patients.Stay: (patients.Stay.objects.all(), "course_id"),
    patients.Hold: (patients.Hold.objects.all(), "course_id"),
    patients.Consent: (patients.Consent.objects.all(), "course_id"),
    patients.Diagnosis: (patients.Diagnosis.objects.all(), "course_id"),
    patients.TherapyLine: (patients.TherapyLine.objects.all(), "course_id"),
    patients.Transplant: (patients.Transplant.objects.all(), "course_id"),
    patients.Relapse: (patients.Relapse.objects.all(), "course_id"),
    patients.LabResult: (patients.LabResult.objects.all(), "course_id"),
    patients.MarrowResult: (patients.MarrowResult.objects.all(), "course_id"),
    patients.ImagingResult: (patients.ImagingResult.objects.all(), "course_id"),
    patients.CsfResult: (patients.CsfResult.objects.all(), "course_id"),
    Change: (Change.objects.all(), "course_id"),
    pathway.EligibilityReview: (pathway.EligibilityReview.objects.all(), "course_id"),
    pathway.EligibilityEntry: (_ITEMS.filter(_STANDS).exclude(step="withdrawn"), "course_id"),
    pathway.Meeting: (_MEETINGS.filter(_STANDS), "course_id"),
    pathway.ContainmentTherapy: (pathway.ContainmentTherapy.objects.all(), "course_id"),
    pathway.ApheresisAttempt: (pathway.ApheresisAttempt.objects.all(), "course_id"),
    pathway.Product: (pathway.Product.objects.all(), "course_id"),
    pathway.BridgingCourse: (pathway.BridgingCourse.objects.all(), "course_id"),
    pathway.Lymphodepletion: (pathway.Lymphodepletion.objects.all(), "course_id"),
    pathway.Dose: (pathway.Dose.objects.filter(_STANDS), "course_id"),
    pathway.IdentityCheck: (
        pathway.IdentityCheck.objects.prefetch_related("scans"),
        "course_id",
    ),
    pathway.Collection: (pathway.Collection.objects.all(), "attempt__course_id"),
    pathway.Certificate: (pathway.Certificate.objects.all(), "product__course_id"),
    pathway.Administration: (pathway.Administration.objects.all(), "product__course_id"),
    toxicity.Episode: (toxicity.Episode.objects.all(), "course_id"),
    toxicity.Treatment: (toxicity.Treatment.objects.standing(), "course_id"),
    toxicity.Infection: (toxicity.Infection.objects.standing(), "course_id"),
    Reminder: (Reminder.objects.all(), "course_id"),
}


@dataclass(frozen=True)
class CourseRecord:
    """One course with its patient and its rows, in the order of their entry."""

    course: Course
    journey: Journey
    death: Death | None
    rows: Mapping[type[Model], Sequence[Any]] = field(repr=False)
    grades: Sequence[Standing] = ()  # by the time of the check
    telling: Telling = field(default=(), repr=False)  # what names the patient, for typed texts

    def of(self, model: type[M]) -> tuple[M, ...]:
        """The rows of a kind that stand."""
        return tuple(self.rows.get(model, ()))

    def last(self, model: type[M], **wanted: Any) -> M | None:
        """The latest row of a kind with these values, such as the paper that counts."""
        found = [
            row
            for row in self.of(model)
            if all(getattr(row, name) == value for name, value in wanted.items())
        ]
        return found[-1] if found else None

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """What happened as it was last corrected, without what was taken back."""
        return standing_changes(as_corrected(self.of(Change)))

    def anchor(self, kind: AnchorKind) -> Anchor | None:
        """The latest occurrence of a date that happened; else the latest that is planned."""
        found = [one for one in self.of(Anchor) if one.kind == kind]
        found.sort(key=lambda one: (one.actual_on is not None, one.occurrence))
        return found[-1] if found else None

    def reached(self, machine: str, pk: int, *states: str) -> Change | None:
        """The last step of a companion into one of these states."""
        found = [
            change
            for change in self.changes
            if change.machine == machine and change.subject_id == pk and change.target in states
        ]
        return found[-1] if found else None


def read_records(
    courses: "QuerySet[Course]", models: Collection[type[Model]], *, grades: bool = False
) -> list[CourseRecord]:
    """Those of `courses` with the rows of these kinds: a query for each kind, however many.

    `courses` say who may see them; what was entered in error is among the rows of none.
    """
    told = courses.select_related("patient", "centre", "journey", "protocol")
    told = told.annotate(issued=issued_numbers())
    found = list(told.defer("protocol__data").order_by("code"))
    keys = [course.pk for course in found]
    rows: dict[int, dict[type[Model], list[Any]]] = defaultdict(lambda: defaultdict(list))
    for model in models:
        source, way = SOURCES[model]
        wanted = source.filter(**{f"{way}__in": keys}).annotate(in_course=F(way))
        for row in wanted.order_by("sequence" if model is Change else "pk"):
            rows[row.in_course][model].append(row)
    graded: dict[int, list[Standing]] = defaultdict(list)
    if grades:
        standing = standing_grades.standing_grades().filter(assessment__course__in=keys)
        for one in standing_grades.read(
            standing.order_by("assessment__observed_at", first_entry("assessment"), "pk")
        ):
            graded[one.course_id].append(one)
    dead = {
        death.patient_id: death
        for death in Death.objects.filter(
            withdrawn_at=None, patient__in=[course.patient_id for course in found]
        )
    }
    return [
        CourseRecord(
            course=course,
            journey=course.journey,
            death=dead.get(course.patient_id),
            rows=rows[course.pk],
            grades=graded[course.pk],
            telling=_telling(course),
        )
        for course in found
    ]


def _telling(course: Any) -> Telling:
    who = course.patient
    return telling_words(
        (who.family_name, who.given_name, course.code), course.issued, who.birth_date
    )
