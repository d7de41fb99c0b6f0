"""The page of files: asking for one, watching it being made, taking it, and who signs."""

from datetime import datetime

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import require
from accounts.permissions import Permission
from accounts.refusing import note_refusal, status_of
from accounts.requests import SignedInRequest
from accounts.signing_again import sign_in_again
from accounts.wording import add_refusals, in_words
from exports.asking import request_export
from exports.deciding import cancel_export, retry_export, sign_export
from exports.fetching import Fetched, fetch_export
from exports.fields.kinds import Level
from exports.job_forms import ExportForm, PasswordForm
from exports.jobs_shown import job_view, jobs_of
from exports.models import ExportJob
from terms.refusals import Refused

MOST_LISTED = 50


@login_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def export_list(request: SignedInRequest) -> HttpResponse:
    """The files one may see, and the form for another one."""
    user, now = request.user, timezone.now()
    require(user, Permission.EXPORT_CODED)
    form = ExportForm(request.POST if request.method == "POST" else None, user=user)
    status = _ask(request, form, now) if form.is_bound else 200
    if status == 302:
        messages.success(request, _("The file is asked for: it appears below when it is ready."))
        return redirect("export_list")
    views = [job_view(job, user, now) for job in jobs_of(user)[:MOST_LISTED]]
    context = {"form": form, "jobs": views, "moving": any(view.moving for view in views)}
    # The list asks for itself while something moves, see the template; that is no use by a person.
    htmx = request.htmx  # type: ignore[attr-defined]
    template = "exports/exports.html#list" if htmx else "exports/exports.html"
    response = render(request, template, context, status=status)
    response["Vary"] = "HX-Request, Cookie"
    return response


def _ask(request: SignedInRequest, form: ExportForm, now: datetime) -> int:
    """Ask for what the form says: 302 when it is asked for, else the status that says why not."""
    if not form.is_valid():
        return 422
    wanted, signed_at = form.wanted(), None
    try:
        if wanted.level == Level.IDENTIFIED:
            signed_at = sign_in_again(request, request.user, form.cleaned_data["password"], now=now)
        request_export(wanted=wanted, signed_in_at=signed_at, actor=request.user, now=now)
    except Refused as refused:
        return _refused(request, form, refused, now)
    return 302


@login_required
@require_GET
def export_file(request: SignedInRequest, pk: int) -> FileResponse:
    """The file of a job, once it is ready."""
    return file_response(fetch_export(job_id=pk, actor=request.user, now=timezone.now()))


@login_required
@require_POST
def export_cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    """Stop a file on its way."""
    return _act(request, pk, cancel_export, _("The file is cancelled."))


@login_required
@require_POST
def export_retry(request: SignedInRequest, pk: int) -> HttpResponse:
    """Make a file that failed once more."""
    return _act(request, pk, retry_export, _("The file is made once more."))


@login_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def export_sign(request: SignedInRequest, pk: int) -> HttpResponse:
    """Let a file with names be made for somebody else."""
    user, now = request.user, timezone.now()
    job = get_object_or_404(ExportJob.objects.visible_to(user), pk=pk)
    require(user, Permission.SIGN_EXPORT)
    form, status = PasswordForm(request.POST if request.method == "POST" else None), 200
    if form.is_bound and form.is_valid():
        try:
            at = sign_in_again(request, user, form.cleaned_data["password"], now=now)
            sign_export(job_id=pk, signed_in_at=at, actor=user, now=now)
        except Refused as refused:
            status = _refused(request, form, refused, now)
        else:
            messages.success(request, _("Signed: the file is made."))
            return redirect("export_list")
    elif form.is_bound:
        status = 422
    context = {"view": job_view(job, user, now), "form": form}
    return render(request, "exports/sign.html", context, status=status)


def file_response(file: Fetched) -> FileResponse:
    """The file as an attachment under its name outside."""
    return FileResponse(
        file.path.open("rb"),
        as_attachment=True,
        filename=file.name,
        content_type=file.content_type,
        headers={"ETag": f'"{file.sha256}"'},
    )


def _act(request: SignedInRequest, pk: int, service: object, done: str) -> HttpResponse:
    """Call a service of one job and say what came of it on the page of all."""
    now = timezone.now()
    try:
        service(job_id=pk, actor=request.user, now=now)  # type: ignore[operator]
    except Refused as refused:
        if status_of(refused) != 422:
            raise
        note_refusal(request.user, refused, request.path, now=now)
        for refusal in refused.refusals:
            messages.error(request, in_words(refusal))
    else:
        messages.success(request, done)
    return redirect("export_list")


def _refused(request: SignedInRequest, form: forms.Form, refused: Refused, now: datetime) -> int:
    note_refusal(request.user, refused, request.path, now=now)
    add_refusals(form, refused)
    return status_of(refused)
