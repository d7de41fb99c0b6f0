"""Pages that correct a fact of the chart, mark one as entered in error, and bring one back."""

from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.access import require
from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from accounts.wording import partial_text
from patients import correcting, correcting_holds, correcting_stays, mistaken_facts
from patients.correction_forms import HoldCorrectionForm, StayCorrectionForm, form_of
from patients.fact_values import HOLD, STAY, Fact, fact_of, typed_values
from patients.facts_shown import dated, label_of, words_of
from patients.form_pages import FormPage, Moment, answer, posted
from patients.forms import ReasonForm
from patients.identity import Named
from patients.models import Course
from patients.models.history import ChartEntry
from patients.selectors import course_or_404

form_page = require_http_methods(["GET", "POST"])


class WhyForm(forms.Form):
    """Why a fact was entered in error, on the course as it was seen."""

    reason = forms.CharField(label=gettext_lazy("Reason"), widget=forms.Textarea(attrs={"rows": 2}))
    expected_version = forms.IntegerField(widget=forms.HiddenInput)


@login_required
@form_page
def fact_correct(request: SignedInRequest, pk: int, kind: str, fact: int) -> HttpResponse:
    """Correct an entry, a stay or a hold."""
    course = course_or_404(request.user, pk)
    found, moment = fact_of(course, kind, fact), Moment.at(course)
    page = FormPage(
        course,
        _("Correct: %(what)s") % {"what": label_of(kind)},
        Permission.CORRECT,
        foresees=True,
        lead=_("What stood before stays to be read. What counts from it counts anew."),
        facts=_stands(request, course, kind, found, moment.today),
        after=reverse("course_records", args=[pk]),
    )
    form = _asking_why(_form(request, course, kind, found, moment.today), course)

    def save(values: Any) -> None:
        shared = {
            "course_id": pk,
            "reason": values["reason"],
            "expected_version": values["expected_version"],
            "actor": request.user,
            "now": moment.now,
        }
        said = {name: value for name, value in values.items() if name not in shared}
        if kind == STAY:
            correcting_stays.correct_stay(stay_id=fact, **said, **shared)
        elif kind == HOLD:
            correcting_holds.correct_hold(hold_id=fact, **said, **shared)
        else:
            correcting.correct_entry(kind=kind, entry_id=fact, values=request.POST, **shared)

    return answer(request, page, form, save, moment)


@login_required
@form_page
def fact_error(request: SignedInRequest, pk: int, kind: str, fact: int) -> HttpResponse:
    """Mark an entry, a stay or a hold as entered in error."""
    course = course_or_404(request.user, pk)
    found, moment = fact_of(course, kind, fact), Moment.at(course)
    page = FormPage(
        course,
        _("Entered in error: %(what)s") % {"what": label_of(kind)},
        Permission.CORRECT,
        lead=_("It leaves pages, checks and exports. The audit keeps it, and who has the quality "
               "role can bring it back."),
        danger=True,
        foresees=True,
        facts=_stands(request, course, kind, found, moment.today),
        after=reverse("course_records", args=[pk]),
    )  # fmt: skip
    form = WhyForm(posted(request), initial={"expected_version": course.version})
    return answer(
        request,
        page,
        form,
        lambda values: mistaken_facts.mark_fact(
            course_id=pk, kind=kind, fact_id=fact, **values, actor=request.user, now=moment.now
        ),
        moment,
    )


@login_required
@form_page
def fact_undo(request: SignedInRequest, pk: int) -> HttpResponse:
    """Bring back a fact that was marked by mistake."""
    user = request.user
    require(user, Permission.UNDO_ERROR)
    mark = get_object_or_404(mistaken_facts.marks_of(user), pk=pk)
    course = course_or_404(user, mark.course_id)
    moment = Moment.at(course)
    found = mistaken_facts.marked(mark)
    page = FormPage(
        course,
        _("Bring back what was marked by mistake"),
        Permission.UNDO_ERROR,
        facts=_stands(request, course, mark.fact, found, moment.today),
        after=reverse("error_list"),
    )
    return answer(
        request,
        page,
        ReasonForm(posted(request)),
        lambda values: mistaken_facts.bring_back(
            correction_id=pk, reason=values["reason"], actor=user, now=moment.now
        ),
        moment,
    )


def _form(
    request: SignedInRequest, course: Course, kind: str, fact: Fact, today: date
) -> forms.BaseForm:
    if isinstance(fact, ChartEntry):
        return form_of(kind)(
            posted(request),
            course=course,
            today=today,
            replacing=fact.pk,
            initial=typed_values(fact, kind),
        )
    form = StayCorrectionForm if kind == STAY else HoldCorrectionForm
    initial = {name: getattr(fact, name) for name in form.base_fields}
    if kind == STAY:
        return StayCorrectionForm(posted(request), initial=initial)
    return HoldCorrectionForm(posted(request), course=course, initial=initial)


def _asking_why(form: forms.BaseForm, course: Course) -> forms.BaseForm:
    """The form with why it is corrected, and the version of the course that was seen."""
    form.fields["reason"] = forms.CharField(
        label=gettext_lazy("Why this is corrected"), widget=forms.Textarea(attrs={"rows": 2})
    )
    form.fields["expected_version"] = forms.IntegerField(
        widget=forms.HiddenInput, initial=course.version
    )
    return form


def _stands(
    request: SignedInRequest, course: Course, kind: str, fact: Fact, today: date
) -> tuple[Named, ...]:
    on = dated(fact)
    return (
        Named(label_of(kind), words_of(request.user, course, kind, fact, today)),
        Named(_("Date"), partial_text(on) if on else ""),
        Named(_("Recorded by"), fact.recorded_by),
    )
