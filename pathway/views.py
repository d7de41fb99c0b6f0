"""Pages that move a course on: its stages and its companions."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.refusing import note_refusal, status_of, told_to
from accounts.requests import SignedInRequest
from accounts.wording import refusal_view
from pathway.booking import against_booking
from pathway.completing import completion_cancels
from pathway.domain.companions import COMPANIONS
from pathway.domain.machine import Machine, Option, against
from pathway.domain.spine import SPINE, Stage
from pathway.domain.texts import Texts
from pathway.forms import OVERRIDE, MoveForm, OpeningForm
from pathway.happened_earlier import may_have_happened
from pathway.loading import CourseState
from pathway.opening import OPENERS, open_companion, opening_refusals
from pathway.scanning import keep, only_scanned
from pathway.selectors import course_state
from pathway.sheet_links import sheet_of
from pathway.suggesting import bridging_suggestion
from pathway.transitions import MoveOrder, advance, find_move, move_companion, no_such_move
from pathway.wording import machine_name, move_name, state_name
from patients.identity import IdentityView, identity_of
from protocol.selectors import settings_of
from terms.day_numbers import local_date
from terms.refusals import Refused, StaleVersion


@dataclass(frozen=True)
class _Asked:
    """What a move page is about: whose move, from where to where, and what stands against it."""

    state: CourseState
    machine: "Machine[Any]"
    pk: int | None
    option: "Option[Any]"
    now: datetime


class _Gone(StaleVersion):
    """The move of an old page: somebody else has made it, or another one, meanwhile."""


@login_required
@require_http_methods(["GET", "POST"])
def move(request: SignedInRequest, pk: int, target: str) -> HttpResponse:
    """Move the journey of a course to another stage."""
    now = timezone.now()
    state = course_state(request.user, pk)
    asked = _asked(request, state, SPINE, state.journey.stage, None, target, now)

    def write(order: MoveOrder) -> None:
        advance(course_id=pk, order=order, actor=request.user, now=now)

    return _move_page(request, asked, write)


@login_required
@require_http_methods(["GET", "POST"])
def companion_move(
    request: SignedInRequest, pk: int, machine: str, companion: int, target: str
) -> HttpResponse:
    """Move one companion of a course to another state."""
    now = timezone.now()
    state = course_state(request.user, pk)
    row = next((row for row in state.of(machine) if row.pk == companion), None)
    if row is None:
        raise Http404
    asked = _asked(request, state, COMPANIONS[machine], row.state, companion, target, now)

    def write(order: MoveOrder) -> None:
        move_companion(
            course_id=pk, machine=machine, pk=companion, order=order, actor=request.user, now=now
        )

    return _move_page(request, asked, write)


@login_required
@require_http_methods(["GET", "POST"])
def companion_new(request: SignedInRequest, pk: int, machine: str) -> HttpResponse:
    """Open a companion: plan containment, book apheresis, order a product and so on."""
    now = timezone.now()
    state = course_state(request.user, pk)
    if machine not in OPENERS:
        raise Http404
    form = OpeningForm(_posted(request), machine=machine, course=state.course)
    refusals, status = opening_refusals(state, machine, request.user), 200
    if request.method == "POST" and not form.is_valid():
        status = 422
    elif request.method == "POST":
        try:
            _open(request, form, state, machine, now)
        except Refused as refused:
            note_refusal(request.user, refused, request.path, now=now)
            form.show(Refused(told_to(request.user, refused.refusals)))
            status = status_of(refused)
        else:
            return _done(request, state, machine_name(machine))
    context = {
        "identity": _identity(request, state, now),
        "title": machine_name(machine),
        "form": form,
        "refusals": [refusal_view(refusal) for refusal in refusals],
        "closed": bool(refusals),
        "hint": _suggested(state, machine),
    }
    return render(request, "pathway/move.html", context, status=status)


def _open(
    request: SignedInRequest, form: OpeningForm, state: CourseState, machine: str, now: datetime
) -> None:
    """Open what the form describes, with the reasons given for what yields to one."""
    on = local_date(now, state.course.centre.zone)
    soft = against_booking(state, machine, form.values(), on)
    for refusal in soft:
        form.ask_reason(refusal)
    open_companion(
        course_id=state.course.pk,
        machine=machine,
        values=form.values(),
        overrides={one.code: request.POST.get(OVERRIDE + one.code, "") for one in soft},
        expected_version=form.cleaned_data["expected_version"],
        actor=request.user,
        now=now,
    )


def _suggested(state: CourseState, machine: str) -> str:
    """What the protocol suggests for bridging, or that nobody knows the antigen it asks for."""
    suggestion = bridging_suggestion(state.course) if machine == "bridging" else None
    return suggestion.text if suggestion else ""


def _asked(
    request: SignedInRequest,
    state: CourseState,
    machine: "Machine[Any]",
    source: str,
    pk: int | None,
    target: str,
    now: datetime,
) -> _Asked:
    """The move with what stands against it now. _Gone for one that the table has not."""
    listed = find_move(machine, source, target)
    if listed is None:
        raise _Gone([no_such_move(machine, source, target)])
    row = next((r for r in state.companions if (r.machine, r.pk) == (machine.name, pk)), None)
    on = local_date(now, state.course.centre.zone)
    facts = state.facts(on=on, subject=row, at=now)
    standing = against(listed, facts, request.user.roles)
    option = Option(listed, told_to(request.user, standing))
    return _Asked(state, machine, pk, option, now)


def _move_page(
    request: SignedInRequest, asked: _Asked, write: Callable[[MoveOrder], None]
) -> HttpResponse:
    option, status = asked.option, 200
    form = _form(asked, _posted(request))
    if only_scanned(form):
        keep(form)
    elif form.is_bound and not form.is_valid():
        status = 422
    elif form.is_bound:
        try:
            write(form.order(option.move.target.value))
        except Refused as refused:
            form = _renewed(form, asked, refused)
            note_refusal(request.user, refused, request.path, now=asked.now)
            form.show(Refused(told_to(request.user, refused.refusals)))
            status = status_of(refused)
        else:
            return _done(request, asked.state, move_name(asked.machine.name, option.move))
    earlier = may_have_happened(asked.state, option, request.user, asked.now)
    # Where a form is shown it asks itself for the reasons.
    asking = earlier or form.is_bound or not option.hard
    context = {
        "identity": _identity(request, asked.state, asked.now),
        "title": move_name(asked.machine.name, option.move),
        "lead": machine_name(asked.machine.name),
        "source": state_name(asked.machine.name, option.move.source.value),
        "target": state_name(asked.machine.name, option.move.target.value),
        "form": form,
        "refusals": [refusal_view(one) for one in (*option.hard, *(() if asking else option.soft))],
        "closed": bool(option.hard),
        "earlier": earlier,
        "hint": _hint(asked),
        "cancels": _cancels(asked),
        "sheet": sheet_of(asked.state.course.pk, asked.machine.name, option.move),
        "danger": asked.machine is SPINE and option.move.target in SPINE.ends,
    }
    return render(request, "pathway/move.html", context, status=status)


def _cancels(asked: _Asked) -> str:
    """What the completion cancels; empty for any other move."""
    if asked.option.move.target is not Stage.COMPLETED:
        return ""
    course = asked.state.course
    return completion_cancels(course, local_date(asked.now, course.centre.zone))


def _hint(asked: _Asked) -> str:
    """What the course's protocol reminds of before this move; empty where it says nothing."""
    texts = settings_of(asked.state.course.protocol).section("texts", Texts)
    text = texts.above(asked.machine.name, asked.option.move.target.value)
    return text.in_language(get_language() or "en") if text else ""


