"""The page of the cohort report."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import require
from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from exports.cohort import read_cohort
from exports.cohort_form import CohortForm
from exports.cohort_page import ROWS_ON_A_PAGE, cohort_page, rows_of
from exports.cohort_report import report_of
from exports.counting import StillCounting
from protocol.selectors import versions_for


@login_required
@require_GET
def cohort(request: SignedInRequest) -> HttpResponse:
    """The report on the courses that the filters choose; bad filters are refused, and why."""
    require(request.user, Permission.READ_COURSES)
    form = CohortForm(request.GET, versions_for(request.user))
    now = timezone.now()
    if not form.is_valid():
        return render(request, "exports/cohort.html", {"form": form, "now": now}, status=422)
    try:
        found = read_cohort(request.user, form.filters(), now=now)
    except StillCounting as counting:
        context = {"form": form, "now": now, "counting": counting, "query": request.GET.urlencode()}
        return render(request, "exports/cohort.html", context)
    page = Paginator(range(found.count), ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    rows = found.rows(page.start_index() - 1, ROWS_ON_A_PAGE) if found.count else []
    asked = request.GET.copy()
    asked.pop("page", None)
    context = {
        "form": form,
        "now": now,
        "cohort": found,
        "report": cohort_page(report_of(found), rows),
        "page": page,
        "query": asked.urlencode(),
        "table_1": rows_of(rows, 1),
        "table_2": rows_of(rows, 2),
    }
    return render(request, "exports/cohort.html", context)
