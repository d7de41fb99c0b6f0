"""Pages of the two-person check: begin it, read alone, what it came to, its deviation number."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.access import require
from accounts.permissions import Permission
from accounts.refusing import note_refusal, status_of
from accounts.requests import SignedInRequest
from accounts.signing_again import sign_in_again
from accounts.wording import add_refusals, in_words, refusal_view
from pathway.check_times import doubtful_times
from pathway.deviations import record_deviation
from pathway.domain.identity_checks import KIND_NAMES
from pathway.identity_checks import (
    open_check,
    opening_refusals,
    scan_refusals,
    sign_scan,
)
from pathway.identity_forms import DeviationForm, ReadingForm
from pathway.identity_selectors import (
    CheckView,
    check_of,
    check_view,
    product_of,
    running_check,
    snapshot_pairs,
)
from pathway.identity_snapshots import snapshot_of
from pathway.loading import CourseState
from pathway.scanning import keep, only_scanned
from pathway.selectors import course_state
from patients.identity import identity_of
from patients.reading import note_chart_read
from terms.day_numbers import local_date
from terms.refusals import Refused

form_page = require_http_methods(["GET", "POST"])


@login_required
@form_page
def identity_check_new(request: SignedInRequest, pk: int, product: int, kind: str) -> HttpResponse:
    """Begin a check: show what two people will compare the labels with."""
    now = timezone.now()
    state = course_state(request.user, pk)
    found = product_of(state.course, product)
    if kind not in KIND_NAMES:
        raise Http404
    require(request.user, Permission.SEE_IDENTITY)
    running = running_check(state.course, found, kind, now)
    if running is not None:
        return redirect("identity_check", pk=pk, check=running)
    note_chart_read(state.course, actor=request.user, now=now)
    snapshot = snapshot_of(state.course, found)
    form, status = forms.Form(request.POST if request.method == "POST" else None), 200
    if form.is_valid():
        try:
            check = open_check(
                course_id=pk, product_id=product, kind=kind, actor=request.user, now=now
            )
        except Refused as refused:
            note_refusal(request.user, refused, request.path, now=now)
            status = status_of(refused)
        else:
            return redirect("identity_check", pk=pk, check=check.pk)
    refusals = opening_refusals(state, found, kind, snapshot, request.user, now)
    context = _about(request, state, kind, now) | {
        "pairs": snapshot_pairs(snapshot),
        "refusals": [refusal_view(refusal) for refusal in refusals],
    }
    return render(request, "pathway/identity_check_new.html", context, status=status)


@login_required
@sensitive_post_parameters("password")
@form_page
def identity_check(request: SignedInRequest, pk: int, check: int) -> HttpResponse:
    """One check: what is to be found, a form for whoever reads next, or what it came to."""
    now = timezone.now()
    state = course_state(request.user, pk)
    found = check_of(state.course, check)
    require(request.user, Permission.SEE_IDENTITY)
    form, status = ReadingForm(_posted(request), check=found), 200
    if only_scanned(form) or not form.is_bound:
        keep(form)
    else:

        def save(values: dict[str, Any]) -> None:
            signed_at = sign_in_again(request, request.user, values["password"], now=now)
            sign_scan(
                course_id=pk,
                check_id=check,
                read=form.read(),
                signed_in_at=signed_at,
                actor=request.user,
                now=now,
            )

        status = _try(request, form, save, now)
        if status == 302:
            return redirect("identity_check", pk=pk, check=check)
    note_chart_read(state.course, actor=request.user, now=now)
    return _check_page(request, state, check_view(found, now), form, now, status)


@login_required
@form_page
def identity_deviation(request: SignedInRequest, pk: int, check: int) -> HttpResponse:
    """Write down the number of the deviation that a mismatch is."""
    now = timezone.now()
    state = course_state(request.user, pk)
    found = check_of(state.course, check)
    require(request.user, Permission.SEE_IDENTITY)
    form, status = DeviationForm(_posted(request)), 200
    if form.is_bound:

        def save(values: dict[str, Any]) -> None:
            record_deviation(course_id=pk, check_id=check, **values, actor=request.user, now=now)

        status = _try(request, form, save, now)
        if status == 302:
            return redirect("identity_check", pk=pk, check=check)
    context = _about(request, state, found.kind, now) | {"form": form, "check": found}
    return render(request, "pathway/identity_deviation.html", context, status=status)


def _check_page(
    request: SignedInRequest,
    state: CourseState,
    view: CheckView,
    form: ReadingForm,
    now: datetime,
    status: int,
) -> HttpResponse:
    refusals = scan_refusals(state, view.standing, request.user)
    context = _about(request, state, view.check.kind, now) | {
        "view": view,
        "warnings": _not_then(state, view),
        "outcome": view.standing.outcome.value,
        "form": form,
        "refusals": [refusal_view(refusal) for refusal in refusals],
    }
    return render(request, "pathway/identity_check.html", context, status=status)


def _not_then(state: CourseState, view: CheckView) -> list[str]:
    """The times at which no check stood, for a check of the product that was given."""
    return [in_words(one) for one in doubtful_times(state)] if view.until is not None else []


def _about(
    request: SignedInRequest, state: CourseState, kind: str, now: datetime
) -> dict[str, Any]:
    identity = identity_of(
        request.user,
        state.course,
        today=local_date(now, state.course.centre.zone),
        infused_on=state.infused_on,
        died_on=state.deceased_on,
    )
    return {"identity": identity, "title": _(KIND_NAMES[kind]), "course": state.course}


def _try(
    request: SignedInRequest,
    form: forms.Form,
    save: Callable[[dict[str, Any]], None],
    now: datetime,
) -> int:
    """Save a bound form: 302 when saved, else the status that says why not."""
    if not form.is_valid():
        return 422
    try:
        save(form.cleaned_data)
    except Refused as refused:
        note_refusal(request.user, refused, request.path, now=now)
        add_refusals(form, refused)
        return status_of(refused)
    return 302


def _posted(request: SignedInRequest) -> Any:
    return request.POST if request.method == "POST" else None
