"""Courses in the API: list, referral, reading one, who is responsible."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.generics import ListCreateAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_answers import IF_MATCH, reading, writing
from accounts.api_requests import (
    ApiView,
    DayField,
    IdField,
    StrictInput,
    TextField,
    WordsField,
    actor_of,
    body_of,
    filters_of,
    naming,
    needed_version,
    read,
    with_etag,
)
from accounts.models import User
from pathway.api.answers import STAGES, CourseDetail, CourseRow, course_detail, course_row
from pathway.loading import CourseState
from pathway.referring import NewCourse, add_course, refer
from pathway.selectors import course_state, listed_courses
from patients.api.people import PatientIn, new_patient
from patients.models import Course
from patients.reading import note_chart_read
from patients.responsible import set_responsible
from patients.selectors import course_or_404, patient_or_404
from terms.day_numbers import local_date


class CourseFilters(serializers.Serializer[Any]):
    """What the list is narrowed to."""

    stage = serializers.ChoiceField(choices=STAGES, required=False)
    search = TextField(100)
    centre = serializers.SlugField(max_length=12, required=False, help_text="A centre's code.")
    mine = serializers.BooleanField(
        required=False, help_text="Courses one coordinates or is the haematologist of."
    )


class CourseIn(StrictInput):
    """A course: of a patient already known by `patient_id`, or with a new `patient`."""

    patient_id = IdField(required=False)
    patient = PatientIn(required=False)
    protocol = WordsField(max_length=60, help_text="The code of a published protocol.")
    referred_on = DayField()
    coordinator_id = IdField(required=False, allow_null=True)
    haematologist_id = IdField(required=False, allow_null=True)
    distinct_reason = TextField()

    def validate(self, attrs: Any) -> Any:
        """One patient, and only one way to say which."""
        if ("patient_id" in attrs) == ("patient" in attrs):
            raise serializers.ValidationError(
                {"patient": _("Give either patient_id or patient.")}, code="one_patient"
            )
        return attrs


class ResponsibleIn(StrictInput):
    """Who is responsible; what is left out stays, null clears."""

    coordinator_id = IdField(required=False, allow_null=True)
    haematologist_id = IdField(required=False, allow_null=True)

    def validate(self, attrs: Any) -> Any:
        """Nothing to change is a mistake of the caller."""
        if not attrs:
            raise serializers.ValidationError(_("Nothing is given to change."), code="required")
        return attrs


class CoursesView(ListCreateAPIView[Course]):
    """Courses one may see."""

    serializer_class = CourseRow
    queryset = Course.objects.none()

    @reading("List courses", parameters=[CourseFilters])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List courses by code; whoever may not see identities searches by code only."""
        actor, filters = actor_of(request), filters_of(request, CourseFilters)
        page = self.paginate_queryset(listed_courses(actor, **filters)) or []
        now = timezone.now()
        rows = [course_row(actor, course, local_date(now, course.centre.zone)) for course in page]
        return self.get_paginated_response(rows)

    @writing("Refer a patient", CourseIn, CourseDetail)
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Start a course at referral, with its patient when `patient` is given."""
        actor = actor_of(request)
        course = _referred(actor, read(CourseIn, body_of(request), actor))
        return _answer(actor, course_state(actor, course.pk), status=201)


class CourseView(ApiView):
    """One course."""

    @reading("Read a course", CourseDetail)
    def get(self, request: Request, pk: int) -> Response:
        """Read a course with dates, delays, stays and companions; the audit keeps the reading."""
        state = course_state(self.actor, pk)
        note_chart_read(state.course, actor=self.actor, now=timezone.now())
        return _answer(self.actor, state)

    @writing(
        "Say who is responsible",
        ResponsibleIn,
        CourseDetail,
        status=200,
        statuses=(428,),
        parameters=[IF_MATCH],
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Set or clear the coordinator and the haematologist; needs `If-Match`."""
        course = course_or_404(self.actor, pk)
        version = needed_version(request, pk)
        given = self.received(ResponsibleIn)
        with naming({"coordinator": "coordinator_id", "haematologist": "haematologist_id"}):
            set_responsible(
                course_id=pk,
                coordinator_id=given.get("coordinator_id", course.coordinator_id),
                haematologist_id=given.get("haematologist_id", course.haematologist_id),
                expected_version=version,
                actor=self.actor,
                now=timezone.now(),
            )
        return _answer(self.actor, course_state(self.actor, pk))


# What the services call the inputs that stand beside `patient`.
_OWN_NAMES = {"protocol_code": "protocol"} | {
    name: name for name in ("referred_on", "coordinator_id", "haematologist_id", "distinct_reason")
}


def _referred(actor: User, given: dict[str, Any]) -> Course:
    asked = NewCourse(
        protocol_code=given["protocol"],
        referred_on=given["referred_on"],
        coordinator_id=given.get("coordinator_id"),
        haematologist_id=given.get("haematologist_id"),
    )
    if "patient_id" in given:
        patient = patient_or_404(actor, given["patient_id"])
        with naming(_OWN_NAMES):
            return add_course(patient_id=patient.pk, course=asked, actor=actor, now=timezone.now())
    with naming(_OWN_NAMES, within="patient"):
        return refer(
            patient=new_patient(given["patient"]),
            course=asked,
            distinct_reason=given["distinct_reason"],
            actor=actor,
            now=timezone.now(),
        )


def _answer(actor: User, state: CourseState, status: int = 200) -> Response:
    course = state.course
    today = local_date(timezone.now(), course.centre.zone)
    response = Response(course_detail(actor, state, today), status=status)
    with_etag(response, course.pk, course.version)
    return response
