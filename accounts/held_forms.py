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

# The values lie in the answered page alone, signed for one person and one address: no session and
# no cache has them, and nobody else can bring them in or send them.
_SALT = "accounts.held_forms"
_MOST = 50_000  # characters
_SECONDS = 24 * 3600
_OTHER_PERSON, _SIGNED_OUT, _READY = 403, 401, 200

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def form_page(view: View) -> View:
    """A page with a form, asked for and sent: nothing typed is lost when the session has ended."""
    page: View = require_http_methods(["GET", "POST"])(view)
    page.holds_typed = True  # type: ignore[attr-defined]
    return page


def held_of(request: HttpRequest, user: User) -> str:
    """What `user` sent, signed; empty where the page holds nothing or the site did not send it."""
    try:
        view: Any = resolve(request.path_info).func
    except Resolver404:
        return ""
    if request.method != "POST" or not getattr(view, "holds_typed", False):
        return ""
    if CsrfViewMiddleware(_nobody).process_view(request, _nobody, (), {}) is not None:
        return ""
    fields = {name: found for name, found in request.POST.lists() if name != "csrfmiddlewaretoken"}
    said = {"by": user.pk, "to": request.get_full_path(), "fields": fields}
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
    held = request.POST.get("held", "")
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


def _page(request: HttpRequest, context: dict[str, Any], status: int) -> HttpResponse:
    answer = render(request, "accounts/held_form.html", context, status=status)
    answer["Cache-Control"] = "no-store"
    return answer


def _nobody(request: HttpRequest) -> HttpResponse:
    """Stands for the view, which is never called."""
    raise NotImplementedError
