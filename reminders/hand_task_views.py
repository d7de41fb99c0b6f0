"""The pages on which a task is asked for beside the schedule of a course, and put right."""

from datetime import date

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import require
from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from accounts.wording import day_text, role_names
from patients.form_pages import FormPage, Moment, answer, posted
from patients.forms import ReasonForm
from patients.identity import Named
from patients.selectors import course_or_404
from reminders.correcting_tasks import correct_task
from reminders.doers import require_doing
from reminders.hand_task_forms import TaskCorrectionForm, TaskForm
from reminders.hand_tasks import add_task, occasions
from reminders.models import Reminder, TaskCorrection
from reminders.series import skip_rest
from reminders.wording import item_text


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
        lambda values: add_task(
            course_id=pk, task=form.task(), actor=request.user, now=moment.now, key=values["key"]
        ),
        moment,
    )


@login_required
@require_http_methods(["GET", "POST"])
def task_correct(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put a task right that somebody asked for, and say why; what it said before stands below."""
    tasks = Reminder.objects.visible_to(request.user).exclude(made_by="")
    row = get_object_or_404(tasks.select_related("course__centre", "course__protocol"), pk=pk)
    require(request.user, Permission.DO_REMINDERS)
    moment = Moment.at(row.course)
    form = TaskCorrectionForm(posted(request), row=row, today=moment.today)
    page = FormPage(
        row.course,
        _("Correct: %(item)s") % {"item": item_text(row, request.user)},
        Permission.DO_REMINDERS,
        facts=tuple(_told(one) for one in row.corrections.order_by("pk")),
        after=reverse("course_due", args=[row.course_id]),
    )
    return answer(
        request,
        page,
        form,
        lambda values: correct_task(
            reminder_id=pk, task=form.task(row.item), reason=values["reason"],
            actor=request.user, now=moment.now,
        ),
        moment,
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def task_skip_rest(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say why this date of a task that repeats, and those after it, will not be done."""
    tasks = Reminder.objects.visible_to(request.user).filter(made_by__gt="", series__gt=0)
    row = get_object_or_404(tasks.select_related("course__centre", "course__protocol"), pk=pk)
    require_doing(request.user, [row.role])
    moment = Moment.at(row.course)
    page = FormPage(
        row.course,
        _("Skip the rest: %(item)s") % {"item": item_text(row, request.user)},
        Permission.READ_COURSES,  # what it takes beside is the role of the task
        lead=_("This date and all of the series that wait after it: from %(on)s on.")
        % {"on": day_text(row.due_on)},
        after=reverse("course_due", args=[row.course_id]),
    )
    return answer(
        request,
        page,
        ReasonForm(posted(request)),
        lambda values: skip_rest(
            reminder_id=pk, reason=values["reason"], actor=request.user, now=moment.now
        ),
        moment,
    )


def _told(one: TaskCorrection) -> Named:
    """What the task said before a correction, and why that was put right."""
    said = one.before
    days = " – ".join(
        dict.fromkeys(day_text(date.fromisoformat(said[name])) for name in ("due_on", "window_end"))
    )
    words = [said["label"], days, role_names([said["role"]])[0], one.reason, one.corrected_by]
    return Named(_("Before"), " · ".join(word for word in words if word))
