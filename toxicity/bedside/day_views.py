"""The checks of one day, to which a day of the flowsheet leads."""

from datetime import date, datetime, time, timedelta

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.requests import SignedInRequest
from patients.form_pages import Moment
from patients.identity import identity_view
from patients.reading import note_chart_read
from patients.selectors import course_or_404
from toxicity.bedside.grade_shown import shown_of
from toxicity.checks import checks_among
from toxicity.models import Assessment


@login_required
@require_GET
def check_day(request: SignedInRequest, pk: int, on: str) -> HttpResponse:
    """Every check of a day that stands, in the order of time, with its grades."""
    course = course_or_404(request.user, pk)
    try:
        day = date.fromisoformat(on)
        begin, end = (
            datetime.combine(one, time.min, tzinfo=course.centre.zone)
            for one in (day, day + timedelta(days=1))
        )
    except (ValueError, OverflowError) as error:
        raise Http404 from error
    moment = Moment.at(course)
    note_chart_read(course, actor=request.user, now=moment.now)
    rows = Assessment.objects.visible_to(request.user).filter(
        course=course, observed_at__gte=begin, observed_at__lt=end
    )
    context = {
        "course": course,
        "identity": identity_view(request.user, course, moment.today),
        "on": day,
        "checks": [(check.assessment, shown_of(check)) for check in checks_among(rows)],
    }
    return render(request, "toxicity/check_day.html", context)
