"""Pages of protocols: the versions, one of them in full, two compared, loading, publishing."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import require
from accounts.permissions import Permission
from accounts.refusing import note_refusal, status_of
from accounts.requests import SignedInRequest
from accounts.wording import add_refusals, refusal_view
from protocol.forms import LoadForm
from protocol.models import Protocol, Status
from protocol.presenting import differences, sections
from protocol.selectors import content_of, versions_for
from protocol.services import load, publish_draft
from terms.refusals import Refusal, Refused


@login_required
@require_GET
def protocol_list(request: SignedInRequest) -> HttpResponse:
    """Every version: its standing, who loaded and published it, how many courses use it."""
    require(request.user, Permission.READ_COURSES)
    context = {
        "versions": versions_for(request.user),
        "may_load": request.user.may(Permission.LOAD_PROTOCOL),
    }
    return render(request, "protocol/list.html", context)


@login_required
@require_GET
def protocol_version(request: SignedInRequest, pk: int) -> HttpResponse:
    """One version, section by section; what is not confirmed comes first."""
    return _version_page(request, pk)


@login_required
@require_GET
def protocol_compare(request: SignedInRequest, pk: int, other: int) -> HttpResponse:
    """What version `other` says differently from version `pk`."""
    found = versions_for(request.user)
    before, after = get_object_or_404(found, pk=pk), get_object_or_404(found, pk=other)
    context = {
        "before": before,
        "after": after,
        "rows": differences(content_of(before), content_of(after)),
    }
    return render(request, "protocol/compare.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def protocol_load(request: SignedInRequest) -> HttpResponse:
    """Load a version as a draft."""
    require(request.user, Permission.LOAD_PROTOCOL)
    post = request.method == "POST"
    form = LoadForm(request.POST, request.FILES) if post else LoadForm()
    status = 200
    if post and not form.is_valid():
        status = 422
    elif post:
        file, now = form.cleaned_data["file"], timezone.now()
        try:
            draft = load(content=file.read(), filename=file.name, actor=request.user, now=now)
        except Refused as refused:
            note_refusal(request.user, refused, request.path, now=now)
            add_refusals(form, refused)
            status = status_of(refused)
        else:
            messages.success(request, _("The version is loaded."))
            return redirect("protocol_version", pk=draft.pk)
    return render(request, "protocol/load.html", {"form": form}, status=status)


@login_required
@require_POST
def protocol_publish(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put a draft in force."""
    get_object_or_404(versions_for(request.user), pk=pk)
    now = timezone.now()
    try:
        publish_draft(protocol_id=pk, actor=request.user, now=now)
    except Refused as refused:
        note_refusal(request.user, refused, request.path, now=now)
        return _version_page(request, pk, refused.refusals, status_of(refused))
    messages.success(request, _("The version is in force."))
    return redirect("protocol_version", pk=pk)


def _version_page(
    request: SignedInRequest, pk: int, refusals: tuple[Refusal, ...] = (), status: int = 200
) -> HttpResponse:
    require(request.user, Permission.READ_COURSES)
    found = versions_for(request.user)
    version: Protocol = get_object_or_404(found, pk=pk)
    shown = sections(content_of(version))
    context = {
        "version": version,
        "sections": shown,
        "unconfirmed": [row for section in shown for row in section.unconfirmed],
        "count": sum(row.confirmed is not None for section in shown for row in section.rows),
        "others": [one for one in found if one.code == version.code and one.pk != version.pk],
        "may_publish": version.status == Status.DRAFT
        and request.user.may(Permission.PUBLISH_PROTOCOL),
        "refusals": [refusal_view(refusal) for refusal in refusals],
    }
    return render(request, "protocol/version.html", context, status=status)
