"""The page of a course's timeline in lanes."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.requests import SignedInRequest
from desk.swimlane import AXES, LANE_NAMES, PERIODS, Choice, swimlane_page
from exports.domain.swimlanes import Lane
from exports.timeline import course_timeline
from patients.form_pages import Moment
from patients.identity import identity_of
from patients.reading import note_chart_read
from patients.selectors import course_or_404


@login_required
@require_GET
def swimlane(request: SignedInRequest, pk: int) -> HttpResponse:
    """The timeline of a course as lanes, each with its list; the address says what is shown."""
    course = course_or_404(request.user, pk)
    moment = Moment.at(course)
    note_chart_read(course, actor=request.user, now=moment.now)
    rows = course_timeline(request.user, course)
    infused = next((row.sort_date for row in rows if row.event_code == "INFUSION"), None)
    died = next((row.sort_date for row in rows if row.event_code == "DEATH"), None)
    choice = _choice(request.GET)
    context = {
        "course": course,
        "identity": identity_of(
            request.user, course, today=moment.today, infused_on=infused, died_on=died
        ),
        "page": swimlane_page(rows, choice, moment.today),
        "choice": choice,
        "axes": AXES,
        "periods": PERIODS,
        "lane_names": LANE_NAMES,
        "infused": infused is not None,
        "now": moment.now,
    }
    return render(request, "desk/swimlane.html", context)


def _choice(asked: QueryDict) -> Choice:
    usual = Choice()
    axis, period = asked.get("axis", ""), asked.get("period", "")
    shown = frozenset(Lane(key) for key in asked.getlist("lane") if key in tuple(Lane))
    return Choice(
        axis=axis if axis in AXES else usual.axis,
        period=period if period in PERIODS else usual.period,
        shown=shown or usual.shown,
    )
