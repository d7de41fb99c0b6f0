"""A password that an administrator set opens only the page on which its owner changes it."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.problems import problem_response

CODE = "password_change_required"
# What somebody may still ask for: the change itself, the way out, and how the page looks.
_OPEN = frozenset(
    {
        "account_change_password",
        "account_logout",
        "api_logout",
        "set_language",
        "set_theme",
        "healthz",
        "readyz",
    }
)


def in_words() -> str:
    """What is said instead of the page that was asked for."""
    return _("Choose a password of your own first: an administrator set the present one.")


class OwnPasswordMiddleware:
    """Leads whoever has an administrator's password to the page that changes it.

    Somebody else knows that password: what is done with it proves nothing of who did it. Stands
    after the idle time-out. Tokens need no check: none is issued until the password is changed.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if not isinstance(user, User) or not user.must_change_password or _is_open(request):
            return self.get_response(request)
        if request.path.startswith("/api/"):
            return problem_response(403, CODE, in_words())
        messages.warning(request, in_words())
        return redirect("account_change_password")


def _is_open(request: HttpRequest) -> bool:
    try:
        return resolve(request.path_info).url_name in _OPEN
    except Resolver404:
        return False
