"""Pages that enter courses under way: one by a form, many by a file."""

import csv
import io
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import centre_of, require
from accounts.permissions import Permission
from accounts.refusing import note_refusal, status_of
from accounts.requests import SignedInRequest
from accounts.wording import add_refusals, in_words
from pathway.importing import Report, columns, example, import_courses, try_courses
from pathway.rehearsing import rehearse
from pathway.scanning import keep, only_scanned
from pathway.transcribing import transcribe, transcribe_further
from pathway.transcription_forms import PastForm, TranscriptionForm, past_form
from pathway.wording import stage_name
from patients.models import Course, Patient
from patients.sent_files import kept_on_page, sent_content
from terms.day_numbers import day_number, local_date
from terms.refusals import Refused
from terms.sheets import LARGEST

Save = Callable[[PastForm], Course]


@login_required
@require_http_methods(["GET", "POST"])
def transcribe_patient(request: SignedInRequest) -> HttpResponse:
    """Enter a new patient with a course that is under way."""
    require(request.user, Permission.REFER)

    def save(form: PastForm) -> Course:
        assert isinstance(form, TranscriptionForm)
        return transcribe(
            patient=form.patient(),
            transcript=form.transcript(),
            distinct_reason=form.cleaned_data["distinct_reason"],
            actor=request.user,
            now=timezone.now(),
        )

    return _page(request, save, None)


@login_required
@require_http_methods(["GET", "POST"])
def transcribe_course(request: SignedInRequest, pk: int) -> HttpResponse:
    """Enter a course under way of a patient already known."""
    require(request.user, Permission.REFER)
    patient = Patient.objects.visible_to(request.user).get(pk=pk)

    def save(form: PastForm) -> Course:
        return transcribe_further(
            patient_id=pk, transcript=form.transcript(), actor=request.user, now=timezone.now()
        )

    return _page(request, save, patient)


def _page(request: SignedInRequest, save: Save, patient: Patient | None) -> HttpResponse:
    """The form; then what it says, to be confirmed by name; then the course."""
    now, centre = timezone.now(), centre_of(request.user)
    data = request.POST if request.method == "POST" else None
    today = local_date(now, centre.zone)
    form = past_form(
        data, centre=centre, actor=request.user, today=today, known=patient is not None
    )
    context: dict[str, Any] = {"form": form, "patient": patient}
    if only_scanned(form):
        keep(form)
        context["still"] = True
        return render(request, "pathway/transcribe.html", context)
    if data is None or "edit" in data:
        form.is_bound = data is not None
        context["still"] = True
        return render(request, "pathway/transcribe.html", context)
    if not form.is_valid():
        return render(request, "pathway/transcribe.html", context, status=422)
    confirmed = "confirmed" in data
    try:
        course = save(form) if confirmed else rehearse(lambda: save(form))
    except Refused as refused:
        if any(refusal.code == "look_alike" for refusal in refused.refusals):
            form.fields["distinct_reason"].widget = forms.Textarea(attrs={"rows": 2})
        note_refusal(request.user, refused, request.path, now=now)
        add_refusals(form, refused)
        return render(request, "pathway/transcribe.html", context, status=status_of(refused))
    if not confirmed:
        context |= _confirmation(form, course.patient, today)
        return render(request, "pathway/transcribe_confirm.html", context)
    messages.success(
        request,
        _("Course %(code)s is entered as it stands; nothing before today was checked.")
        % {"code": course.code},
    )
    return redirect("course", pk=course.pk)


def _confirmation(form: PastForm, patient: Patient, today: Any) -> dict[str, Any]:
    past = form.transcript().past
    infused = past.infused_on
    told = [
        (bound.label, bound.field.prepare_value(form.cleaned_data[name]))
        if name != "stage"
        else (bound.label, stage_name(past.stage))
        for name, bound in ((name, form[name]) for name in form.fields)
        if form.cleaned_data.get(name) not in (None, "") and name.endswith(("_on", "stage"))
    ]
    return {
        "who": patient,
        "stage": stage_name(past.stage),
        "day": day_number(today, infused) if infused is not None and not past.ended else None,
        "told": told,
    }


@login_required
@require_http_methods(["GET", "POST"])
def courses_import(request: SignedInRequest) -> HttpResponse:
    """Enter a file of courses: first what would happen, then all of them or none."""
    require(request.user, Permission.REFER)
    if request.method == "GET":
        return render(request, "pathway/courses_import.html", {"most": LARGEST})
    now, content = timezone.now(), sent_content(request, LARGEST)
    context: dict[str, Any] = {"most": LARGEST}
    try:
        if "commit" in request.POST:
            report = import_courses(content=content, actor=request.user, now=now)
        else:
            report = try_courses(content=content, actor=request.user, now=now)
    except Refused as refused:
        note_refusal(request.user, refused, request.path, now=now)
        context["faults"] = [(refusal.field, in_words(refusal)) for refusal in refused.refusals]
        return render(request, "pathway/courses_import.html", context, status=status_of(refused))
    if not report.committed:
        context |= _tried(report, content)
        status = 422 if report.faults else 200
        return render(request, "pathway/courses_import.html", context, status=status)
    count = len(report.outcomes)
    messages.success(
        request,
        ngettext("%(count)s course is entered.", "%(count)s courses are entered.", count)
        % {"count": count},
    )
    return redirect("board")


def _tried(report: Report, content: bytes) -> dict[str, Any]:
    rows = [
        {
            "line": outcome.line,
            "name": outcome.name,
            "faults": [(r.field, in_words(r)) for r in outcome.refusals],
        }
        for outcome in report.outcomes
    ]
    kept = "" if report.faults else kept_on_page(content)
    return {"rows": rows, "report": report, "kept": kept}


@login_required
@require_safe
def courses_template(request: SignedInRequest) -> HttpResponse:
    """The empty file with its header and one invented line."""
    require(request.user, Permission.REFER)
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";")
    writer.writerow(columns())
    shown = example()
    writer.writerow([shown.get(column, "") for column in columns()])
    answer = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="percorso-courses.csv"'
    return answer
