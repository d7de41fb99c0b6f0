"""The files for registries: a page that says what each holds, and their downloads."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from exports.registry.columns import RegistryFile, registry_files
from exports.requesting_registry import request_registry
from exports.views import download


@login_required
@require_GET
def registry(request: SignedInRequest) -> HttpResponse:
    """Which files there are, with what each cannot tell."""
    context = {
        "files": registry_files().values(),
        "may_export": request.user.may(Permission.EXPORT_CODED),
    }
    return render(request, "exports/registry.html", context)


@login_required
@require_GET
def registry_csv(request: SignedInRequest, name: str) -> StreamingHttpResponse:
    """One of them."""
    file = file_or_404(name)
    return download(request_registry(file=file, actor=request.user, now=timezone.now()))


def file_or_404(name: str) -> RegistryFile:
    """The file called so."""
    found = registry_files().get(name)
    if found is None:
        raise Http404
    return found
