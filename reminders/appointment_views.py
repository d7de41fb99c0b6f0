"""Pages of a course's appointments: the list, a new one, its change, its end and its return."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from accounts.wording import day_text
from patients.form_pages import FormPage, Moment, answer, posted
from patients.identity import Named, identity_view
from patients.models import Course
from patients.reading import note_chart_read
from patients.selectors import course_or_404
from reminders import appointing
from reminders.appointment_forms import (
    AppointmentChangeForm,
    AppointmentForm,
    AppointmentReasonForm,
)
from reminders.appointment_models import Appointment
from reminders.appointments_shown import appointment_rows, planned_rows

form_page = require_http_methods(["GET", "POST"])


@login_required
@require_GET
def appointment_list(request: SignedInRequest, pk: int) -> HttpResponse:
    """The appointments of a course beside what its pathway has planned, with every change."""
    course = course_or_404(request.user, pk)
    moment = Moment.at(course)
    note_chart_read(course, actor=request.user, now=moment.now)
    context = {
        "course": course,
        "identity": identity_view(request.user, course, moment.today),
        "rows": appointment_rows(request.user, course, moment.today),
        "planned": planned_rows(course),
        "may_book": request.user.may(Permission.PLAN_DATES),
    }
    return render(request, "reminders/appointments.html", context)


@login_required
@form_page
def appointment_new(request: SignedInRequest, pk: int) -> HttpResponse:
    """Book an appointment."""
    course = course_or_404(request.user, pk)
    moment, form = Moment.at(course), AppointmentForm(posted(request))
    lead = _("The plan of the pathway does not move with it: where they differ, both pages say so.")
    return answer(
        request,
        _page(course, _("Appointment"), lead=lead),
        form,
        lambda values: appointing.book(
            course_id=pk, booking=form.booking(), reason=values["reason"], actor=request.user,
            now=moment.now,
        ),
        moment,
    )  # fmt: skip


@login_required
@form_page
def appointment_change(request: SignedInRequest, pk: int, appointment: int) -> HttpResponse:
    """Let an appointment say something else."""
    course = course_or_404(request.user, pk)
    row, moment = _row(request, course, appointment), Moment.at(course)
    form = AppointmentChangeForm(posted(request), stands=row)
    return answer(
        request,
        _page(course, _("Change an appointment"), row),
        form,
        lambda values: appointing.change(
            course_id=pk, appointment_id=appointment, booking=form.booking(),
            reason=values["reason"], expected_revision=values["expected_revision"],
            actor=request.user, now=moment.now,
        ),
        moment,
    )  # fmt: skip


@login_required
@form_page
def appointment_cancel(request: SignedInRequest, pk: int, appointment: int) -> HttpResponse:
    """Cancel an appointment."""
    title = _("Cancel an appointment")
    return _with_reason(request, pk, appointment, title, appointing.cancel, danger=True)


@login_required
@form_page
def appointment_reinstate(request: SignedInRequest, pk: int, appointment: int) -> HttpResponse:
    """Let an appointment that was cancelled by mistake stand again."""
    title = _("Appointment stands again")
    return _with_reason(request, pk, appointment, title, appointing.reinstate)


def _with_reason(
    request: SignedInRequest,
    pk: int,
    appointment: int,
    title: str,
    act: Callable[..., Appointment],
    *,
    danger: bool = False,
) -> HttpResponse:
    course = course_or_404(request.user, pk)
    row, moment = _row(request, course, appointment), Moment.at(course)
    form = AppointmentReasonForm(posted(request), initial={"expected_revision": row.revision})
    return answer(
        request,
        _page(course, title, row, danger=danger),
        form,
        lambda values: act(
            course_id=pk, appointment_id=appointment, **values, actor=request.user, now=moment.now
        ),
        moment,
    )


def _row(request: SignedInRequest, course: Course, pk: int) -> Appointment:
    seen = Appointment.objects.visible_to(request.user)
    return get_object_or_404(seen, pk=pk, course=course)


def _page(
    course: Course,
    title: str | Promise,
    row: Appointment | None = None,
    *,
    lead: str = "",
    danger: bool = False,
) -> FormPage:
    facts: tuple[Any, ...] = ()
    if row is not None:
        when = day_text(row.on) + (f" {row.at:%H:%M}" if row.at else "")
        facts = (Named(_("What"), row.get_kind_display()), Named(_("When"), when))
    return FormPage(
        course,
        title,
        Permission.PLAN_DATES,
        lead=lead,
        facts=facts,
        danger=danger,
        after=reverse("appointment_list", args=[course.pk]),
    )