def _form(asked: _Asked, data: QueryDict | None) -> MoveForm:
    return MoveForm(
        data,
        machine=asked.machine.name,
        move=asked.option.move,
        soft=asked.option.soft,
        version=asked.state.course.version,
        now=asked.now,
        course=asked.state.course,
    )


def _renewed(form: MoveForm, asked: _Asked, refused: Refused) -> MoveForm:
    """The form with what was typed, asking against the course as it is now if it went stale."""
    if not isinstance(refused, StaleVersion):
        return form
    data = QueryDict(mutable=True)
    data.update(form.data)
    data["expected_version"] = str(refused.refusals[0].params["current"])
    fresh = _form(asked, data)
    fresh.is_valid()
    return fresh


def _done(request: SignedInRequest, state: CourseState, what: str) -> HttpResponse:
    identity = _identity(request, state, timezone.now())
    messages.success(
        request, _("%(what)s: recorded for %(name)s.") % {"what": what, "name": identity.name}
    )
    return redirect("course", pk=state.course.pk)


def _identity(request: SignedInRequest, state: CourseState, now: datetime) -> IdentityView:
    return identity_of(
        request.user,
        state.course,
        today=local_date(now, state.course.centre.zone),
        infused_on=state.infused_on,
        died_on=state.deceased_on,
    )


def _posted(request: SignedInRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None
