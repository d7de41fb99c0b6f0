"""Pages of the eligibility review: its items, their results and waivers, the meeting."""

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
from accounts.wording import in_words
from pathway.assessing import ItemNote, record_items
from pathway.assessment_forms import (
    ItemCorrectionForm,
    MeetingForm,
    ReasonForm,
    ResultsForm,
    StepsForm,
    TakeBackForm,
)
from pathway.checklists import Row, item_rows
from pathway.domain.assessments import ItemStep
from pathway.domain.companions import Review
from pathway.domain.facts import CourseFacts
from pathway.domain.measures import Measure
from pathway.loading import CourseState
from pathway.meeting import SIGNERS, record_meeting, refuse_meeting, sign_meeting
from pathway.meetings_shown import meeting_views
from pathway.selectors import course_state
from pathway.stood_before import items_before
from pathway.wording import state_name
from patients.form_pages import FormPage, Moment, answer, posted
from patients.identity import Named, identity_of
from patients.reading import note_chart_read

form_page = require_http_methods(["GET", "POST"])


@dataclass(frozen=True)
class Asked:
    """The review a page is about, at one moment."""

    state: CourseState
    facts: CourseFacts
    moment: Moment
    rows: tuple[Row, ...]

    @classmethod
    def of(cls, request: SignedInRequest, pk: int) -> "Asked":
        """The latest review of a course. Raises Course.DoesNotExist."""
        state = course_state(request.user, pk)
        moment = Moment.at(state.course)
        facts = state.facts(on=moment.today, at=moment.now)
        rows = item_rows(request.user, facts, open_review=is_open(facts))
        return cls(state, facts, moment, items_before(request.user, facts, rows))

    def measure(self, row: Row) -> Measure:
        """What the value of a row is."""
        return self.facts.rules.items.by_code[row.code].measure

    def row(self, code: str) -> Row:
        """One item. Raises Http404."""
        found = next((row for row in self.rows if row.code == code), None)
        if found is None:
            raise Http404
        return found


def is_open(facts: CourseFacts) -> bool:
    """Whether anything may be recorded about the latest review."""
    review = facts.review
    return review is not None and review.state != Review.CLOSED and not facts.deceased


