"""The calendar feed: the page of its secret link, and the file that the link opens."""

import hashlib

from allauth.core.internal import ratelimit
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import require
from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from reminders import subscribing
from reminders.feed import feed_text


@login_required
@require_http_methods(["GET", "POST"])
def feed_page(request: SignedInRequest) -> HttpResponse:
    """Make a secret link, shown this once, or see since when there is one."""
    require(request.user, Permission.READ_COURSES)
    context: dict[str, object] = {}
    if request.method == "POST":
        issued = subscribing.subscribe(
            mine=bool(request.POST.get("mine")),
            language=get_language() or "en",
            actor=request.user,
            now=timezone.now(),
        )
        path = reverse("calendar_feed", args=[issued.secret])
        context["link"] = request.build_absolute_uri(path)
    context["feed"] = subscribing.feed_of(request.user)
    return render(request, "reminders/feed.html", context)


@login_required
@require_POST
def feed_end(request: SignedInRequest) -> HttpResponse:
    """End the link: from now on it answers as one that never was."""
    require(request.user, Permission.READ_COURSES)
    subscribing.unsubscribe(actor=request.user, now=timezone.now())
    return redirect("feed_page")


@require_safe
def calendar_feed(request: HttpRequest, token: str) -> HttpResponseBase:
    """The calendar of whoever made the link; 404 for any secret that opens nothing."""
    if not ratelimit.consume(
        request, app="allauth.account", action="calendar_feed", limit_get=True
    ):
        return HttpResponse(status=429)
    feed, now = subscribing.feed_by(token), timezone.now()
    if feed is None:
        raise Http404
    text = feed_text(feed, now)
    subscribing.note_reading(feed=feed, actor=feed.user, now=now)
    etag = f'"{hashlib.sha256(text.encode()).hexdigest()}"'
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="percorso.ics"'
    response["Cache-Control"] = "private, no-cache"
    response["ETag"] = etag
    response["X-Robots-Tag"] = "noindex"
    return get_conditional_response(request, etag=etag, response=response) or response
