"""Pages of what is given for toxicity and of infections: the list, a record, its correction."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.held_forms import form_page
from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from patients.form_pages import FormPage, Moment, answer, posted
from patients.identity import Named, identity_view
from patients.models import Course
from patients.reading import note_chart_read
from patients.selectors import course_or_404
from terms.refusals import Refused
from toxicity import giving, infections
from toxicity.bringing_back import bring_back_infection, bring_back_treatment
from toxicity.given_forms import InfectionForm, OverForm, ReasonForm, TreatmentForm
from toxicity.given_pages import given_table
from toxicity.models import Infection, Treatment
from toxicity.wording.given_words import infection_text, span_text, treatment_text

Row = TypeVar("Row", Treatment, Infection)


@login_required
@require_GET
def given_list(request: SignedInRequest, pk: int) -> HttpResponse:
    """Treatments and infections of a course, with what stood before."""
    course = course_or_404(request.user, pk)
    moment = Moment.at(course)
    note_chart_read(course, actor=request.user, now=moment.now)
    context = {
        "course": course,
        "identity": identity_view(request.user, course, moment.today),
        "table": given_table(request.user, course),
        "may_log": request.user.may(Permission.LOG_TOXICITY),
        "may_move": request.user.may(Permission.RECORD_STAY),
        "in_hospital": course.stays.filter(ended_on=None).exists(),
    }
    return render(request, "toxicity/given.html", context)


@login_required
@form_page
def treatment_new(request: SignedInRequest, pk: int) -> HttpResponse:
    """Record a dose that was given."""
    course = course_or_404(request.user, pk)
    moment = Moment.at(course)
    form = TreatmentForm(posted(request), course=course, now=moment.now)
    page = _page(
        course,
        _("Treatment given"),
        lead=_("What was given, and when. Nothing here orders or advises a treatment."),
    )

    def save(values: Mapping[str, Any]) -> None:
        giving.give_treatment(
            course_id=pk, given=form.given(), confirmed=form.confirmed(), key=values["key"],
            actor=request.user, now=moment.now,
        )  # fmt: skip

    return answer(request, page, form, _asking(form, save), moment)


@login_required
@form_page
def treatment_correct(request: SignedInRequest, pk: int, treatment: int) -> HttpResponse:
    """Let the record of a dose say something else."""
    course = course_or_404(request.user, pk)
    row, moment = _row(request, Treatment, course, treatment), Moment.at(course)
    form = TreatmentForm(posted(request), course=course, now=moment.now, stands=row)
    page = _page(course, _("Correct a treatment"), facts=_dose(request, row), lead=_stays())

    def save(values: Mapping[str, Any]) -> None:
        giving.correct_treatment(
            course_id=pk, treatment_id=treatment, given=form.given(), reason=values["reason"],
            confirmed=form.confirmed(), key=values["key"], actor=request.user, now=moment.now,
        )  # fmt: skip

    return answer(request, page, form, _asking(form, save), moment)


@login_required
@form_page
def treatment_withdraw(request: SignedInRequest, pk: int, treatment: int) -> HttpResponse:
    """Say that a dose was never given."""
    course = course_or_404(request.user, pk)
    row, moment = _row(request, Treatment, course, treatment), Moment.at(course)
    page = _page(course, _("Never given"), facts=_dose(request, row), lead=_stays(), danger=True)
    return answer(
        request,
        page,
        ReasonForm(posted(request)),
        lambda values: giving.withdraw_treatment(
            course_id=pk, treatment_id=treatment, **values, actor=request.user, now=moment.now
        ),
        moment,
    )


@login_required
@form_page
def treatment_bring_back(request: SignedInRequest, pk: int, treatment: int) -> HttpResponse:
    """Let a dose stand again that was taken back by mistake."""
    course = course_or_404(request.user, pk)
    row, moment = _row(request, Treatment, course, treatment), Moment.at(course)
    return answer(
        request,
        _page(course, _("Bring back a treatment"), facts=_dose(request, row), lead=_stays()),
        ReasonForm(posted(request)),
        lambda values: bring_back_treatment(
            course_id=pk, treatment_id=treatment, **values, actor=request.user, now=moment.now
        ),
        moment,
    )


@login_required
@form_page
def infection_bring_back(request: SignedInRequest, pk: int, infection: int) -> HttpResponse:
    """Let an infection stand again that was taken back by mistake."""
    course = course_or_404(request.user, pk)
    row, moment = _row(request, Infection, course, infection), Moment.at(course)
    return answer(
        request,
        _page(course, _("Bring back an infection"), facts=_germ(request, row), lead=_stays()),
        ReasonForm(posted(request)),
        lambda values: bring_back_infection(
            course_id=pk, infection_id=infection, **values, actor=request.user, now=moment.now
        ),
        moment,
    )


@login_required
@form_page
def infection_new(request: SignedInRequest, pk: int) -> HttpResponse:
    """Record an infection."""
    course = course_or_404(request.user, pk)
    moment, form = Moment.at(course), InfectionForm(posted(request))
    return answer(
        request,
        _page(course, _("Infection")),
        form,
        lambda values: infections.record_infection(
            course_id=pk, infection=form.infection(), key=values["key"],
            actor=request.user, now=moment.now,
        ),
        moment,
    )  # fmt: skip


@login_required
@form_page
def infection_end(request: SignedInRequest, pk: int, infection: int) -> HttpResponse:
    """Say since when an infection is over."""
    course = course_or_404(request.user, pk)
    row, moment = _row(request, Infection, course, infection), Moment.at(course)
    return answer(
        request,
        _page(course, _("Infection over"), facts=_germ(request, row)),
        OverForm(posted(request)),
        lambda values: infections.end_infection(
            course_id=pk, infection_id=infection, **values, actor=request.user, now=moment.now
        ),
        moment,
    )


@login_required
@form_page
def infection_correct(request: SignedInRequest, pk: int, infection: int) -> HttpResponse:
    """Let the record of an infection say something else."""
    course = course_or_404(request.user, pk)
    row, moment = _row(request, Infection, course, infection), Moment.at(course)
    form = InfectionForm(posted(request), stands=infections.facts_of(row))
    return answer(
        request,
        _page(course, _("Correct an infection"), facts=_germ(request, row), lead=_stays()),
        form,
        lambda values: infections.correct_infection(
            course_id=pk, infection_id=infection, infection=form.infection(),
            reason=values["reason"], key=values["key"], actor=request.user, now=moment.now,
        ),
        moment,
    )  # fmt: skip


@login_required
@form_page
def infection_withdraw(request: SignedInRequest, pk: int, infection: int) -> HttpResponse:
    """Say that an infection never was."""
    course = course_or_404(request.user, pk)
    row, moment = _row(request, Infection, course, infection), Moment.at(course)
    page = _page(course, _("Never was"), facts=_germ(request, row), lead=_stays(), danger=True)
    return answer(
        request,
        page,
        ReasonForm(posted(request)),
        lambda values: infections.withdraw_infection(
            course_id=pk, infection_id=infection, **values, actor=request.user, now=moment.now
        ),
        moment,
    )


def _stays() -> str:
    return _("What stood before stays to be read.")


def _page(course: Course, title: str, **more: Any) -> FormPage:
    return FormPage(
        course,
        title,
        Permission.LOG_TOXICITY,
        template="toxicity/given_form.html",
        after=reverse("given_list", args=[course.pk]),
        **more,
    )


def _row(request: SignedInRequest, model: type[Row], course: Course, pk: int) -> Row:
    """A record of `course`, also one that stands no more: the service says who replaced it."""
    row: Row = get_object_or_404(model.objects.visible_to(request.user), pk=pk, course=course)
    return row


def _asking(
    form: TreatmentForm, save: Callable[[Mapping[str, Any]], None]
) -> Callable[[Mapping[str, Any]], None]:
    """Save, and show the doubts beside a tick where there are any."""

    def asking(values: Mapping[str, Any]) -> None:
        try:
            save(values)
        except Refused as refused:
            form.ask(refused)
            raise

    return asking


def _dose(request: SignedInRequest, row: Treatment) -> tuple[Named, ...]:
    named = request.user.may(Permission.SEE_IDENTITY)
    return (Named(_("Recorded"), treatment_text(row, named=named)),)


def _germ(request: SignedInRequest, row: Infection) -> tuple[Named, ...]:
    named = request.user.may(Permission.SEE_IDENTITY)
    return (Named(_("Recorded"), f"{span_text(row)} {infection_text(row, named=named)}"),)
