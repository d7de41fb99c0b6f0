"""The page of sending for administrators: what waits, what fails, and trying again."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import require
from accounts.permissions import Permission
from accounts.refusing import note_refusal
from accounts.requests import SignedInRequest
from accounts.wording import in_words, role_names
from reminders import queue
from reminders.unplanned import failures_of
from terms.refusals import Refused


@login_required
@require_GET
def queue_page(request: SignedInRequest) -> HttpResponse:
    """How sending stands at the centre."""
    user, now = request.user, timezone.now()
    require(user, Permission.WATCH_SENDING)
    context = {
        "rows": [
            (_("Reminders in the site"), queue.counts(queue.dispatches_of(user), now)),
            (_("Digests by e-mail"), queue.counts(queue.digests_of(user), now)),
        ],
        "letters": queue.letters(user),
        "unplanned": failures_of(user),
        "not_held": role_names(queue.roles_not_held(user)),
    }
    return render(request, "reminders/queue.html", context)


@login_required
@require_POST
def queue_retry(request: SignedInRequest, pk: int, kind: str) -> HttpResponse:
    """Let something that was given up be tried again."""
    user, now = request.user, timezone.now()
    require(user, Permission.WATCH_SENDING)
    get_object_or_404(queue.rows_of(kind, user), pk=pk)
    try:
        queue.retry(kind=kind, pk=pk, reason=request.POST.get("reason", ""), actor=user, now=now)
    except Refused as refused:
        note_refusal(user, refused, request.path, now=now)
        for refusal in refused.refusals:
            messages.error(request, in_words(refusal))
    else:
        messages.success(request, _("It is tried again within a minute or two."))
    return redirect("queue")
