"""Pages of the labels of a product or a collection: what stands, an entry, its confirmation."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from accounts.signing_again import sign_in_again
from accounts.wording import day_text
from pathway.domain.labels import LABELS_OF, Label, label_name, refuse_role
from pathway.label_selectors import LabelStanding, entry_of, labels_of, require_reader
from pathway.labelling import confirm_label, enter_label
from pathway.loading import CourseState
from pathway.loading_companions import CompanionRow
from pathway.models import LabelEntry
from pathway.scanning import SCAN_HELP, ScanField, SignedForm, keep, only_scanned
from pathway.selectors import course_state
from pathway.wording import machine_name
from patients.form_pages import FormPage, Moment, answer, posted
from patients.identity import Named, identity_view
from patients.reading import note_chart_read
from terms.partial_dates import parse


class LabelForm(SignedForm):
    """What one person reads off a label; a correction asks for its reason."""

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, name: str, corrects: bool = False
    ) -> None:
        super().__init__(data)
        help_text = _("Such as 14-Mar-2026 or 14/03/2026.") if name == Label.EXPIRES_ON else ""
        self.fields["value"] = ScanField(
            label=_(label_name(name)), help_text=help_text or SCAN_HELP
        )
        if corrects:
            self.fields["reason"] = forms.CharField(label=_("Reason"), max_length=200)
        self.sign()


@dataclass(frozen=True)
class LabelView:
    """One label as the page shows it, with the ways on."""

    label: str
    value: str
    by_two: bool
    history: tuple[Named, ...]
    enter_url: str
    confirm_url: str
    waits_for: str  # who entered what waits
    order_says: str = ""


@login_required
@require_GET
def labels(request: SignedInRequest, pk: int, machine: str, companion: int) -> HttpResponse:
    """Show what is recorded of the labels, and what is missing."""
    state = course_state(request.user, pk)
    row = _row(state, machine, companion)
    require(request.user, Permission.SEE_IDENTITY)
    moment = Moment.at(state.course)
    note_chart_read(state.course, actor=request.user, now=moment.now)
    context = {
        "identity": identity_view(request.user, state.course, moment.today),
        "title": _("Labels: %(what)s") % {"what": machine_name(machine)},
        "labels": [_view(request.user, pk, found) for found in labels_of(state, row)],
    }
    return render(request, "pathway/labels.html", context)


@login_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def label_new(
    request: SignedInRequest, pk: int, machine: str, companion: int, name: str
) -> HttpResponse:
    """Enter what a label says, or correct what is recorded of it."""
    state = course_state(request.user, pk)
    row = _row(state, machine, companion)
    if name not in LABELS_OF[machine]:
        raise Http404
    require_reader(request.user, machine)
    found = next(one for one in labels_of(state, row) if one.name == name)
    moment = Moment.at(state.course)
    form = LabelForm(posted(request), name=name, corrects=bool(found.value))
    if only_scanned(form) or not form.is_bound:
        keep(form)

    def save(values: Mapping[str, Any]) -> None:
        enter_label(
            course_id=pk,
            machine=machine,
            pk=companion,
            name=name,
            value=values["value"],
            reason=values.get("reason", ""),
            signed_in_at=sign_in_again(request, request.user, values["password"], now=moment.now),
            actor=request.user,
            now=moment.now,
        )

    recorded = (Named(_("Recorded until now"), _shown(name, found.value)),)
    page = FormPage(
        state.course,
        _("Label: %(what)s") % {"what": _(label_name(name))},
        Permission.SEE_IDENTITY,
        lead=_("It counts when somebody else has read the same, without seeing what you read."),
        facts=recorded if found.value else (),
        after=reverse("labels", args=[pk, machine, companion]),
    )
    return answer(request, page, form, save, moment)


@login_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def label_confirm(request: SignedInRequest, pk: int, entry: int) -> HttpResponse:
    """Read the label a second time: what the first person read is not shown."""
    state = course_state(request.user, pk)
    found = entry_of(state.course, entry)
    require_reader(request.user, found.machine)
    moment = Moment.at(state.course)
    form = LabelForm(posted(request), name=found.name)
    if only_scanned(form) or not form.is_bound:
        keep(form)

    def save(values: Mapping[str, Any]) -> None:
        confirm_label(
            course_id=pk,
            entry_id=entry,
            value=values["value"],
            signed_in_at=sign_in_again(request, request.user, values["password"], now=moment.now),
            actor=request.user,
            now=moment.now,
        )

    page = FormPage(
        state.course,
        _("Second reading: %(what)s") % {"what": _(label_name(found.name))},
        Permission.SEE_IDENTITY,
        lead=_("Read the label yourself. Anything else than the first reading voids both."),
        facts=(Named(_("First read by"), found.entered_by.get_full_name()),),
        after=reverse("labels", args=[pk, *_subject(found)]),
    )
    return answer(request, page, form, save, moment)


def _subject(entry: LabelEntry) -> tuple[str, int]:
    return entry.machine, entry.attempt_id or entry.product_id or 0


def _row(state: CourseState, machine: str, pk: int) -> CompanionRow:
    row = next((one for one in state.of(machine) if one.pk == pk), None)
    if row is None or machine not in LABELS_OF:
        raise Http404
    return row


def _view(user: User, course: int, found: LabelStanding) -> LabelView:
    may = not refuse_role(found.machine, user.roles)
    waits = found.waiting if may else None
    return LabelView(
        label=_(label_name(found.name)),
        value=_shown(found.name, found.value),
        by_two=found.by_two,
        history=tuple(
            Named(_told(entry), _shown(found.name, entry.value)) for entry in found.entries
        ),
        enter_url=reverse("label_new", args=[course, found.machine, found.pk, found.name])
        if may
        else "",
        confirm_url=reverse("label_confirm", args=[course, waits.pk]) if waits else "",
        waits_for=waits.entered_by.get_full_name() if waits else "",
        order_says=found.order_says,
    )


def _told(entry: LabelEntry) -> str:
    """Who read it twice, what stood before and why it was changed."""
    names = (entry.entered_by.get_full_name(), entry.reading.read_by.get_full_name())
    said = _("Read by %(first)s and %(second)s") % {"first": names[0], "second": names[1]}
    if not entry.before:
        return said
    before = _shown(entry.name, entry.before)
    return _("%(said)s; before: %(before)s. Reason: %(reason)s") % {
        "said": said, "before": before, "reason": entry.reason,
    }  # fmt: skip


def _shown(name: str, value: str) -> str:
    return day_text(parse(value).earliest()) if value and name == Label.EXPIRES_ON else value
