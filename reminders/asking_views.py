"""The page on which somebody asks for a correction of a fact of the chart."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from patients.fact_values import fact_of
from patients.facts_shown import label_of, words_of
from patients.form_pages import FormPage, Moment, answer, posted
from patients.forms import ReasonForm
from patients.identity import Named
from patients.selectors import course_or_404
from reminders.asking import ask_to_correct


@login_required
@require_http_methods(["GET", "POST"])
def fact_ask(request: SignedInRequest, pk: int, kind: str, fact: int) -> HttpResponse:
    """Say what is wrong with an entry, a stay or a hold."""
    course = course_or_404(request.user, pk)
    found, moment = fact_of(course, kind, fact), Moment.at(course)
    what = label_of(kind)
    page = FormPage(
        course,
        _("Ask for a correction: %(what)s") % {"what": what},
        Permission.WRITE_NOTES,
        lead=_("Haematologists and quality hear of it. Say what is wrong, and what is right."),
        facts=(Named(what, words_of(request.user, course, kind, found, moment.today)),),
        after=reverse("course_records", args=[pk]),
    )
    return answer(
        request,
        page,
        ReasonForm(posted(request)),
        lambda values: ask_to_correct(
            course_id=pk,
            kind=kind,
            fact_id=fact,
            reason=values["reason"],
            actor=request.user,
            now=moment.now,
        ),
        moment,
    )
