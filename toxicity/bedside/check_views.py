"""Pages of one check: what it says, its escalation, its correction, taking it back."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import require
from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from accounts.wording import in_words
from patients.form_pages import FormPage, Moment, answer, posted, try_saving
from patients.identity import identity_view
from patients.models import Course
from patients.reading import note_chart_read
from patients.selectors import course_or_404
from protocol.selectors import settings_of
from toxicity.bedside.check_form import CheckForm, typed
from toxicity.bedside.check_reading import typed_of
from toxicity.bedside.fields import NOT_KNOWN
from toxicity.bedside.previewing import preview_of
from toxicity.bedside.review_forms import WhyForm
from toxicity.bedside.setting import Setting
from toxicity.bedside.signs_shown import check_facts
from toxicity.bedside.standing import (
    assessment_or_404,
    chain_of,
    grades_of,
    standing_or_404,
    told_of,
)
from toxicity.bedside.views import Asked, form_answer, form_page, saved
from toxicity.checks import check_with_grades
from toxicity.domain.rules import ToxicityRules
from toxicity.domain.scales import Scale
from toxicity.models import Assessment
from toxicity.recording import Logged, correct_check, withdraw_check
from toxicity.seen import seen_of
from toxicity.words_kept import against_taking_back


@login_required
@require_GET
def check_page(request: SignedInRequest, pk: int, check: int) -> HttpResponse:
    """One check: its grades and why, what clinicians say of them, what it replaced."""
    course = course_or_404(request.user, pk)
    row, moment = assessment_or_404(request.user, course, check), Moment.at(course)
    note_chart_read(course, actor=request.user, now=moment.now)
    chain, later = chain_of(course, row), getattr(row, "replaced_by", None)
    stands = later is None and not row.withdrawn
    told = told_of(course, row.pk) if stands else []
    may = request.user.may
    corrects = stands and may(Permission.LOG_TOXICITY)
    kept = against_taking_back(course, check_with_grades(row), request.user) if corrects else []
    context = {
        "course": course,
        "identity": identity_view(request.user, course, moment.today),
        "check": row,
        "later": later,
        "stands": stands,
        "grades": grades_of(row) if stands else [],
        "facts": check_facts(request.user, row),
        "correct_url": correction_url(course, row),
        "iec_hs_url": iec_hs_url(course, row),
        "chain": [(one, check_facts(request.user, one)) for one in chain],
        "told": told,
        "may_correct": corrects,
        "kept": [in_words(one) for one in kept],
        "may_review": stands and may(Permission.REVIEW_GRADES),
        "named": may(Permission.SEE_IDENTITY),
    }
    return render(request, "toxicity/check.html", context)


@login_required
@require_GET
def check_escalation(request: SignedInRequest, pk: int, check: int) -> HttpResponse:
    """A grade of which people are told: the centre's own words, and that nobody was called."""
    course = course_or_404(request.user, pk)
    row, moment = assessment_or_404(request.user, course, check), Moment.at(course)
    told = told_of(course, row.pk)
    if not told:  # corrected meanwhile, or not that high
        return redirect("check", pk, check)
    note_chart_read(course, actor=request.user, now=moment.now)
    rules, language = ToxicityRules.of(settings_of(course.protocol)), get_language() or "en"
    texts = rules.escalation.texts
    context = {
        "course": course,
        "identity": identity_view(request.user, course, moment.today),
        "check": row,
        "told": [
            (one, texts[one.grade.scale][0].in_language(language), texts[one.grade.scale][1])
            for one in told
        ],
        "call": rules.escalation.call.in_language(language),
        "call_source": rules.escalation.call_source,
    }
    return render(request, "toxicity/escalation.html", context)


