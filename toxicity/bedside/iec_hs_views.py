"""Pages that log and correct an assessment of IEC-HS, with what the chart proposes to it."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from patients.form_pages import try_saving
from patients.identity import identity_view
from patients.models import Course
from patients.selectors import course_or_404
from toxicity.bedside.check_form import typed
from toxicity.bedside.iec_hs_form import IecHsForm, picked_of, typed_of
from toxicity.bedside.iec_hs_preview import IecHsPreview, preview_of
from toxicity.bedside.iec_hs_proposing import proposals_for
from toxicity.bedside.review_forms import why_corrected
from toxicity.bedside.setting import Setting
from toxicity.bedside.signs_shown import check_facts
from toxicity.bedside.standing import standing_check, standing_or_404
from toxicity.bedside.views import form_page, number_of, saved
from toxicity.domain.amounts import plain
from toxicity.models import Assessment
from toxicity.recording import Logged, correct_check, log_check
from toxicity.seen import seen_of


@login_required
@form_page
def iec_hs_new(request: SignedInRequest, pk: int) -> HttpResponse:
    """Log an assessment of IEC-HS."""
    course, setting = _opened(request, pk)

    def save(form: IecHsForm, given: Mapping[str, Any]) -> Logged:
        return log_check(
            course_id=pk,
            seen=form.seen(),
            actor=request.user,
            now=setting.now,
            key=given["key"],
        )

    initial = {"observed_at": setting.now.replace(second=0, microsecond=0)}
    return _answered(request, course, setting, initial, save)


@login_required
@form_page
def iec_hs_correct(request: SignedInRequest, pk: int, check: int) -> HttpResponse:
    """Let something else stand of IEC-HS instead of a check, with a reason."""
    course, setting = _opened(request, pk)
    row = standing_or_404(request.user, course, check)

    def save(form: IecHsForm, given: Mapping[str, Any]) -> Logged:
        return correct_check(
            course_id=pk,
            assessment_id=row.pk,
            seen=form.seen(),
            reason=given["reason"],
            actor=request.user,
            now=setting.now,
            key=given["key"],
        )

    initial = {
        "observed_at": row.observed_at,
        "remark": row.remark,
        **typed_of(seen_of(row).iec_hs),
        **picked_of(row),
    }
    return _answered(request, course, setting, initial, save, stood=row)


@login_required
@require_POST
def iec_hs_preview(request: SignedInRequest, pk: int) -> HttpResponse:
    """Screen and grade of what is typed so far; nothing is stored."""
    course, setting = _opened(request, pk)
    corrects = number_of(request.POST.get("corrects", ""))
    stood = standing_check(course, corrects)
    form = IecHsForm(request.POST, setting=setting, actor=request.user, initial={}, stood=stood)
    form.is_valid()
    preview = preview_of(form, instead_of=corrects)
    if preview.digest == request.POST.get("shown", ""):
        return HttpResponse(status=204)
    return render(request, "toxicity/iec_hs_preview.html", {"preview": preview})


def _opened(request: SignedInRequest, pk: int) -> tuple[Course, Setting]:
    course = course_or_404(request.user, pk)
    require(request.user, Permission.LOG_TOXICITY)
    return course, Setting.of(course, now=timezone.now(), baseline=False)


def _answered(
    request: SignedInRequest,
    course: Course,
    setting: Setting,
    initial: Mapping[str, Any],
    save: Callable[[IecHsForm, Mapping[str, Any]], Logged],
    *,
    stood: Assessment | None = None,
) -> HttpResponse:
    """Open the form, take over what is on record, show its grade, or save it."""
    do, logged = request.POST.get("do", ""), list[Logged]()
    if request.method == "GET" or do == "take":
        shown = {"key": uuid4(), **initial, **typed(request.POST)}
        form = _form(None, request.user, setting, shown, stood)
        return _page(request, setting, form, take=do == "take")
    form = _form(request.POST, request.user, setting, {}, stood)
    if do == "show":
        form.is_valid()
        corrects = None if stood is None else stood.pk
        return _page(request, setting, form, preview=preview_of(form, instead_of=corrects))
    status = try_saving(request, form, lambda given: logged.append(save(form, given)), setting.now)
    if logged:
        return saved(request, course, logged[0])
    return _page(request, setting, form, status=status)


def _form(
    data: Any,
    actor: User,
    setting: Setting,
    initial: Mapping[str, Any],
    stood: Assessment | None,
) -> IecHsForm:
    form = IecHsForm(data, setting=setting, actor=actor, initial=initial, stood=stood)
    if stood is not None:
        form.fields["corrects"] = forms.CharField(
            required=False, widget=forms.HiddenInput, initial=str(stood.pk)
        )
        form.fields["reason"] = why_corrected()
    return form


def _page(
    request: SignedInRequest,
    setting: Setting,
    form: IecHsForm,
    *,
    status: int = 200,
    take: bool = False,
    preview: IecHsPreview | None = None,
) -> HttpResponse:
    course, stood = setting.course, form.stood
    proposals = proposals_for(course, form, today=setting.today)
    if take:  # what somebody typed stays as it is
        values = proposals.values
        taken = {n: plain(v) for n, v in values.items() if not form.initial.get(n)}
        form.initial = {**form.initial, **taken}
    route = ("iec_hs_new", [course.pk]) if stood is None else (
        "iec_hs_correct", [course.pk, stood.pk],
    )  # fmt: skip
    context = {
        "course": course,
        "identity": identity_view(request.user, course, setting.today),
        "form": form,
        "proposals": proposals,
        "preview": preview or IecHsPreview(),
        "title": _("Log IEC-HS") if stood is None else _("Correct an assessment of IEC-HS"),
        "action": reverse(route[0], args=route[1]),
        "prefilled": take or stood is not None,
        "stood": () if stood is None else check_facts(request.user, stood),
    }
    return render(request, "toxicity/iec_hs_new.html", context, status=status)
