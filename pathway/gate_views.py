"""Pages of the gates: every check as it stands; recording, waiving, correcting, taking back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from accounts.wording import in_words, param_in_words
from pathway.assessment_forms import CheckCorrectionForm, ChecksForm, ReasonForm, TakeBackForm
from pathway.check_times import doubtful_times
from pathway.checklists import Row, check_rows
from pathway.domain.assessments import GateOutcome
from pathway.domain.doses import DoseFacts
from pathway.domain.facts import CourseFacts
from pathway.domain.gate_rules import GATE_LABELS, Check, Gate
from pathway.earlier_rounds import as_row, earlier_of
from pathway.gating import STAGES, CheckNote, facts_before, record_checks
from pathway.loading import CourseState
from pathway.passages import (
    Passage,
    passage_of,
    question_of,
    thaw_of,
    told_afterwards,
    unchecked,
)
from pathway.review_views import facts_of
from pathway.selectors import course_state
from pathway.stood_before import checks_before
from pathway.wording import stage_name
from patients.form_pages import FormPage, Moment, answer, posted
from patients.identity import Named, identity_of
from patients.reading import note_chart_read

form_page = require_http_methods(["GET", "POST"])


@dataclass(frozen=True)
class _Asked:
    """The gate a page is about, at one moment."""

    gate: Gate
    state: CourseState
    facts: CourseFacts
    moment: Moment
    rows: tuple[Row, ...]

    def row(self, code: str) -> Row:
        """One check. Raises Http404."""
        found = next((row for row in self.rows if row.code == code), None)
        if found is None:
            raise Http404
        return found

    def asked_row(self, request: SignedInRequest, code: str) -> Row:
        """One check, or what `row` of an earlier round says of it. Raises Http404."""
        row, entry = self.row(code), request.GET.get("row")
        if entry is None:
            return row
        found = as_row(row, earlier_of(request.user, self.facts, self.gate), entry)
        if found is None:
            raise Http404
        return found

    def check(self, code: str) -> Check:
        """What the protocol says of a check that is there."""
        found = self.facts.rules.gates.check(self.gate, code)
        assert found is not None, "rows come from the protocol's checks"
        return found


def _asked(request: SignedInRequest, pk: int, gate: str) -> _Asked:
    """The gate of a course. Raises Course.DoesNotExist, or Http404 for no such gate."""
    state = course_state(request.user, pk)
    if gate not in tuple(Gate):
        raise Http404
    moment, which = Moment.at(state.course), Gate(gate)
    facts = facts_before(state, which, moment.now)
    rows = check_rows(request.user, facts, which, not_checked=unchecked(state, which))
    rows = checks_before(request.user, facts, pk, which, rows)
    return _Asked(which, state, facts, moment, rows)


@login_required
@require_GET
def gate(request: SignedInRequest, pk: int, gate: str) -> HttpResponse:
    """Show every check of a gate as it stands now, whatever stage the course is at."""
    asked = _asked(request, pk, gate)
    state, user = asked.state, request.user
    note_chart_read(state.course, actor=user, now=asked.moment.now)
    here = asked.facts.stage in STAGES[asked.gate] and not asked.facts.deceased
    passage = passage_of(state, asked.gate)
    thaw = thaw_of(state) if asked.gate is Gate.INFUSION else None
    named = user.may(Permission.SEE_IDENTITY)
    context = {
        "identity": identity_of(
            user, state.course, today=asked.moment.today, infused_on=state.infused_on,
            died_on=state.deceased_on,
        ),
        "course": state.course,
        "gate": asked.gate.value,
        "title": _(GATE_LABELS[asked.gate]),
        "rows": asked.rows,
        "earlier": earlier_of(user, asked.facts, asked.gate),
        "waiting": sum(not row.passed for row in asked.rows),
        "passage": passage,
        "reasons": _reasons(asked, passage) if named else [],
        "told_after": _told_after(state, named=named) if asked.gate is Gate.LYMPHODEPLETION else [],
        "thaw": thaw,
        "thaw_reasons": _reasons(asked, thaw) if named else [],
        "warnings": [in_words(one) for one in doubtful_times(state)]
        if asked.gate is Gate.INFUSION
        else [],
        "not_checked": unchecked(state, asked.gate),
        "here": here,
        "stages": [stage_name(stage) for stage in STAGES[asked.gate]],
        "gates": [(one.value, _(GATE_LABELS[one])) for one in Gate],
        "now": asked.moment.now,
        "may_assess": user.may(Permission.ASSESS) and here,
    }  # fmt: skip
    return render(request, "pathway/gate.html", context)


def _reasons(asked: _Asked, passage: Passage | None) -> list[tuple[object, str]]:
    """The reasons that were given to go on, each with the check that it is about, if it is one."""
    found = passage.reasons if passage is not None else ()
    return [
        (param_in_words(question_of(one["code"], asked.gate, asked.facts.rules)), one["reason"])
        for one in found
    ]


def _told_after(
    state: CourseState, *, named: bool
) -> list[tuple[DoseFacts, list[tuple[object, str]]]]:
    """The doses told after they were given, with what was asked of them; reasons for names only."""
    return [
        (one.dose, [(param_in_words(said), why if named else "") for said, why in one.asked])
        for one in told_afterwards(state)
    ]


@login_required
@form_page
def gate_record(request: SignedInRequest, pk: int, gate: str) -> HttpResponse:
    """Record what was found of several checks."""
    asked = _asked(request, pk, gate)
    rows = [_with_measure(asked, row) for row in asked.rows if row.may_record]
    form = ChecksForm(posted(request), rows=rows, course=asked.state.course, now=asked.moment.now)
    return _answer(request, asked, _("Record checks"), form, form.notes)


@login_required
@form_page
def gate_waive(request: SignedInRequest, pk: int, gate: str, check: str) -> HttpResponse:
    """Waive a check, with a reason."""
    asked = _asked(request, pk, gate)
    row, form = asked.row(check), ReasonForm(posted(request))

    def notes() -> list[CheckNote]:
        return [CheckNote(check, GateOutcome.WAIVED.value, remark=form.cleaned_data["reason"])]

    title = _("Waive: %(what)s") % {"what": row.label}
    return _answer(request, asked, title, form, notes, facts_of(row), danger=True)


@login_required
@form_page
def gate_correct(request: SignedInRequest, pk: int, gate: str, check: str) -> HttpResponse:
    """Put right what was recorded of a check; the wrong row stays beside it."""
    asked = _asked(request, pk, gate)
    row = asked.asked_row(request, check)
    if row.entry is None or row.computed:
        raise Http404
    _row, measure, optional = _with_measure(asked, row)
    form = CheckCorrectionForm(
        posted(request),
        row=row,
        measure=measure,
        optional=optional,
        course=asked.state.course,
        now=asked.moment.now,
    )
    title = _("Correct: %(what)s") % {"what": row.label}
    return _answer(request, asked, title, form, form.notes, facts_of(row))


@login_required
@form_page
def gate_take_back(request: SignedInRequest, pk: int, gate: str, check: str) -> HttpResponse:
    """Take back a waiver or a record that was a mistake; it stays to be read."""
    asked = _asked(request, pk, gate)
    row = asked.asked_row(request, check)
    if row.taken_back is None:
        raise Http404
    form = TakeBackForm(posted(request), row=row)

    def notes() -> list[CheckNote]:
        told = form.cleaned_data
        outcome = GateOutcome.WITHDRAWN.value
        return [CheckNote(check, outcome, remark=told["reason"], replaces=told["replaces"])]

    title = _("Take back: %(what)s") % {"what": row.label}
    return _answer(request, asked, title, form, notes, facts_of(row), danger=True)


def _with_measure(asked: _Asked, row: Row) -> tuple[Row, Any, bool]:
    check = asked.check(row.code)
    return row, check.measure, check.optional


def _answer(
    request: SignedInRequest,
    asked: _Asked,
    title: str,
    form: forms.Form,
    notes: Callable[[], list[CheckNote]],
    facts: tuple[Named, ...] = (),
    *,
    danger: bool = False,
) -> HttpResponse:
    def save(_values: Any) -> None:
        record_checks(
            course_id=asked.state.course.pk,
            gate=asked.gate,
            notes=notes(),
            actor=request.user,
            now=asked.moment.now,
        )

    page = FormPage(
        asked.state.course,
        title,
        Permission.ASSESS,
        lead=_(GATE_LABELS[asked.gate]),
        danger=danger,
        facts=facts,
        after=reverse("gate", args=[asked.state.course.pk, asked.gate.value]),
    )
    return answer(request, page, form, save, asked.moment)
