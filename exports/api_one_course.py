"""Files of one course in the API: the same as on its page."""

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request

from accounts.api_answers import problems, reading
from accounts.api_requests import ApiView
from exports.one_course_views import bundle_answer
from exports.requesting_one import request_bundle
from exports.writers.fhir.bundle import MEDIA_TYPE

_BUNDLE = {(200, MEDIA_TYPE): OpenApiTypes.OBJECT} | problems(401, 403, 404, 422)


class CourseFhirView(ApiView):
    """A course as a FHIR bundle."""

    @reading("Download a course as a FHIR R4 bundle", responses=_BUNDLE)
    def get(self, request: Request, pk: int) -> HttpResponse:
        """Answer the bundle, coded: no names, no birth date, no free text."""
        name, bundle = request_bundle(course_id=pk, actor=self.actor, now=timezone.now())
        return bundle_answer(bundle, name)