@login_required
@require_GET
def review(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show every item of the latest review and its meetings."""
    asked = Asked.of(request, pk)
    state, user = asked.state, request.user
    note_chart_read(state.course, actor=user, now=asked.moment.now)
    found = asked.facts.review
    meetings = meeting_views(user, state, found.pk) if found else ()
    context = {
        "identity": identity_of(
            user, state.course, today=asked.moment.today, infused_on=state.infused_on,
            died_on=state.deceased_on,
        ),
        "course": state.course,
        "rows": asked.rows,
        "round": len(asked.facts.reviews),
        "state": state_name("eligibility", found.state) if found else "",
        "now": asked.moment.now,
        "may_assess": user.may(Permission.ASSESS) and is_open(asked.facts),
        "may_meet": user.may(Permission.RECORD_MEETING)
        and found is not None and found.state == Review.MDT_REVIEW,
        "may_sign": not user.roles.isdisjoint(SIGNERS),
        "meetings": meetings,
        "transcribed": found is not None and bool(found.transcribed),
        "open_items": sum(not row.passed for row in asked.rows if row.mandatory),
    }  # fmt: skip
    return render(request, "pathway/review.html", context)


@login_required
@form_page
def review_results(request: SignedInRequest, pk: int) -> HttpResponse:
    """Record the results of one day."""
    asked = Asked.of(request, pk)
    rows = [(row, asked.measure(row)) for row in asked.rows if row.may_record]
    form = ResultsForm(posted(request), rows=rows, today=asked.moment.today)
    return _answer(request, asked, _("Record results"), form, form.notes)


@login_required
@form_page
def review_steps(request: SignedInRequest, pk: int) -> HttpResponse:
    """Note that items were ordered, or sampled."""
    asked = Asked.of(request, pk)
    rows = [row for row in asked.rows if not row.computed]
    form = StepsForm(posted(request), rows=rows, today=asked.moment.today)
    return _answer(request, asked, _("Order or sample items"), form, form.notes)


@login_required
@form_page
def review_waive(request: SignedInRequest, pk: int, item: str) -> HttpResponse:
    """Waive an item, with a reason."""
    asked = Asked.of(request, pk)
    row, form = asked.row(item), ReasonForm(posted(request))

    def notes() -> list[ItemNote]:
        return [ItemNote(item, ItemStep.WAIVED.value, reason=form.cleaned_data["reason"])]

    title = _("Waive: %(what)s") % {"what": row.label}
    return _answer(request, asked, title, form, notes, facts_of(row), danger=True)


@login_required
@form_page
def review_correct(request: SignedInRequest, pk: int, item: str) -> HttpResponse:
    """Put a result right; the wrong one stays beside it."""
    asked = Asked.of(request, pk)
    row = asked.row(item)
    if row.entry is None:
        raise Http404
    form = ItemCorrectionForm(posted(request), row=row, measure=asked.measure(row))
    title = _("Correct: %(what)s") % {"what": row.label}
    return _answer(request, asked, title, form, lambda: [form.note(item)], facts_of(row))


@login_required
@form_page
def review_take_back(request: SignedInRequest, pk: int, item: str) -> HttpResponse:
    """Take back a waiver or a record that was a mistake; it stays to be read."""
    asked = Asked.of(request, pk)
    row = asked.row(item)
    if row.taken_back is None:
        raise Http404
    form = TakeBackForm(posted(request), row=row)

    def notes() -> list[ItemNote]:
        told = form.cleaned_data
        step = ItemStep.WITHDRAWN.value
        return [ItemNote(item, step, reason=told["reason"], replaces=told["replaces"])]

    title = _("Take back: %(what)s") % {"what": row.label}
    return _answer(request, asked, title, form, notes, facts_of(row), danger=True)


@login_required
@form_page
def meeting_new(request: SignedInRequest, pk: int) -> HttpResponse:
    """Record the minutes and the vote of a meeting."""
    asked = Asked.of(request, pk)
    may_sign = not request.user.roles.isdisjoint(SIGNERS)
    form = MeetingForm(posted(request), today=asked.moment.today, may_sign=may_sign)

    def save(_values: object) -> None:
        record_meeting(
            course_id=pk, minutes=form.record(), sign=form.signed, actor=request.user,
            now=asked.moment.now,
        )  # fmt: skip

    page = FormPage(
        asked.state.course,
        _("Multidisciplinary meeting"),
        Permission.RECORD_MEETING,
        lead=_("A later record takes the place of an earlier one, which stays to be read."),
        cautions=_in_the_way(request, asked.facts),
        after=reverse("review", args=[pk]),
    )
    return answer(request, page, form, save, asked.moment)


def _in_the_way(request: SignedInRequest, facts: CourseFacts) -> tuple[str, ...]:
    """Why no meeting could be saved, said before minutes are typed; a post says it by itself."""
    standing = refuse_meeting(facts) if request.method == "GET" else []
    return tuple(in_words(refusal) for refusal in standing)


@login_required
@form_page
def meeting_sign(request: SignedInRequest, pk: int, meeting: int) -> HttpResponse:
    """Sign the minutes as they were read."""
    asked = Asked.of(request, pk)
    found = asked.facts.review
    views = meeting_views(request.user, asked.state, found.pk) if found else ()
    view = next((one for one in views if one.pk == meeting), None)
    if view is None:
        raise Http404

    def save(_values: object) -> None:
        sign_meeting(course_id=pk, meeting_id=meeting, actor=request.user, now=asked.moment.now)

    page = FormPage(
        asked.state.course,
        _("Sign the minutes"),
        Permission.RECORD_MEETING,
        danger=True,
        facts=view.pairs,
        after=reverse("review", args=[pk]),
    )
    return answer(request, page, forms.Form(posted(request)), save, asked.moment)


def _answer(
    request: SignedInRequest,
    asked: Asked,
    title: str,
    form: forms.Form,
    notes: Callable[[], list[ItemNote]],
    facts: tuple[Named, ...] = (),
    *,
    danger: bool = False,
) -> HttpResponse:
    def save(_values: Any) -> None:
        record_items(
            course_id=asked.state.course.pk,
            notes=notes(),
            actor=request.user,
            now=asked.moment.now,
        )

    page = FormPage(
        asked.state.course,
        title,
        Permission.ASSESS,
        danger=danger,
        facts=facts,
        after=reverse("review", args=[asked.state.course.pk]),
    )
    return answer(request, page, form, save, asked.moment)


def facts_of(row: Row) -> tuple[Named, ...]:
    """What is known of the row that a form is about."""
    pairs = (
        Named(_("Stands"), row.word),
        Named(_("Value"), row.value),
        Named(_("In range"), row.threshold),
        Named(_("Source"), row.source, "en"),
    )
    return tuple(pair for pair in pairs if pair.value)
