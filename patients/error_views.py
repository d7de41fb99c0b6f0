"""Pages around what was entered in error: marking a course or a patient, the list, undoing."""

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import require
from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from patients import mistaken, mistaken_facts
from patients.facts_shown import label_of
from patients.form_pages import FormPage, Moment, answer, posted
from patients.forms import ReasonForm
from patients.models import Course
from patients.selectors import course_or_404, patient_or_404, person_label

form_page = require_http_methods(["GET", "POST"])


class ErrorForm(forms.Form):
    """Why it should never have been entered, and whose name it carries."""

    reason = forms.CharField(label=gettext_lazy("Reason"), widget=forms.Textarea(attrs={"rows": 2}))
    confirmation = forms.CharField(
        label=gettext_lazy("The patient's family name, to confirm"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


@login_required
@form_page
def course_error(request: SignedInRequest, pk: int) -> HttpResponse:
    """Mark one course as entered in error."""
    course = course_or_404(request.user, pk)
    moment = Moment.at(course)
    page = FormPage(
        course,
        _("Course entered in error"),
        Permission.MARK_ERROR,
        lead=_("The course leaves lists, board and exports. The audit keeps it, and who has the "
               "quality role can bring it back."),
        danger=True,
        after=reverse("board"),
    )  # fmt: skip
    return answer(
        request,
        page,
        ErrorForm(posted(request)),
        lambda values: mistaken.mark_course(
            course_id=pk, **values, actor=request.user, now=moment.now
        ),
        moment,
    )


@login_required
@form_page
def patient_error(request: SignedInRequest, pk: int) -> HttpResponse:
    """Mark a patient, with every course, as entered in error."""
    patient = patient_or_404(request.user, pk)
    seen = Course.objects.visible_to(request.user).filter(patient=patient)
    course = get_object_or_404(seen.order_by("-pk")[:1])
    moment = Moment.at(course)
    page = FormPage(
        course,
        _("Patient entered in error"),
        Permission.MARK_ERROR,
        lead=_("The patient and every course leave lists, board and exports. The audit keeps them, "
               "and who has the quality role can bring them back."),
        danger=True,
        after=reverse("patient_list"),
    )  # fmt: skip
    return answer(
        request,
        page,
        ErrorForm(posted(request)),
        lambda values: mistaken.mark_patient(
            patient_id=pk, **values, actor=request.user, now=moment.now
        ),
        moment,
    )


@login_required
@require_GET
def error_list(request: SignedInRequest) -> HttpResponse:
    """What is marked as entered in error, and what was."""
    user = request.user
    require(user, Permission.UNDO_ERROR)
    marks = mistaken.marks_of(user)[:200]
    rows = [(mark, person_label(user, mark.patient, mark.course)) for mark in marks]
    facts = [
        (mark, person_label(user, mark.course.patient, mark.course), label_of(mark.fact))
        for mark in mistaken_facts.open_marks_of(user)[:200]
    ]
    return render(request, "patients/error_list.html", {"rows": rows, "facts": facts})


@login_required
@form_page
def error_undo(request: SignedInRequest, pk: int) -> HttpResponse:
    """Bring back what was marked by mistake."""
    user = request.user
    require(user, Permission.UNDO_ERROR)
    mark = get_object_or_404(mistaken.marks_of(user), pk=pk)
    course = mark.course or mark.patient.courses.order_by("-pk")[0]
    moment = Moment.at(course)
    page = FormPage(
        course,
        _("Bring back what was marked by mistake"),
        Permission.UNDO_ERROR,
        lead=_("Everything stands again as it stood before the mark."),
        after=reverse("error_list"),
    )
    return answer(
        request,
        page,
        ReasonForm(posted(request)),
        lambda values: mistaken.undo_mark(
            mark_id=pk, reason=values["reason"], actor=user, now=moment.now
        ),
        moment,
    )
