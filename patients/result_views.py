"""The page of results and the form of many laboratory values."""

from datetime import date

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from patients.domain.ranges import GROUPS
from patients.form_pages import FormPage, Moment, answer, posted
from patients.identity import identity_view
from patients.lab_forms import ranges_of
from patients.panel_form import PanelForm
from patients.panels import record_panel
from patients.reading import note_chart_read
from patients.result_pages import examinations, result_table, shown, surface_pairs
from patients.results import body_surface, latest_results
from patients.selectors import course_or_404


@login_required
@require_GET
def results(request: SignedInRequest, pk: int) -> HttpResponse:
    """The results of a course: a table by date, examinations, the body surface."""
    course = course_or_404(request.user, pk)
    moment = Moment.at(course)
    note_chart_read(course, actor=request.user, now=moment.now)
    group = _group(request)
    context = {
        "course": course,
        "identity": identity_view(request.user, course, moment.today),
        "table": result_table(
            ranges_of(course),
            list(course.labresults.all()),
            groups=[group] if group else [],
            until=_day(request.GET.get("until", "")),
        ),
        "examinations": examinations(
            course.marrowresults.all(), course.imagingresults.all(), course.csfresults.all()
        ),
        "surface": surface_pairs(body_surface(course, moment.today)),
        "groups": [(code, _(name)) for code, name in GROUPS.items()],
        "group": group,
        "may_record": request.user.may(Permission.RECORD_RESULTS),
        "now": moment.now,
    }
    return render(request, "patients/results.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def results_new(request: SignedInRequest, pk: int) -> HttpResponse:
    """Add the values of one day in one go."""
    course = course_or_404(request.user, pk)
    moment, ranges = Moment.at(course), ranges_of(course)
    group = _group(request)
    latest = latest_results(course)
    form = PanelForm(
        posted(request),
        analytes=ranges.of_groups([group] if group else []),
        latest={code: shown(ranges.analyte(code), one) for code, one in latest.items()},
        initial={"on": moment.today},
    )
    page = FormPage(
        course,
        _("Laboratory values of a day"),
        Permission.RECORD_RESULTS,
        lead=_("What is left blank was not measured."),
        template="patients/results_new.html",
    )
    return answer(
        request,
        page,
        form,
        lambda values: record_panel(
            course_id=pk,
            on=values["on"],
            values=form.values(),
            context=values["context"],
            actor=request.user,
            now=moment.now,
        ),
        moment,
    )


def _group(request: SignedInRequest) -> str:
    asked = request.GET.get("group", "")
    return asked if asked in GROUPS else ""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
