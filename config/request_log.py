"""One line of log per request, without what was asked for: a search has a name in it."""

from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware


class PathOnlyRequestMiddleware(RequestMiddleware):
    """Logs the method and the path of a request; never its query."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        """Method and path, such as `GET /courses/7/`."""
        return f"{request.method} {request.path}"
