"""Pages that answer whoever asks: how often somebody who is not signed in may."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

View = Callable[..., HttpResponse]


def open_page(view: View) -> View:
    """Decorator: a page for everybody. Its answers to strangers are counted by address.

    The limit stands in the settings (`calculator`); a plain look at the form is not counted.
    """

    @wraps(view)
    def limited(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        counted = request.method == "POST" and not request.user.is_authenticated
        if counted and not ratelimit.consume(request, action="calculator"):
            return render(request, "frame/too_often.html", status=429)
        return view(request, *args, **kwargs)

    return limited
