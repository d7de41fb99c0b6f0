"""The page of the scores of a course: a live reading of its chart, nothing stored."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from patients.form_pages import Moment
from patients.identity import Named, identity_of
from patients.reading import note_chart_read
from patients.selectors import course_or_404
from toxicity.scores.computing import asked_of, scores_of, screen_of
from toxicity.scores.shown import ends_words, screen_view, views_of


@login_required
@require_GET
def scores(request: SignedInRequest, pk: int) -> HttpResponse:
    """Every score of a course with the values it rests on, to read and to print."""
    user, course = request.user, course_or_404(request.user, pk)
    moment = Moment.at(course)
    note_chart_read(course, actor=user, now=moment.now)
    asked = asked_of(course, today=moment.today)
    known = asked.known
    views = views_of(asked, scores_of(asked))
    context = {
        "course": course,
        "identity": identity_of(
            user,
            course,
            today=moment.today,
            infused_on=known.infused_on,
            died_on=known.died_on,
        ),
        "computed": [view for view in views if view.computed],
        "others": [
            Named(view.title, f"{view.text} {view.rule_version}".strip())
            for view in views
            if not view.computed
        ],
        "ends": ends_words(asked),
        "screen": screen_view(screen_of(asked)),
        "may_log": user.may(Permission.LOG_TOXICITY),
    }
    return render(request, "toxicity/scores.html", context)
