"""The page of notices: what is still to acknowledge, what was, and acknowledging."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import require
from accounts.permissions import Permission
from accounts.refusing import note_refusal
from accounts.requests import SignedInRequest
from accounts.wording import in_words
from reminders.models import Notice
from reminders.notices import acknowledge
from reminders.telling import acknowledged_notices, notice_views, open_notices
from terms.refusals import Refused

PER_PAGE = 50


@login_required
@require_GET
def notice_list(request: SignedInRequest) -> HttpResponse:
    """The notices sent to the reader: open ones, or those acknowledged."""
    user = request.user
    require(user, Permission.READ_COURSES)
    read = request.GET.get("state") == "acknowledged"
    found = acknowledged_notices(user) if read else open_notices(user)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "notices": notice_views(user, page.object_list),
        "read": read,
        "query": "state=acknowledged" if read else "",
    }
    return render(request, "reminders/notices.html", context)


@login_required
@require_POST
def notice_acknowledge(request: SignedInRequest, pk: int) -> HttpResponse:
    """Acknowledge a notice, and go back to where it was read."""
    user, now = request.user, timezone.now()
    notice = get_object_or_404(Notice.objects.visible_to(user), pk=pk)
    try:
        acknowledge(notice_id=pk, remark=request.POST.get("remark", ""), actor=user, now=now)
    except Refused as refused:
        note_refusal(user, refused, request.path, now=now)
        for refusal in refused.refusals:
            messages.error(request, in_words(refusal))
    else:
        messages.success(request, _("Acknowledged."))
    if request.POST.get("back") == "course":
        return redirect("course", pk=notice.course_id)
    return redirect("notice_list")
