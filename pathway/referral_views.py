"""Pages that begin a course: a new patient, or another course of a known one."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import centre_of, require
from accounts.permissions import Permission
from accounts.refusing import note_refusal, status_of
from accounts.requests import SignedInRequest
from accounts.wording import add_refusals
from pathway.referral_forms import CourseForm, ReferralForm
from pathway.referring import add_course, refer
from patients.models import Patient
from terms.day_numbers import local_date
from terms.refusals import Refused


@login_required
@require_http_methods(["GET", "POST"])
def patient_new(request: SignedInRequest) -> HttpResponse:
    """Refer a new patient: patient, course and journey in one step."""
    require(request.user, Permission.REFER)
    now, centre = timezone.now(), centre_of(request.user)
    data = request.POST if request.method == "POST" else None
    form = ReferralForm(data, centre=centre, actor=request.user, today=local_date(now, centre.zone))
    status = 200
    if data is not None and not form.is_valid():
        status = 422
    elif data is not None:
        try:
            course = refer(
                patient=form.patient(),
                course=form.course(),
                distinct_reason=form.cleaned_data["distinct_reason"],
                actor=request.user,
                now=now,
            )
        except Refused as refused:
            if any(refusal.code == "look_alike" for refusal in refused.refusals):
                form.ask_distinct()
            note_refusal(request.user, refused, request.path, now=now)
            add_refusals(form, refused)
            status = status_of(refused)
        else:
            messages.success(request, _("Course %(code)s is open.") % {"code": course.code})
            return redirect("course", pk=course.pk)
    return render(request, "pathway/patient_new.html", {"form": form}, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def course_new(request: SignedInRequest, pk: int) -> HttpResponse:
    """Open another course of a patient already known."""
    require(request.user, Permission.REFER)
    patient = Patient.objects.visible_to(request.user).get(pk=pk)
    now, centre = timezone.now(), centre_of(request.user)
    data = request.POST if request.method == "POST" else None
    form = CourseForm(data, centre=centre, actor=request.user, today=local_date(now, centre.zone))
    status = 200
    if data is not None and not form.is_valid():
        status = 422
    elif data is not None:
        try:
            course = add_course(patient_id=pk, course=form.course(), actor=request.user, now=now)
        except Refused as refused:
            note_refusal(request.user, refused, request.path, now=now)
            add_refusals(form, refused)
            status = status_of(refused)
        else:
            messages.success(request, _("Course %(code)s is open.") % {"code": course.code})
            return redirect("course", pk=course.pk)
    context = {"form": form, "patient": patient}
    return render(request, "pathway/course_new.html", context, status=status)
