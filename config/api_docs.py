"""The API's schema and its documentation page, which works offline and under the strict CSP."""

from csp.constants import SELF
from csp.decorators import csp_update
from django.utils.decorators import method_decorator
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.views import APIView


class SchemaView(SpectacularAPIView):
    """The schema as OpenAPI."""


# Its style sheet draws icons from data: addresses; nothing else of the page needs an exception.
@method_decorator(csp_update({"img-src": [SELF, "data:"]}), name="dispatch")
class DocsView(SpectacularSwaggerSplitView):
    """The documentation page, with its script in a file of its own."""

    url_name = "api-schema"


class UnknownAddressView(APIView):
    """Any other address under the API: a problem, not a page."""

    schema = None

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        """After the check of who asks, say that there is nothing."""
        super().initial(request, *args, **kwargs)
        raise NotFound
