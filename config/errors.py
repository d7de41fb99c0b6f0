"""From errors to answers: pages for people; the API's answers are in problems.py."""

from collections.abc import Callable

import structlog
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.models import User
from audit.recording import record
from terms.refusals import NotAllowed, Refused, StaleVersion

logger = structlog.get_logger(__name__)


def status_of(refused: Refused) -> int:
    """The HTTP status that says what kind of refusal this is."""
    if isinstance(refused, NotAllowed):
        return 403
    return 409 if isinstance(refused, StaleVersion) else 422


def note_refusal(user: object, refused: Refused, where: str) -> None:
    """Keep in the audit that somebody was refused; the refused write itself was rolled back."""
    if isinstance(user, User) and user.is_authenticated:
        record(
            actor=user,
            now=timezone.now(),
            action="refused",
            after={"where": where, "codes": [refusal.code for refusal in refused.refusals]},
        )


class RefusalMiddleware:
    """Turns a refusal that no view has answered into a page with every reason."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer refusals and unknown rows; anything else is a fault and stays one."""
        if isinstance(exception, Refused):
            note_refusal(request.user, exception, request.path)
            return refusal_page(request, exception)
        if isinstance(exception, ObjectDoesNotExist):
            raise Http404 from exception
        return None


def refusal_page(request: HttpRequest, refused: Refused) -> HttpResponse:
    """The page that lists every reason and who may."""
    return render(
        request, "refused.html", {"refusals": refused.refusals}, status=status_of(refused)
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page for a form that was open longer than the session."""
    logger.info("csrf_failure", reason=reason)
    return render(request, "403.html", {"stale_form": True}, status=403)
