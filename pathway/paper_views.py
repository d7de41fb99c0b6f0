"""Pages of the papers of one companion: all of them, a new one, a signature."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import User
from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from accounts.wording import param_in_words
from pathway.domain.paper_facts import CAPACITIES
from pathway.loading import CourseState
from pathway.loading_companions import CompanionRow
from pathway.models.papers import Paper
from pathway.paper_forms import KINDS, PaperForm, kinds_of
from pathway.paper_selectors import Papers, companion_or_404, papers_of_companion
from pathway.papers import add_paper, sign_oos
from pathway.scanning import keep, only_scanned
from pathway.selectors import course_state
from pathway.wording import machine_name, state_name
from patients.form_pages import FormPage, Moment, answer, posted
from patients.identity import Named, identity_view
from patients.reading import note_chart_read


@dataclass(frozen=True)
class PaperView:
    """One paper as the page shows it; an earlier one stands below the one that counts."""

    pairs: tuple[Named, ...]
    missing: tuple[str, ...]
    by: str
    at: datetime
    counts: bool
    signatures: tuple[Named, ...] = ()


@dataclass(frozen=True)
class KindView:
    """All papers of one kind, the latest first, and the way to add another."""

    label: str
    papers: tuple[PaperView, ...]
    url: str


@login_required
@require_GET
def papers(request: SignedInRequest, pk: int, machine: str, companion: int) -> HttpResponse:
    """Show every paper of a collection or a product."""
    state = course_state(request.user, pk)
    row = _row(state, machine, companion)
    moment = Moment.at(state.course)
    note_chart_read(state.course, actor=request.user, now=moment.now)
    found = papers_of_companion(machine, companion)
    may = request.user.may(Permission.KEEP_PAPERS)
    context = {
        "identity": identity_view(request.user, state.course, moment.today),
        "title": _("Papers: %(what)s") % {"what": machine_name(machine)},
        "state": state_name(machine, row.state),
        "expired": row.expired(moment.today),
        "kinds": [
            KindView(
                label=str(kind.label),
                papers=_views(request.user, found, code),
                url=reverse("paper_new", args=[pk, machine, companion, code]) if may else "",
            )
            for code, kind in kinds_of(machine).items()
        ],
        "sign": _signing(request.user, state, row, found),
    }
    return render(request, "pathway/papers.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def paper_new(
    request: SignedInRequest, pk: int, machine: str, companion: int, kind: str
) -> HttpResponse:
    """Add a paper; what the latest of its kind says is typed already."""
    state = course_state(request.user, pk)
    _row(state, machine, companion)
    if kind not in kinds_of(machine):
        raise Http404
    moment, made = Moment.at(state.course), kinds_of(machine)[kind]
    form = PaperForm(posted(request), kind=kind, course=state.course, now=moment.now)
    found = papers_of_companion(machine, companion).of(kind)
    # Another incident is not the one before: nothing of it is typed already.
    if found and kind != "incident" and request.user.may(Permission.SEE_IDENTITY):
        form.initial = {column.name: getattr(found[0], column.name) for column in made.columns}

    if only_scanned(form):
        keep(form)

    def save(_values: object) -> None:
        add_paper(
            course_id=pk,
            machine=machine,
            pk=companion,
            kind=kind,
            values=request.POST,
            actor=request.user,
            now=moment.now,
        )

    page = FormPage(
        state.course,
        made.label,
        Permission.KEEP_PAPERS,
        lead=_("The latest paper of a kind counts; earlier ones stay to be read."),
    )
    return answer(request, page, form, save, moment)


class SignForm(forms.Form):
    """In which capacity somebody signs the record that they saw."""

    record_id = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    capacity = forms.ChoiceField(
        label=gettext_lazy("I sign as"),
        choices=[(code, gettext_lazy(name)) for code, name in CAPACITIES.items()],
    )


@login_required
@require_http_methods(["GET", "POST"])
def oos_sign(request: SignedInRequest, pk: int, companion: int) -> HttpResponse:
    """Sign the out-of-specification record of a product."""
    state = course_state(request.user, pk)
    _row(state, "product", companion)
    moment = Moment.at(state.course)
    found = papers_of_companion("product", companion)
    latest = found.of("oos")[:1]
    shown = _views(request.user, found, "oos")[:1]
    page = FormPage(
        state.course,
        _("Sign the out-of-specification record"),
        Permission.KEEP_PAPERS,
        lead=_("A haematologist and quality sign, two different people."),
        danger=True,
        facts=(*shown[0].pairs, *shown[0].signatures) if shown else (),
    )
    initial = {"record_id": latest[0].pk if latest else 0}

    def save(values: Any) -> None:
        sign_oos(course_id=pk, pk=companion, **values, actor=request.user, now=moment.now)

    return answer(request, page, SignForm(posted(request), initial=initial), save, moment)


def _row(state: CourseState, machine: str, pk: int) -> CompanionRow:
    try:
        return companion_or_404(state, machine, pk)
    except LookupError as error:
        raise Http404 from error


def _signing(user: User, state: CourseState, row: CompanionRow, found: Papers) -> str:
    waits = row.state == "oos" and found.of("oos")
    if not waits or user.roles.isdisjoint(CAPACITIES):
        return ""
    return reverse("oos_sign", args=[state.course.pk, row.pk])


def _views(user: User, found: Papers, kind: str) -> tuple[PaperView, ...]:
    named = user.may(Permission.SEE_IDENTITY)
    return tuple(
        PaperView(
            pairs=tuple(Named(label, value) for label, value in _said(paper, named) if value),
            missing=tuple(label for label, value in _said(paper, named) if not value),
            by=paper.recorded_by if named else "",
            at=paper.recorded_at,
            counts=number == 0,
            signatures=tuple(
                Named(
                    _(CAPACITIES[one.capacity]),
                    one.signer.get_full_name() if named else str(_("signed")),
                )
                for one in found.signatures.get(paper.pk, ())
                if kind == "oos"
            ),
        )
        for number, paper in enumerate(found.of(kind))
    )


def _said(paper: Paper, named: bool) -> list[tuple[str, str]]:
    """Labels and values; free text could name somebody and stays with those who know names."""
    kind = next(kind for kind in KINDS.values() if isinstance(paper, kind.model))
    rows = []
    for column in kind.columns:
        value = getattr(paper, column.name)
        if isinstance(value, str) and not column.choices and not named:
            continue
        rows.append((str(column.verbose_name).capitalize(), _text(value, column)))
    return rows


def _text(value: object, column: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return str(_("Yes") if value else _("No"))
    if column.choices:
        return str(dict(column.choices)[value])
    if isinstance(value, Decimal):
        return number_format(value.normalize(), use_l10n=True, force_grouping=False)
    return str(param_in_words(value)) if isinstance(value, date) else str(value)
