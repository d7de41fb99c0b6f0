"""From errors to answers: pages for people; the API's answers are in problems.py, but a crash."""

from collections.abc import Callable

import structlog
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.defaults import server_error

from accounts.held_forms import held_of, kept_answer
from accounts.problems import problem_response
from accounts.refusing import note_refusal, status_of, told_to
from accounts.wording import refusal_view
from config.unreadable import unreadable_page
from protocol.domain.loading import ProtocolInvalid
from terms.refusals import Refused

logger = structlog.get_logger(__name__)


class RefusalMiddleware:
    """Turns a refusal that no view has answered into a page with every reason."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer refusals, unknown rows and protocols that cannot be read.

        Anything else is a fault and stays one.
        """
        if isinstance(exception, Refused):
            note_refusal(request.user, exception, request.path, now=timezone.now())
            return refusal_page(request, exception)
        if isinstance(exception, ObjectDoesNotExist):
            raise Http404 from exception
        if isinstance(exception, ProtocolInvalid):
            return unreadable_page(request, exception)
        return None


def refusal_page(request: HttpRequest, refused: Refused) -> HttpResponse:
    """The page that lists every reason and who may."""
    return render(
        request,
        "refused.html",
        {
            "refusals": [
                refusal_view(refusal) for refusal in told_to(request.user, refused.refusals)
            ],
            "typed": _typed(request),
        },
        status=status_of(refused),
    )


def _typed(request: HttpRequest) -> dict[str, str]:
    """The words of a form that cannot be shown again, so that they are not lost."""
    labels = {"happened_at": _("When it happened"), "reason": _("Reason")}
    return {label: request.POST[name] for name, label in labels.items() if request.POST.get(name)}


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page for a form that was open longer than the session; a bedside one is kept."""
    logger.info("csrf_failure", reason=reason)
    held = "" if "HX-Request" in request.headers else held_of(request)
    if held:
        return kept_answer(request, held)
    return render(request, "403.html", {"stale_form": True}, status=403)


def crash(request: HttpRequest) -> HttpResponse:
    """The answer to a fault of ours: a page, or under the API a problem."""
    if request.path.startswith("/api/"):
        text = _("Something broke. Nothing of this request was saved; the fault is in the log.")
        return problem_response(500, "server_error", text)
    return server_error(request)
