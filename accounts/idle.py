"""How a session ends by itself: after a while without use, and at the end of a working day."""

import json
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.held_forms import held_answer, held_of
from accounts.models import User
from accounts.problems import problem_response
from audit.recording import record

# The mark is written at most this often, which saves a write on most requests. The time-out is
# longer by as much, so that nobody is signed out before IDLE_MINUTES have passed.
MARK_SECONDS = 60
# A page that asks the server by itself says so with this header: that is no use by a person.
BACKGROUND_HEADER = "X-Background"
_STARTED, _LAST_USED = "started_at", "last_used_at"


def begin_session(session: SessionBase, now: datetime) -> None:
    """Start both clocks of a session: its whole life and the time without use."""
    session[_STARTED] = session[_LAST_USED] = now.timestamp()


class IdleTimeoutMiddleware:
    """Signs out who was idle too long, and lets no cache keep a signed-in answer.

    Stands after the message, htmx and request-id middleware, whose work it uses.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        signed_in = isinstance(request.user, User)
        user = request.user
        ended = isinstance(user, User) and _end_if_over(request, user)
        if isinstance(user, User) and ended:
            response = _answer_ended(request, user, str(ended))
        else:
            response = _answer_gone(request) or self.get_response(request)
        # Asked again: a token signs in during the view, and the sign-in page does.
        if request.user.is_authenticated:
            response["Cache-Control"] = "no-store"
        elif _is_fragment(request) and _leads_to_sign_in(response):
            # Following the redirect would put the sign-in page into the middle of this one.
            return _answer_fragment(request, _("Sign in to go on."))
        elif signed_in:
            # The next person at this device must not leaf back to what was shown.
            response["Clear-Site-Data"] = '"cache"'
        return response


def _end_if_over(request: HttpRequest, user: User) -> str:
    """Sign `user` out when the session is over and return why in words, else an empty string."""
    now = timezone.now()
    session = request.session
    if _STARTED not in session or _LAST_USED not in session:
        begin_session(session, now)
    unused = now.timestamp() - session[_LAST_USED]
    if now.timestamp() - session[_STARTED] > settings.SESSION_COOKIE_AGE:
        why, text = "longest life", _("You were signed out because a session ends after a day.")
    elif unused > settings.IDLE_MINUTES * 60 + MARK_SECONDS:
        text = _("You were signed out because the site was not used for a while.")
        why = "idle"
    else:
        if unused >= MARK_SECONDS and BACKGROUND_HEADER not in request.headers:
            session[_LAST_USED] = now.timestamp()
        return ""
    record(actor=user, now=now, action="session.time_out", obj=user, reason=why)
    logout(request)
    return text


def _answer_ended(request: HttpRequest, user: User, text: str) -> HttpResponse:
    """Say that the session of `user` ended, in the way the asker understands."""
    if request.path.startswith("/api/"):
        return problem_response(401, "session_ended", text)
    if _is_fragment(request):
        return _answer_fragment(request, text)
    held = held_of(request, user)
    if held:
        return held_answer(request, held, text)
    messages.warning(request, text)
    if request.method in ("GET", "HEAD"):
        return HttpResponseRedirect(_sign_in_url(request.get_full_path()))
    return HttpResponseRedirect(_sign_in_url(_own_path(request, "Referer")))


def _answer_gone(request: HttpRequest) -> HttpResponse | None:
    """Keep what was typed into a form whose session is there no more, cookie or row; else None."""
    if request.user.is_authenticated or _is_fragment(request):
        return None
    held = held_of(request)
    return held_answer(request, held, _("You are not signed in any more.")) if held else None


def _is_fragment(request: HttpRequest) -> bool:
    return "HX-Request" in request.headers or BACKGROUND_HEADER in request.headers


def _answer_fragment(request: HttpRequest, text: str) -> HttpResponse:
    """Answer 401 with the event `session-ended`: going away would lose what was typed."""
    event = {"session-ended": {"signIn": _sign_in_url(_own_path(request, "HX-Current-URL"))}}
    return HttpResponse(text, status=401, headers={"HX-Trigger": json.dumps(event)})


def _leads_to_sign_in(response: HttpResponse) -> bool:
    sign_in = resolve_url(settings.LOGIN_URL)
    return response.status_code == 302 and urlsplit(response["Location"]).path == sign_in


def _own_path(request: HttpRequest, header: str) -> str:
    """The path and query of the page that `header` names, empty when it is not of this site."""
    page = urlsplit(request.headers.get(header, ""))
    if page.netloc != request.get_host():
        return ""
    return f"{page.path}?{page.query}" if page.query else page.path


def _sign_in_url(back: str) -> str:
    """The sign-in page, coming back to the path `back` of this site."""
    sign_in = resolve_url(settings.LOGIN_URL)
    return f"{sign_in}?{urlencode({'next': back})}" if back else sign_in
