"""The page on which a task is asked for beside the schedule of a course."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from patients.form_pages import FormPage, Moment, answer, posted
from patients.selectors import course_or_404
from reminders.hand_task_forms import TaskForm
from reminders.hand_tasks import add_task, occasions


@login_required
@require_http_methods(["GET", "POST"])
def task_new(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask for something that the schedule does not, or that the protocol keeps for an occasion."""
    course = course_or_404(request.user, pk)
    moment = Moment.at(course)
    form = TaskForm(posted(request), occasions=occasions(course), today=moment.today)
    page = FormPage(
        course,
        _("Task"),
        Permission.DO_REMINDERS,
        lead=_("It stands beside what the schedule asks; no date of the pathway moves it."),
        after=reverse("course_due", args=[pk]),
    )
    return answer(
        request,
        page,
        form,
        lambda _values: add_task(
            course_id=pk, task=form.task(), actor=request.user, now=moment.now
        ),
        moment,
    )
