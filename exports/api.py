"""Timelines in the API: rows of one course, and the same files as on the pages."""

from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_answers import problems, reading
from accounts.api_requests import ApiView, actor_of
from exports import requesting
from exports.timeline import course_timeline
from exports.views import download
from pathway.domain.outcomes import Outcome
from pathway.intention import as_intended, intended
from patients.reading import course_read


class TimelineRowOut(serializers.Serializer[Any]):
    """One event of a course, as in the file."""

    course = serializers.CharField()
    seq = serializers.IntegerField()
    event_code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    event_date = serializers.CharField(help_text="As far as known: 2021, 2022-03, 2022-03-14.")
    date_precision = serializers.ChoiceField(choices=["day", "month", "year", ""])
    rel_day_D0 = serializers.IntegerField(allow_null=True)  # noqa: N815 - the column's name
    rel_day_enrolment = serializers.IntegerField(allow_null=True)
    value = serializers.CharField()
    unit = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    entered_by = serializers.CharField()
    entered_at = serializers.DateTimeField(allow_null=True)


class TimelineView(ListAPIView[Any]):
    """The timeline of a course."""

    serializer_class = TimelineRowOut

    @reading("Read a course's timeline")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List every event in the order of dates; those without a date come last."""
        actor = actor_of(request)
        course = course_read(actor, kwargs["pk"], now=timezone.now())
        rows = course_timeline(actor, course)
        page: Any = self.paginate_queryset(rows)
        return self.get_paginated_response(TimelineRowOut(page, many=True).data)


class IntendedOut(serializers.Serializer[Any]):
    """An enrolled course by intention to treat; dates are null where the data are withdrawn."""

    course_id = serializers.IntegerField()
    code = serializers.CharField()
    enrolled_on = serializers.DateField(allow_null=True)
    outcome = serializers.ChoiceField(choices=[one.value for one in Outcome])
    infused_on = serializers.DateField(allow_null=True)
    stage = serializers.CharField()
    left = serializers.CharField(help_text="The stage it ended at; empty while under way.")
    ended_on = serializers.DateField(allow_null=True)
    exit_reason = serializers.CharField(help_text="A code of the protocol; empty if not coded.")
    died_on = serializers.DateField(allow_null=True)
    withheld = serializers.BooleanField(
        help_text="The patient withdrew the use of the data, or nobody knows how far it went."
    )


class IntentionView(ListAPIView[Any]):
    """Enrolled courses by intention to treat."""

    serializer_class = IntendedOut

    @reading("List courses by intention to treat")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List every enrolled course by code, infused or not, with why it ended."""
        page: Any = self.paginate_queryset(intended(actor_of(request)))
        rows = [as_intended(journey) for journey in page]
        return self.get_paginated_response(IntendedOut(rows, many=True).data)


_CSV = {(200, "text/csv"): OpenApiTypes.STR} | problems(401, 403, 404)


class TimelineCsvView(ApiView):
    """The timeline of a course as a file."""

    @reading("Download a course's timeline", responses=_CSV)
    def get(self, request: Request, pk: int) -> StreamingHttpResponse:
        """Stream the timeline as CSV, coded: no names, no free text."""
        file = requesting.request_course_timeline(
            course_id=pk, actor=self.actor, now=timezone.now()
        )
        return download(file)


class TimelinesCsvView(ApiView):
    """Every timeline as a file."""

    @reading("Download every timeline", responses=_CSV)
    def get(self, request: Request) -> StreamingHttpResponse:
        """Stream the timelines of every course one may see as one CSV."""
        return download(requesting.request_timelines(actor=self.actor, now=timezone.now()))
