"""Files of one course in the API: the same as on its page."""

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request

from accounts.api_answers import problems, reading
from accounts.api_requests import ApiView
from exports.one_course_views import bundle_answer, pdf_answer, sheet_answer
from exports.requesting_one import request_bundle, request_timeline_pdf
from exports.writers.fhir.bundle import MEDIA_TYPE

_BUNDLE = {(200, MEDIA_TYPE): OpenApiTypes.OBJECT} | problems(401, 403, 404, 422)

_XLSX = {(200, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"):
         OpenApiTypes.BINARY} | problems(401, 403, 404, 422)  # fmt: skip
_JSON = {(200, "application/json"): OpenApiTypes.OBJECT} | problems(401, 403, 404, 422)
_PDF = {(200, "application/pdf"): OpenApiTypes.BINARY} | problems(401, 403, 404, 422)


class TimelinePdfView(ApiView):
    """The timeline of a course as PDF."""

    @reading("Download a course's timeline as PDF", responses=_PDF)
    def get(self, request: Request, pk: int) -> HttpResponse:
        """Answer the timeline on A4 pages in the language asked for, coded as in the CSV."""
        now = timezone.now()
        name, made = request_timeline_pdf(course_id=pk, actor=self.actor, now=now)
        return pdf_answer(made, name)


class TimelineXlsxView(ApiView):
    """The timeline of a course as a workbook."""

    @reading("Download a course's timeline as XLSX", responses=_XLSX)
    def get(self, request: Request, pk: int) -> HttpResponse:
        """Answer the timeline with typed dates, coded as in the CSV."""
        return sheet_answer(self.actor, pk, "xlsx")


class TimelineJsonView(ApiView):
    """The timeline of a course as a JSON file."""

    @reading("Download a course's timeline as JSON", responses=_JSON)
    def get(self, request: Request, pk: int) -> HttpResponse:
        """Answer the timeline as one object that says what it is, coded as in the CSV."""
        return sheet_answer(self.actor, pk, "json")


class CourseFhirView(ApiView):
    """A course as a FHIR bundle."""

    @reading("Download a course as a FHIR R4 bundle", responses=_BUNDLE)
    def get(self, request: Request, pk: int) -> HttpResponse:
        """Answer the bundle, coded: no names, no birth date, no free text."""
        name, bundle = request_bundle(course_id=pk, actor=self.actor, now=timezone.now())
        return bundle_answer(bundle, name)
