"""The files for registries in the API."""

from django.http import StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request

from accounts.api_answers import problems, reading
from accounts.api_requests import ApiView
from exports.registry_views import file_or_404
from exports.requesting_registry import request_registry
from exports.views import download

_CSV = {(200, "text/csv"): OpenApiTypes.STR} | problems(401, 403, 404)


class RegistryCsvView(ApiView):
    """A file shaped for a registry."""

    @reading("Download a file shaped for a registry", responses=_CSV)
    def get(self, request: Request, name: str) -> StreamingHttpResponse:
        """Stream `cibmtr-4000`, `cibmtr-4100`, `ebmt-day-0` or `ebmt-follow-up` as CSV, coded.

        What nobody recorded is empty, and its key stands in the last column, `missing`.
        """
        file = file_or_404(name)
        return download(request_registry(file=file, actor=self.actor, now=timezone.now()))
