"""The files for registries in the API."""

from django.http import StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from accounts.api_answers import problems
from accounts.api_requests import ApiView, StrictInput, WordsField
from exports.asking import LONGEST_TEXT
from exports.registry_views import file_or_404
from exports.requesting_registry import request_registry
from exports.views import download

_ANSWERS = {(200, "text/csv"): OpenApiTypes.STR} | problems(400, 401, 403, 404, 415, 422, 429)


class RegistryIn(StrictInput):
    """What a file for a registry is for."""

    purpose = WordsField(
        max_length=LONGEST_TEXT,
        help_text="What for: kept in the audit. No name belongs here.",
    )


class RegistryCsvView(ApiView):
    """A file shaped for a registry."""

    @extend_schema(
        summary="Download a file shaped for a registry", request=RegistryIn, responses=_ANSWERS
    )
    def post(self, request: Request, name: str) -> StreamingHttpResponse:
        """Stream `cibmtr-4000`, `cibmtr-4100`, `ebmt-day-0` or `ebmt-follow-up` as CSV.

        True dates under the code of the course, no names. What nobody recorded is empty, and its
        key stands in the last column, `missing`.
        """
        file, said = file_or_404(name), self.received(RegistryIn)
        return download(
            request_registry(
                file=file, purpose=said["purpose"], actor=self.actor, now=timezone.now()
            )
        )
