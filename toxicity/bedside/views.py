"""Pages that log a bedside check: the form, its live grade, and where saving leads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import held_forms
from accounts.access import require
from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from accounts.wording import day_text
from patients.form_pages import try_saving
from patients.identity import identity_view
from patients.models import Course
from patients.selectors import course_or_404, person_label
from toxicity.bedside.check_form import CheckForm, typed
from toxicity.bedside.check_reading import typed_of
from toxicity.bedside.grade_shown import foreseen_shown, sentences
from toxicity.bedside.hidden_fever import show_hiding
from toxicity.bedside.last_values import last_checks, show_carried, show_last
from toxicity.bedside.previewing import Preview, preview_of
from toxicity.bedside.setting import Setting
from toxicity.bedside.signs_fields import NEVER_CARRIED
from toxicity.bedside.standing import grades_of, standing_check, told_of
from toxicity.checks import infusion_day
from toxicity.models import Assessment
from toxicity.recording import Logged, log_check
from toxicity.seen import seen_of

form_page = held_forms.form_page


@dataclass(frozen=True)
class Asked:
    """What the button says that was pressed; without one a form is saved."""

    show: bool = False  # show the grade, save nothing
    resume: bool = False  # come back from the walk-through with what was typed

    @classmethod
    def of(cls, request: SignedInRequest) -> "Asked":
        """Of a request."""
        do = request.POST.get("do", "")
        return cls(show=do == "show", resume=do == "resume")


@login_required
@form_page
def check_new(request: SignedInRequest, pk: int) -> HttpResponse:
    """Log CRS and ICANS; before the infusion the baseline."""
    course = course_or_404(request.user, pk)
    require(request.user, Permission.LOG_TOXICITY)
    setting = setting_of(request, course)
    asked = Asked.of(request)
    if request.method == "GET" or asked.resume:
        return _opened(request, setting)
    form = CheckForm(request.POST, setting=setting, initial={})
    if asked.show:
        form.is_valid()
        return form_answer(request, setting, form, preview=preview_of(form))
    logged: list[Logged] = []

    def save(given: Mapping[str, Any]) -> None:
        logged.append(
            log_check(
                course_id=pk,
                seen=form.seen(),
                actor=request.user,
                now=setting.now,
                key=given["key"],
            )
        )

    status = try_saving(request, form, save, setting.now)
    return (
        saved(request, course, logged[0])
        if logged
        else form_answer(request, setting, form, status=status)
    )


@login_required
@require_POST
def check_preview(request: SignedInRequest, pk: int) -> HttpResponse:
    """The grade of what is typed so far; nothing is stored, and an unchanged one is not said."""
    course = course_or_404(request.user, pk)
    require(request.user, Permission.LOG_TOXICITY)
    form = CheckForm(request.POST, setting=setting_of(request, course), initial={})
    form.is_valid()
    preview = preview_of(form, instead_of=number_of(request.POST.get("corrects", "")))
    if preview.digest == request.POST.get("shown", ""):
        return HttpResponse(status=204)
    return render(request, "toxicity/grade_preview.html", {"preview": preview})


def setting_of(request: SignedInRequest, course: Course) -> Setting:
    """Where the form stands. Before the infusion it is opened for the baseline alone.

    One that is sent stays what it was opened as: the service says what stands against it.
    """
    if request.method == "POST":
        baseline = request.POST.get("baseline", "") == "True"
    else:
        baseline = request.GET.get("baseline", "") == "1" or infusion_day(course) is None
    return Setting.of(course, now=timezone.now(), baseline=baseline)


def form_answer(
    request: SignedInRequest,
    setting: Setting,
    form: CheckForm,
    *,
    status: int = 200,
    preview: Preview | None = None,
    **more: Any,
) -> HttpResponse:
    """The page of the form, as it is opened, shown again or refused."""
    course, now = setting.course, setting.now
    checks = last_checks(course, now)
    show_last(form, checks, now)
    if not setting.baseline:
        show_hiding(form, course, now)
    latest = None if setting.baseline else next((c for c in checks if not c.baseline), None)
    context = {
        "course": course,
        "identity": identity_view(request.user, course, setting.today),
        "setting": setting,
        "form": form,
        "preview": preview or Preview(),
        "latest": latest,
        "latest_at": None if latest is None else clock(setting, latest),
        "title": _("Baseline before the infusion") if setting.baseline else _("Log CRS/ICANS"),
        "action": reverse("check_new", args=[course.pk]),
    }
    return render(request, "toxicity/check_new.html", context | more, status=status)


def saved(request: SignedInRequest, course: Course, logged: Logged) -> HttpResponseRedirect:
    """Say what was saved, for whom, with which grade; people are told of a high one in full."""
    row = logged.assessment
    grades = foreseen_shown(one for one in logged.graded if one.check.assessment.pk == row.pk)
    if not logged.graded:  # a baseline; or the same request again, of what the first one stored
        grades = grades_of(row)
    name = person_label(request.user, course.patient, course)
    what = sentences(grades) or (_("Baseline") if row.baseline else _("Check"))
    messages.success(request, _("%(what)s: recorded for %(name)s.") % {"what": what, "name": name})
    told = _told(course, logged)
    if told is not None:
        return redirect("check_escalation", course.pk, told)
    return redirect("course", course.pk)


def _told(course: Course, logged: Logged) -> int | None:
    """The check of which people are told, this one first."""
    own = logged.assessment.pk
    told = [one.check.assessment.pk for one in logged.told]
    if not logged.graded:
        told = [own] if told_of(course, own) else []
    return own if own in told else next(iter(told), None)


def _opened(request: SignedInRequest, setting: Setting) -> HttpResponse:
    """The form as it is opened: with the time it is, and what an earlier check said if asked."""
    initial: dict[str, Any] = {
        "key": uuid4(),
        "observed_at": setting.now.replace(second=0, microsecond=0),
    }
    same = standing_check(setting.course, number_of(request.GET.get("same", "")))
    carried: dict[str, Any] = {}
    if same is not None:
        seen = seen_of(same)
        values = typed_of(seen.crs, seen.icans)
        carried = {name: v for name, v in values.items() if name not in NEVER_CARRIED}
    form = CheckForm(None, setting=setting, initial=initial | carried | typed(request.POST))
    if same is not None:
        show_carried(form, carried, clock(setting, same))
    return form_answer(request, setting, form, prefilled=same is not None or bool(request.POST))


def clock(setting: Setting, row: Assessment) -> str:
    """When a check was made: the hour, with the day where that is not today."""
    local = timezone.localtime(row.observed_at, setting.course.centre.zone)
    hour = f"{local:%H:%M}"
    return hour if local.date() == setting.today else f"{day_text(local.date())} {hour}"


def number_of(text: str) -> int | None:
    """A key of a row that was sent as text; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