@login_required
@form_page
def check_correct(request: SignedInRequest, pk: int, check: int) -> HttpResponse:
    """Let something else stand instead of a check, with a reason."""
    course = course_or_404(request.user, pk)
    require(request.user, Permission.LOG_TOXICITY)
    row = standing_or_404(request.user, course, check)
    setting = Setting.of(course, now=timezone.now(), baseline=row.baseline)
    asked = Asked.of(request)
    if request.method == "GET" or asked.resume:
        initial = {**_initial(row), **typed(request.POST)}
        return _correction(request, setting, row, _form(None, setting, row, initial))
    form = _form(request.POST, setting, row, {})
    if asked.show:
        form.is_valid()
        preview = preview_of(form, instead_of=row.pk)
        return _correction(request, setting, row, form, preview=preview)
    logged: list[Logged] = []

    def save(given: Mapping[str, Any]) -> None:
        logged.append(
            correct_check(
                course_id=pk,
                assessment_id=row.pk,
                seen=form.seen(),
                reason=given["reason"],
                actor=request.user,
                now=setting.now,
                key=given["key"],
            )
        )

    status = try_saving(request, form, save, setting.now)
    return (
        saved(request, course, logged[0])
        if logged
        else _correction(request, setting, row, form, status=status)
    )


@login_required
@form_page
def check_withdraw(request: SignedInRequest, pk: int, check: int) -> HttpResponse:
    """Take back a check that was never made, or was another patient's."""
    course = course_or_404(request.user, pk)
    require(request.user, Permission.LOG_TOXICITY)
    row = standing_or_404(request.user, course, check)
    page = FormPage(
        course,
        _("Take a check back"),
        Permission.LOG_TOXICITY,
        lead=_("It was never made here, or is of somebody else. It is kept, and counts no longer."),
        danger=True,
        facts=check_facts(request.user, row),
    )
    moment = Moment.at(course)
    return answer(
        request,
        page,
        WhyForm(posted(request)),
        lambda given: withdraw_check(
            course_id=pk,
            assessment_id=row.pk,
            reason=given["reason"],
            actor=request.user,
            now=moment.now,
        ),
        moment,
    )


def correction_url(course: Course, row: Assessment) -> str:
    """Where CRS and ICANS of a check are corrected; empty for one of IEC-HS alone."""
    seen = seen_of(row)
    others = seen.chosen.keys() - {Scale.IEC_HS}
    alone = _of_iec_hs(row) and seen.crs is None and seen.icans is None and not others
    return "" if alone else reverse("check_correct", args=[course.pk, row.pk])


def iec_hs_url(course: Course, row: Assessment) -> str:
    """Where IEC-HS of a check is corrected; empty for one that says nothing of it."""
    return reverse("iec_hs_correct", args=[course.pk, row.pk]) if _of_iec_hs(row) else ""


def _of_iec_hs(row: Assessment) -> bool:
    seen = seen_of(row)
    return seen.iec_hs is not None or Scale.IEC_HS in seen.chosen


def _form(data: Any, setting: Setting, row: Assessment, initial: Mapping[str, Any]) -> CheckForm:
    form = CheckForm(data, setting=setting, initial=initial, stood=row)
    form.fields["corrects"] = forms.CharField(
        required=False, widget=forms.HiddenInput, initial=str(row.pk)
    )
    form.fields["reason"] = forms.CharField(
        label=gettext_lazy("Why this is corrected"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    return form


def _initial(row: Assessment) -> dict[str, Any]:
    """The form as it stood."""
    seen = seen_of(row)
    picked = {
        f"{scale}_grade": NOT_KNOWN if grade is None else str(grade)
        for scale, grade in seen.chosen.items()
    }
    return {
        "key": uuid4(),
        "observed_at": row.observed_at,
        "handwriting": row.handwriting,
        "remark": row.remark,
        **typed_of(seen.crs, seen.icans),
        **picked,
    }


def _correction(
    request: SignedInRequest, setting: Setting, row: Assessment, form: CheckForm, **more: Any
) -> HttpResponse:
    return form_answer(
        request,
        setting,
        form,
        title=_("Correct a check"),
        action=reverse("check_correct", args=[setting.course.pk, row.pk]),
        stood=check_facts(request.user, row),
        prefilled=True,
        **more,
    )
