"""What was typed into a form whose session ended: held by the page itself, to be sent again."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User

# The values lie in the answered page alone, signed for one person and one address: no session, no
# cookie and no cache has them, and nobody else can bring them in or send them. A form says who
# opened it, signed as well: no other site can, so nothing needs a token of the session to be kept.
# It needs one to be sent.
_SALT = "accounts.held_forms"
_OPENED = signing.TimestampSigner(salt="accounts.held_forms.typed_by")
_TYPED_BY = "typed_by"
_OF_THE_PAGE = frozenset({"csrfmiddlewaretoken", _TYPED_BY})
_MOST = 50_000  # characters
_SECONDS = 24 * 3600
_OTHER_PERSON, _SIGNED_OUT, _READY = 403, 401, 200

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def form_page(view: View) -> View:
    """A page with a form, asked for and sent: nothing typed is lost when the session has ended."""
    page: View = require_http_methods(["GET", "POST"])(view)
    page.holds_typed = True  # type: ignore[attr-defined]
    return page


def typed_by(user: User) -> str:
    """Who opens a form, signed: it goes with the form, and stands there when no session does."""
    return _OPENED.sign(str(user.pk))


def held_of(request: HttpRequest, user: User | None = None) -> str:
    """What was sent, signed; empty where the page holds nothing or the site did not send it.

    It is of who opened the form. One that does not say so is of `user`, whose session just ended,
    and comes with a token of that session.
    """
    try:
        view: Any = resolve(request.path_info).func
    except Resolver404:
        return ""
    if request.method != "POST" or not getattr(view, "holds_typed", False):
        return ""
    by = _opened_by(request)
    if by is None and user is not None and _of_the_session(request):
        by = user.pk
    if by is None:
        return ""
    fields = {name: found for name, found in request.POST.lists() if name not in _OF_THE_PAGE}
    said = {"by": by, "to": request.get_full_path(), "fields": fields}
    held = signing.dumps(said, salt=_SALT, compress=True)
    return held if len(held) <= _MOST else ""


def held_answer(request: HttpRequest, held: str, text: str = "") -> HttpResponse:
    """The page that keeps what is held until its person has signed in."""
    return _page(request, {"held": held, "text": text}, _SIGNED_OUT)


@csrf_exempt  # its token is of the session that ended: the signature stands for it, nothing is kept
@never_cache
@require_POST
def held_form(request: HttpRequest) -> HttpResponse:
    """Let its person send what is held; the form it was typed into is what takes it."""
    return kept_answer(request, request.POST.get("held", ""))


def kept_answer(request: HttpRequest, held: str) -> HttpResponse:
    """The page on which its person sends what is held, and others read that they cannot."""
    try:
        said = signing.loads(held, salt=_SALT, max_age=_SECONDS)
    except signing.BadSignature:
        raise Http404 from None
    if not request.user.is_authenticated:
        return held_answer(request, held)
    if request.user.pk != said["by"]:
        return _page(request, {"held": held, "other_person": True}, _OTHER_PERSON)
    fields = [(name, value) for name, found in said["fields"].items() for value in found]
    return _page(request, {"to": said["to"], "fields": fields}, _READY)


def _opened_by(request: HttpRequest) -> int | None:
    try:
        return int(_OPENED.unsign(request.POST.get(_TYPED_BY, ""), max_age=_SECONDS))
    except signing.BadSignature:
        return None


def _of_the_session(request: HttpRequest) -> bool:
    return CsrfViewMiddleware(_nobody).process_view(request, _nobody, (), {}) is None


def _page(request: HttpRequest, context: dict[str, Any], status: int) -> HttpResponse:
    answer = render(request, "accounts/held_form.html", context, status=status)
    answer["Cache-Control"] = "no-store"
    return answer


def _nobody(request: HttpRequest) -> HttpResponse:
    """Stands for the view, which is never called."""
    raise NotImplementedError
