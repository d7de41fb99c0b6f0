"""Pages of the chart around one course: entries, holds, stays, planned dates, consents, people."""

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import require
from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from accounts.wording import day_text
from patients import anchors, charting, holds, stays
from patients.domain.steps import STEP_LABELS, Step
from patients.form_pages import FormPage, Moment, answer, posted
from patients.forms import (
    ConsentWithdrawForm,
    DischargeForm,
    HoldEndForm,
    HoldForm,
    PlanForm,
    ResponsibleForm,
    StayForm,
)
from patients.identity import Named
from patients.models import Anchor, Course, Hold, Stay
from patients.responsible import set_responsible
from patients.selectors import consent_or_404, course_or_404, hold_or_404, search_patients

form_page = require_http_methods(["GET", "POST"])
PER_PAGE = 50


@login_required
@require_GET
def patient_list(request: SignedInRequest) -> HttpResponse:
    """Everybody the user may see, searched by name, number, birth date or course code."""
    require(request.user, Permission.READ_COURSES)
    text = request.GET.get("search", "").strip()[:100]
    page = Paginator(search_patients(request.user, text), PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "page": page,
        "search": text,
        "named": request.user.may(Permission.SEE_IDENTITY),
        "query": urlencode({"search": text}) if text else "",
        "may_refer": request.user.may(Permission.REFER),
        "may_record": request.user.may(Permission.RECORD_RESULTS),
    }
    return render(request, "patients/patient_list.html", context)


@login_required
@form_page
def chart_entry_new(request: SignedInRequest, pk: int, kind: str) -> HttpResponse:
    """Add an entry to the chart."""
    course = course_or_404(request.user, pk)
    if kind not in charting.KINDS:
        raise Http404
    made, moment = charting.KINDS[kind], Moment.at(course)
    form = made.form(posted(request), course=course, today=moment.today)
    page = FormPage(course, made.label, made.permission, lead=made.lead)

    def save(_values: object) -> None:
        charting.add_entry(
            course_id=pk, kind=kind, values=request.POST, actor=request.user, now=moment.now
        )

    return answer(request, page, form, save, moment)


@login_required
@form_page
def consent_withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    """Record that a consent was taken back."""
    consent = consent_or_404(request.user, pk)
    course, moment = course_or_404(request.user, consent.course_id), Moment.at(consent.course)
    page = FormPage(course, _("Consent withdrawn"), Permission.EDIT_CHART, danger=True)
    return answer(
        request,
        page,
        ConsentWithdrawForm(posted(request)),
        lambda values: charting.withdraw_consent(
            consent_id=pk, **values, actor=request.user, now=moment.now
        ),
        moment,
    )


@login_required
@form_page
def hold_new(request: SignedInRequest, pk: int) -> HttpResponse:
    """Hold a step of the course."""
    course = course_or_404(request.user, pk)
    moment = Moment.at(course)
    page = FormPage(
        course,
        _("Hold a step"),
        Permission.MANAGE_HOLDS,
        lead=_("A hold says why a step waits; until it is ended the course cannot go on."),
    )
    return answer(
        request,
        page,
        HoldForm(posted(request), course=course, today=moment.today),
        lambda values: holds.open_hold(course_id=pk, **values, actor=request.user, now=moment.now),
        moment,
    )


@login_required
@form_page
def hold_end(request: SignedInRequest, pk: int) -> HttpResponse:
    """End a hold."""
    hold = hold_or_404(request.user, pk)
    course, moment = course_or_404(request.user, hold.course_id), Moment.at(hold.course)
    page = FormPage(course, _("End the hold"), Permission.MANAGE_HOLDS, facts=_what(course, hold))
    return answer(
        request,
        page,
        HoldEndForm(posted(request), initial={"ended_on": moment.today}),
        lambda values: holds.end_hold(hold_id=pk, **values, actor=request.user, now=moment.now),
        moment,
    )


