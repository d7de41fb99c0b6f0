"""Pages of doses: the table of one companion, an order, and what became of each dose."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import require
from accounts.permissions import Permission
from accounts.refusing import note_refusal, status_of, told_to
from accounts.requests import SignedInRequest
from pathway import dosing
from pathway.domain.doses import DOSE_LABELS, ROUTE_LABELS, DoseFacts, Route
from pathway.dose_amounts import counted, counted_amounts, surface_today
from pathway.dose_forms import ChangeForm, CorrectForm, DoseForm, GiveForm, OrderForm, WithholdForm
from pathway.loading import CourseState
from pathway.loading_companions import CompanionRow
from pathway.loading_doses import MACHINES
from pathway.selectors import course_state
from pathway.wording import machine_name
from patients.identity import identity_of
from patients.reading import note_chart_read
from patients.result_pages import surface_pairs
from terms.day_numbers import local_date
from terms.refusals import Refused
from terms.words import N_

_PERMISSIONS = {
    "give": Permission.GIVE_DOSES,
    "withhold": Permission.GIVE_DOSES,
    "change": Permission.ORDER_DOSES,
    "correct": Permission.ORDER_DOSES,
}
_TITLES = {
    "give": N_("Dose given"),
    "withhold": N_("Dose not given"),
    "change": N_("Change the order"),
    "correct": N_("Correct the dose"),
}


@login_required
@require_GET
def doses(request: SignedInRequest, pk: int, machine: str, companion: int) -> HttpResponse:
    """The doses of one companion: planned, ordered, given."""
    now = timezone.now()
    state, row = _found(request, pk, machine, companion)
    note_chart_read(state.course, actor=request.user, now=now)
    today = local_date(now, state.course.centre.zone)
    sums = counted_amounts(state, row, today)
    surface = surface_today(sums)
    context = {
        "identity": _identity(request, state, now),
        "surface": surface_pairs(surface) if surface else (),
        "machine": machine_name(machine),
        "row": row,
        "course": state.course,
        "doses": [
            (
                dose,
                _(DOSE_LABELS[dose.state]),
                _(ROUTE_LABELS[Route(dose.route)]) if dose.route else "",
                sums.get(dose.pk),
            )
            for dose in row.doses
        ],
        "named": request.user.may(Permission.SEE_IDENTITY),
        "may_order": request.user.may(Permission.ORDER_DOSES),
        "may_give": request.user.may(Permission.GIVE_DOSES),
    }
    return render(request, "pathway/doses.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def dose_new(request: SignedInRequest, pk: int, machine: str, companion: int) -> HttpResponse:
    """Order a dose, or those of a cycle."""
    state, row = _found(request, pk, machine, companion)
    require(request.user, Permission.ORDER_DOSES)
    form, now = OrderForm(_posted(request), course=state.course, row=row), timezone.now()

    def save() -> None:
        dosing.order_doses(
            course_id=pk,
            machine=machine,
            pk=companion,
            orders=form.orders(),
            overrides=form.overrides,
            expected_version=form.cleaned_data["expected_version"],
            actor=request.user,
            now=now,
        )

    return _answer(request, state, row, _("Order a dose"), form, save, now)


@login_required
@require_http_methods(["GET", "POST"])
def dose_deed(request: SignedInRequest, pk: int, dose: int, deed: str) -> HttpResponse:
    """Say what became of a dose, change its order, or correct it."""
    now, state = timezone.now(), course_state(request.user, pk)
    rows = ((row, one) for row in state.companions for one in row.doses if one.pk == dose)
    row, facts = next(rows, (None, None))
    if row is None or facts is None or deed not in _PERMISSIONS:
        raise Http404
    require(request.user, _PERMISSIONS[deed])
    form, save = _deed(request, state, facts, deed, now)
    title = f"{_(_TITLES[deed])}: {facts.number}. {facts.drug}"
    return _answer(request, state, row, title, form, save, now)


def _deed(
    request: SignedInRequest, state: CourseState, dose: DoseFacts, deed: str, now: datetime
) -> tuple[DoseForm, Callable[[], object]]:
    data, course = _posted(request), state.course
    found = counted(state, dose, local_date(now, course.centre.zone))
    sums = found.text if found else ""
    who: dict[str, Any] = {"dose_id": dose.pk, "actor": request.user, "now": now}

    def version(form: DoseForm) -> dict[str, Any]:
        return who | {"expected_version": form.cleaned_data["expected_version"]}

    if deed == "give":
        give = GiveForm(data, course=course, dose=dose, now=now, sums=sums)
        return give, lambda: dosing.give_dose(given=give.given(), **version(give))
    if deed == "withhold":
        keep = WithholdForm(data, course=course, initial={})
        return keep, lambda: dosing.withhold_dose(
            reason=keep.cleaned_data["reason"], **version(keep)
        )
    if deed == "change":
        change = ChangeForm(data, course=course, dose=dose, sums=sums)
        names = ("amount", "planned_on", "delay_code", "reason")
        return change, lambda: dosing.change_order(
            **{name: change.cleaned_data[name] for name in names},
            overrides=change.overrides,
            **version(change),
        )
    right = CorrectForm(data, course=course, dose=dose, now=now, sums=sums)
    return right, lambda: dosing.correct_dose(
        given=right.given() if right.cleaned_data["given_at"] else None,
        not_given_reason=right.cleaned_data["not_given_reason"],
        reason=right.cleaned_data["reason"],
        **version(right),
    )


def _answer(
    request: SignedInRequest,
    state: CourseState,
    row: CompanionRow,
    title: str,
    form: DoseForm,
    save: Callable[[], object],
    now: datetime,
) -> HttpResponse:
    status = 200
    if request.method == "POST" and not form.is_valid():
        status = 422
    elif request.method == "POST":
        try:
            save()
        except Refused as refused:
            note_refusal(request.user, refused, request.path, now=now)
            form.show(Refused(told_to(request.user, refused.refusals)))
            status = status_of(refused)
        else:
            messages.success(request, title)
            return redirect("doses", pk=state.course.pk, machine=row.machine, companion=row.pk)
    context = {
        "identity": _identity(request, state, now),
        "title": title,
        "lead": machine_name(row.machine),
        "form": form,
    }
    return render(request, "pathway/move.html", context, status=status)


def _found(
    request: SignedInRequest, pk: int, machine: str, companion: int
) -> tuple[CourseState, CompanionRow]:
    state = course_state(request.user, pk)
    row = next((row for row in state.of(machine) if row.pk == companion), None)
    if row is None or machine not in MACHINES:
        raise Http404
    return state, row


def _route(route: str) -> str:
    return ROUTE_LABELS[Route(route)]


def _identity(request: SignedInRequest, state: CourseState, now: datetime) -> Any:
    return identity_of(
        request.user,
        state.course,
        today=local_date(now, state.course.centre.zone),
        infused_on=state.infused_on,
        died_on=state.deceased_on,
    )


def _posted(request: SignedInRequest) -> Any:
    return request.POST if request.method == "POST" else None
