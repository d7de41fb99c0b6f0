"""The page of the flowsheet: the days after the infusion as a table, with curves below it."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from patients.form_pages import Moment
from patients.identity import identity_of
from patients.reading import note_chart_read
from patients.selectors import course_or_404
from toxicity.flowsheet import known_of, sheet
from toxicity.panels import panels
from toxicity.scores.screening import suspicion


@login_required
@require_GET
def flowsheet(request: SignedInRequest, pk: int) -> HttpResponse:
    """Grades, drugs, infections, stays and curves of a course, day by day, to read and to print."""
    user, course = request.user, course_or_404(request.user, pk)
    moment = Moment.at(course)
    note_chart_read(course, actor=user, now=moment.now)
    known = known_of(course)
    asked = request.GET.get("from", "")
    found = sheet(user, course, known, today=moment.today, asked=asked)
    context = {
        "course": course,
        "identity": identity_of(
            user,
            course,
            today=moment.today,
            infused_on=known.infused_on,
            died_on=known.died_on,
        ),
        "sheet": found,
        "panels": panels(course, found.days, found.infused_on) if found is not None else (),
        "now": moment.now,
        "screen": suspicion(course, known, moment.today),
        "may_log": user.may(Permission.LOG_TOXICITY),
    }
    return render(request, "toxicity/flowsheet.html", context)
