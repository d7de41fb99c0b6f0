"""The page of what is due for the reader: sent to them, still open, seen or not."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.access import require
from accounts.api_requests import LARGEST_ID
from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from reminders.due_for_me import mark_seen, told_to, told_views

PER_PAGE = 50


@login_required
@require_GET
def due_for_me(request: SignedInRequest) -> HttpResponse:
    """What was sent to the reader and is still to be done."""
    require(request.user, Permission.READ_COURSES)
    page = Paginator(told_to(request.user), PER_PAGE).get_page(request.GET.get("page"))
    told = told_views(request.user, page.object_list, timezone.now())
    context = {"page": page, "told": told, "new": [one.pk for one in told if not one.seen]}
    return render(request, "reminders/due.html", context)


@login_required
@require_POST
def due_seen(request: SignedInRequest) -> HttpResponse:
    """Say that one has seen what is shown; it stays open until somebody does it."""
    ids = [
        int(text)
        for text in request.POST.getlist("reminder")
        if text.isascii() and text.isdigit() and int(text) <= LARGEST_ID
    ]
    count = mark_seen(reminder_ids=ids, actor=request.user, now=timezone.now())
    said = ngettext("%(count)s marked as seen.", "%(count)s marked as seen.", count)
    messages.success(request, said % {"count": count})
    return redirect("due_for_me")
