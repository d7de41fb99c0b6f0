"""Reading the chart: a course, everything on it in one query, the search, names or codes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    BigIntegerField,
    Exists,
    Model,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import JSONObject
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.models import User
from accounts.permissions import Permission
from audit.prepared import Prepared
from patients.domain.likeness import plain_words
from patients.models import (
    Allergy,
    Anchor,
    Antigen,
    CaregiverCheck,
    Comorbidity,
    Consent,
    Contact,
    ContactAttempt,
    Course,
    CourseNote,
    CsfResult,
    Death,
    Diagnosis,
    DocumentReference,
    Handover,
    Hold,
    Identifier,
    ImagingResult,
    LabResult,
    MarrowResult,
    Patient,
    Relapse,
    Stay,
    TherapyLine,
    Transplant,
)
from patients.models.courses import CourseQuerySet

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Chart:
    """Everything recorded on one course, each kind in the order of its dates."""

    anchors: tuple[Anchor, ...]
    stays: tuple[Stay, ...]
    holds: tuple[Hold, ...]
    diagnoses: tuple[Diagnosis, ...]
    lines: tuple[TherapyLine, ...]
    transplants: tuple[Transplant, ...]
    relapses: tuple[Relapse, ...]
    antigens: tuple[Antigen, ...]
    comorbidities: tuple[Comorbidity, ...]
    consents: tuple[Consent, ...]
    labs: tuple[LabResult, ...]
    marrows: tuple[MarrowResult, ...]
    images: tuple[ImagingResult, ...]
    csf: tuple[CsfResult, ...]
    allergies: tuple[Allergy, ...]
    contacts: tuple[Contact, ...]
    caregivers: tuple[CaregiverCheck, ...]
    documents: tuple[DocumentReference, ...]
    attempts: tuple[ContactAttempt, ...]
    handovers: tuple[Handover, ...]
    notes: tuple[CourseNote, ...]
    identifiers: tuple[Identifier, ...]
    deaths: tuple[Death, ...]

    @property
    def death(self) -> Death | None:
        """The recorded death that nobody withdrew."""
        return next((death for death in self.deaths if death.withdrawn_at is None), None)

    @property
    def open_holds(self) -> tuple[Hold, ...]:
        """What is on hold now."""
        return tuple(hold for hold in self.holds if hold.ended_on is None)

    @property
    def open_stay(self) -> Stay | None:
        """Where the patient lies now, if in hospital."""
        return next((stay for stay in self.stays if stay.ended_on is None), None)


# Name in the chart: model, its order, and the column of the course that its rows refer to.
_PARTS: dict[str, tuple[type[Model], str, str]] = {
    "anchors": (Anchor, "occurrence", "course"),
    "stays": (Stay, "began_on", "course"),
    "holds": (Hold, "began_on", "course"),
    "diagnoses": (Diagnosis, "on", "course"),
    "lines": (TherapyLine, "on", "course"),
    "transplants": (Transplant, "on", "course"),
    "relapses": (Relapse, "on", "course"),
    "antigens": (Antigen, "antigen", "course"),
    "comorbidities": (Comorbidity, "on", "course"),
    "consents": (Consent, "on", "course"),
    "labs": (LabResult, "on", "course"),
    "marrows": (MarrowResult, "on", "course"),
    "images": (ImagingResult, "on", "course"),
    "csf": (CsfResult, "on", "course"),
    "allergies": (Allergy, "on", "course"),
    "contacts": (Contact, "on", "course"),
    "caregivers": (CaregiverCheck, "on", "course"),
    "documents": (DocumentReference, "on", "course"),
    "attempts": (ContactAttempt, "on", "course"),
    "handovers": (Handover, "on", "course"),
    "notes": (CourseNote, "recorded_at", "course"),
    "identifiers": (Identifier, "pk", "patient"),
    "deaths": (Death, "pk", "patient"),
}


def chart_of(course: Course) -> Chart:
    """Everything recorded on `course`, in one query: each kind of row as an array of objects."""
    parts: dict[str, Any] = {
        name: tuple(_revive(model, row) for row in rows)
        for (name, (model, _, _)), rows in zip(
            _PARTS.items(), _ROWS_OF_PARTS.one(course.pk), strict=True
        )
    }
    return Chart(**parts)


_ROWS_OF_PARTS = Prepared(
    lambda course: Course.objects.filter(pk=course).values_list(
        *(_as_array(*part) for part in _PARTS.values())
    )
)


def course_or_404(user: User, course_id: int) -> Course:
    """A course `user` may see, with patient, protocol and responsible people, or Http404."""
    seen = user.may(Permission.READ_COURSES) and course_id <= BigIntegerField.MAX_BIGINT
    found = _COURSE(course_id, user.working_centre_id) if seen else []
    if not found:
        raise Http404
    return found[0]


# What the protocol says is long and kept in memory: see settings_of.
_COURSE = Prepared(
    lambda course, centre: (
        Course.objects.of_centre(centre)
        .select_related("patient", "centre", "protocol", "coordinator", "haematologist")
        .defer("protocol__data")
        .filter(pk=course)
    )
)


def patient_or_404(user: User, patient_id: int) -> Patient:
    """A patient `user` may see, or Http404."""
    seen = Patient.objects.visible_to(user).select_related("centre")
    return get_object_or_404(seen, pk=patient_id)


def hold_or_404(user: User, hold_id: int) -> Hold:
    """A hold on a course `user` may see, or Http404."""
    seen = Hold.objects.filter(course__in=Course.objects.visible_to(user))
    return get_object_or_404(seen.select_related("course__centre"), pk=hold_id)


def consent_or_404(user: User, consent_id: int) -> Consent:
    """A consent on a course `user` may see, or Http404."""
    seen = Consent.objects.filter(course__in=Course.objects.visible_to(user))
    return get_object_or_404(seen.select_related("course__centre"), pk=consent_id)


def person_label(user: User, patient: Patient, course: Course | None) -> str:
    """`ROSSI, Maria` for who may see names, else the code of the course."""
    if user.may(Permission.SEE_IDENTITY):
        return f"{patient.family_name.upper()}, {patient.given_name}"
    return course.code if course is not None else "–"


def searched(user: User, courses: CourseQuerySet, text: str) -> CourseQuerySet:
    """The courses with every word of `text` in the code, or in a name or number.

    Names and numbers only for somebody who may see those.
    """
    named = user.may(Permission.SEE_IDENTITY)
    for word in plain_words(text).split():
        coded = Q(code__icontains=word)
        courses = courses.filter(coded | Q(patient__search_text__contains=word) if named else coded)
    return courses


def search_patients(user: User, text: str = "") -> QuerySet[Patient]:
    """Patients `user` may see whose name, birth date, number or course code hold every word typed.

    Who may not see names searches by course code only, and finds in the order of registration:
    an alphabet would tell something of the names.
    """
    named = user.may(Permission.SEE_IDENTITY)
    found = Patient.objects.visible_to(user)
    for word in plain_words(text).split():
        coded = Q(
            Exists(
                Course.objects.filter(patient=OuterRef("pk"), error_cause="", code__icontains=word)
            )
        )
        found = found.filter(coded | Q(search_text__contains=word) if named else coded)
    order = ("family_name", "given_name", "pk") if named else ("pk",)
    # Part of the same query: at most one death of a patient stands.
    died_on = Death.objects.filter(patient=OuterRef("pk"), withdrawn_at=None).values("died_on")
    return (
        found.order_by(*order)
        .annotate(died_on=Subquery(died_on))
        .prefetch_related(
            Prefetch("courses", Course.objects.visible_to(user).order_by("pk")),
            Prefetch("identifiers", Identifier.objects.order_by("pk")),
        )
    )


def _as_array(model: type[Model], order: str, owner: str) -> ArraySubquery:
    owned = {owner: OuterRef("pk" if owner == "course" else "patient_id")}
    columns = {field.attname: field.attname for field in model._meta.concrete_fields}
    rows = model._default_manager.filter(**owned).order_by(order, "pk")
    return ArraySubquery(rows.values(row=JSONObject(**columns)))


def _revive(model: type[M], row: dict[str, Any]) -> M:
    fields: Iterable[Any] = model._meta.concrete_fields
    values = [(field.attname, field.to_python(row[field.attname])) for field in fields]
    return model.from_db("default", [name for name, _ in values], [value for _, value in values])
