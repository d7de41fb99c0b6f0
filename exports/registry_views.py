"""The files for registries: a page that says what each holds, and the form for each."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import require
from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from exports.job_forms import RegistryForm
from exports.registry.columns import RegistryFile, registry_files
from exports.requesting_registry import counted, request_registry
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
@require_http_methods(["GET", "POST"])
def registry_csv(request: SignedInRequest, name: str) -> HttpResponseBase:
    """One of them: what it holds and what it is for; then the file itself."""
    file, user = file_or_404(name), request.user
    require(user, Permission.EXPORT_CODED)
    form = RegistryForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        purpose = form.cleaned_data["purpose"]
        return download(
            request_registry(file=file, purpose=purpose, actor=user, now=timezone.now())
        )
    context = {"file": file, "form": form, "counted": counted(user)}
    status = 422 if form.is_bound else 200
    return render(request, "exports/registry_file.html", context, status=status)


def file_or_404(name: str) -> RegistryFile:
    """The file called so."""
    found = registry_files().get(name)
    if found is None:
        raise Http404
    return found