@login_required
@form_page
def stay_admit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Admit the patient."""
    course = course_or_404(request.user, pk)
    moment = Moment.at(course)
    return answer(
        request,
        FormPage(course, _("Admission"), Permission.RECORD_STAY),
        StayForm(posted(request), initial={"on": moment.today}),
        lambda values: stays.admit(course_id=pk, **values, actor=request.user, now=moment.now),
        moment,
    )


@login_required
@form_page
def stay_transfer(request: SignedInRequest, pk: int) -> HttpResponse:
    """Move the patient to another unit."""
    course = course_or_404(request.user, pk)
    moment = Moment.at(course)
    return answer(
        request,
        FormPage(course, _("Transfer"), Permission.RECORD_STAY, facts=_where(course)),
        StayForm(posted(request), initial={"on": moment.today}),
        lambda values: stays.transfer(course_id=pk, **values, actor=request.user, now=moment.now),
        moment,
    )


@login_required
@form_page
def stay_discharge(request: SignedInRequest, pk: int) -> HttpResponse:
    """Discharge the patient."""
    course = course_or_404(request.user, pk)
    moment = Moment.at(course)
    return answer(
        request,
        FormPage(course, _("Discharge"), Permission.RECORD_STAY, facts=_where(course)),
        DischargeForm(posted(request), initial={"on": moment.today}),
        lambda values: stays.discharge(course_id=pk, **values, actor=request.user, now=moment.now),
        moment,
    )


@login_required
@form_page
def anchor_plan(request: SignedInRequest, pk: int) -> HttpResponse:
    """Plan a date of the course."""
    course = course_or_404(request.user, pk)
    moment = Moment.at(course)
    initial = {"expected_version": course.version, "kind": request.GET.get("kind", "")}
    return answer(
        request,
        FormPage(
            course, _("Plan a date"), Permission.PLAN_DATES, facts=_dates(course), foresees=True
        ),
        PlanForm(posted(request), course=course, initial=initial),
        lambda values: anchors.plan_date(
            course_id=pk, **values, actor=request.user, now=moment.now
        ),
        moment,
    )


@login_required
@form_page
def responsible_set(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say who is responsible for the course."""
    course = course_or_404(request.user, pk)
    moment = Moment.at(course)
    return answer(
        request,
        FormPage(course, _("Responsible people"), Permission.EDIT_CHART),
        ResponsibleForm(posted(request), course=course),
        lambda values: set_responsible(
            course_id=pk,
            coordinator_id=values["coordinator"],
            haematologist_id=values["haematologist"],
            expected_version=values["expected_version"],
            actor=request.user,
            now=moment.now,
        ),
        moment,
    )


def _what(course: Course, hold: Hold) -> tuple[Named, ...]:
    reason = holds.delay_reasons(course).by_code.get(hold.reason_code)
    language = get_language() or "en"
    return (
        Named(_("Step held"), _(STEP_LABELS[Step(hold.step)])),
        Named(_("Reason"), reason.label.in_language(language) if reason else hold.reason_code),
        Named(_("Since"), day_text(hold.began_on)),
        Named(_("Date given up"), day_text(hold.planned_on) if hold.planned_on else ""),
    )


def _where(course: Course) -> tuple[Named, ...]:
    stay: Stay | None = course.stays.filter(ended_on=None).first()
    if stay is None:
        return ()
    place = " · ".join(filter(None, (stay.get_unit_display(), stay.place)))
    return Named(_("In hospital"), place), Named(_("Since"), day_text(stay.began_on))


def _dates(course: Course) -> tuple[Named, ...]:
    known = anchors.anchors_of(course)
    return tuple(
        Named(kind.label, _date_words(known[kind])) for kind in anchors.PLANNABLE if kind in known
    )


def _date_words(anchor: Anchor) -> str:
    if anchor.actual_on is not None:
        return _("happened on %(on)s") % {"on": day_text(anchor.actual_on)}
    assert anchor.planned_on is not None, "an anchor has one of its dates"
    return _("planned on %(on)s") % {"on": day_text(anchor.planned_on)}
