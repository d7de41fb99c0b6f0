"""Pages of the chain of custody: all entries of a product, a new one, a witness, a deviation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from accounts.signing_again import sign_in_again
from accounts.wording import param_in_words, refusal_view
from pathway.custody import (
    number_entry,
    refuse_number,
    refuse_witness,
    refuse_writer,
    witness_entry,
    write_entry,
)
from pathway.custody_selectors import Chain, chain_of, entry_of
from pathway.domain.custody import (
    ACT_NAMES,
    CONDITIONS,
    REQUIRED,
    TEMPERATURES,
    TEXTS,
    WRITTEN_BY,
)
from pathway.identity_forms import DeviationForm
from pathway.identity_selectors import product_of
from pathway.models import CustodyEntry
from pathway.scanning import SCAN_HELP, ScanField, SignedForm, keep, only_scanned
from pathway.selectors import course_state
from patients.fields import MomentField, choices_with_blank
from patients.form_pages import FormPage, Moment, answer, posted
from patients.identity import Named, identity_view
from patients.models import Course
from patients.reading import note_chart_read
from terms.refusals import NotAllowed

_CHOICES = {"temperature": TEMPERATURES, "condition": CONDITIONS}
FIELDS = (
    "handed_from", "handed_to", "place", "temperature", "celsius", "condition", "seal", "remark",
)  # fmt: skip


class CustodyForm(SignedForm):
    """One entry as it is written by hand."""

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, act: str, course: Course, now: datetime
    ) -> None:
        super().__init__(data, initial={"at": now})
        self.fields["at"] = MomentField(label=_("When it happened"), zone=course.centre.zone)
        for name in FIELDS:
            self.fields[name] = _field(name, required=name in REQUIRED[act])
        self.sign()


class WitnessForm(SignedForm):
    """The witness's password."""

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self.sign()


@dataclass(frozen=True)
class EntryView:
    """One entry as the page shows it."""

    number: int
    act: str
    at: datetime
    pairs: tuple[Named, ...]
    signer: str
    witness: str
    witness_url: str
    faults: tuple[str, ...]
    deviation: str
    deviation_url: str
    by_itself: bool
    hash: str


@login_required
@require_GET
def custody(request: SignedInRequest, pk: int, companion: int) -> HttpResponse:
    """Show the chain of custody of a product, verified as it is read."""
    state = course_state(request.user, pk)
    product = product_of(state.course, companion)
    require(request.user, Permission.SEE_IDENTITY)
    moment = Moment.at(state.course)
    note_chart_read(state.course, actor=request.user, now=moment.now)
    chain = chain_of(product)
    context = {
        "identity": identity_view(request.user, state.course, moment.today),
        "title": _("Chain of custody"),
        "product": product,
        "entries": [_view(request.user, pk, chain, entry) for entry in chain.written],
        "faults": [refusal_view(fault) for fault in chain.faults],
        "stopping": [_view(request.user, pk, chain, entry) for entry in chain.stopping],
        "acts": [
            (_(ACT_NAMES[act]), reverse("custody_new", args=[pk, companion, act]))
            for act in WRITTEN_BY
            if not refuse_writer(act, request.user.roles)
        ],
    }
    return render(request, "pathway/custody.html", context)


@login_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def custody_new(request: SignedInRequest, pk: int, companion: int, act: str) -> HttpResponse:
    """Write one entry by hand and sign it."""
    state = course_state(request.user, pk)
    product_of(state.course, companion)
    if act not in WRITTEN_BY:
        raise Http404
    _require(request.user, act)
    moment = Moment.at(state.course)
    form = CustodyForm(posted(request), act=act, course=state.course, now=moment.now)
    if only_scanned(form) or not form.is_bound:
        keep(form)

    def save(values: Mapping[str, Any]) -> None:
        write_entry(
            course_id=pk,
            product_id=companion,
            act=act,
            at=values["at"],
            values={name: values[name] for name in FIELDS},
            signed_in_at=sign_in_again(request, request.user, values["password"], now=moment.now),
            actor=request.user,
            now=moment.now,
        )

    page = FormPage(
        state.course,
        _("Custody: %(what)s") % {"what": _(ACT_NAMES[act])},
        Permission.SEE_IDENTITY,
        lead=_(
            "An entry is never changed: what was wrong is said by a further one. Damage, a broken "
            "seal or a temperature out of its range puts the product into quarantine at once."
        ),
        after=reverse("custody", args=[pk, companion]),
    )
    return answer(request, page, form, save, moment)


@login_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def custody_witness(request: SignedInRequest, pk: int, entry: int) -> HttpResponse:
    """Sign that one was there when somebody else did what an entry says."""
    state = course_state(request.user, pk)
    found = entry_of(state.course, entry)
    require(request.user, Permission.SEE_IDENTITY)
    moment = Moment.at(state.course)
    form = WitnessForm(posted(request))

    def save(values: Mapping[str, Any]) -> None:
        witness_entry(
            course_id=pk,
            entry_id=entry,
            signed_in_at=sign_in_again(request, request.user, values["password"], now=moment.now),
            actor=request.user,
            now=moment.now,
        )

    page = FormPage(
        state.course,
        _("Witness: %(what)s") % {"what": _(ACT_NAMES[found.act])},
        Permission.SEE_IDENTITY,
        facts=(Named(_("Signed by"), found.signer.get_full_name()), *_pairs(found)),
        after=reverse("custody", args=[pk, found.product_id]),
    )
    return answer(request, page, form, save, moment)


@login_required
@require_http_methods(["GET", "POST"])
def custody_deviation(request: SignedInRequest, pk: int, entry: int) -> HttpResponse:
    """Write down the number of the deviation that an entry is."""
    state = course_state(request.user, pk)
    found = entry_of(state.course, entry)
    require(request.user, Permission.SEE_IDENTITY)
    moment = Moment.at(state.course)
    form = DeviationForm(posted(request))

    def save(values: Mapping[str, Any]) -> None:
        number_entry(
            course_id=pk,
            entry_id=entry,
            number=values["number"],
            actor=request.user,
            now=moment.now,
        )

    page = FormPage(
        state.course,
        _("Deviation number"),
        Permission.SEE_IDENTITY,
        facts=(Named(_("Entry"), f"{found.number}. {_(ACT_NAMES[found.act])}"), *_pairs(found)),
        after=reverse("custody", args=[pk, found.product_id]),
    )
    return answer(request, page, form, save, moment)


def _require(user: User, act: str) -> None:
    require(user, Permission.SEE_IDENTITY)
    refusals = refuse_writer(act, user.roles)
    if refusals:
        raise NotAllowed(refusals)


def _label(name: str) -> str:
    column: Any = CustodyEntry._meta.get_field(name)
    return str(capfirst(column.verbose_name))


def _field(name: str, *, required: bool) -> forms.Field:
    label = _label(name)
    if name == "seal":
        return ScanField(label=label, required=required, help_text=SCAN_HELP)
    if name in _CHOICES:
        known = [(code, _(words)) for code, words in _CHOICES[name].items()]
        choices = choices_with_blank(known, required=required)
        return forms.ChoiceField(label=label, required=required, choices=choices)
    if name == "celsius":
        shown = _("As the thermometer or logger shows it, such as -152.")
        return forms.CharField(label=label, required=False, max_length=8, help_text=shown)
    return forms.CharField(label=label, required=required, max_length=TEXTS[name])


def _view(user: User, course: int, chain: Chain, entry: CustodyEntry) -> EntryView:
    witness = chain.witness_of(entry)
    may = not witness and not refuse_witness(entry, user, user.roles)
    number = entry.faults and not refuse_number(entry, user.roles)
    return EntryView(
        number=entry.number,
        act=_(ACT_NAMES[entry.act]),
        at=entry.at,
        pairs=_pairs(entry),
        signer=entry.signer.get_full_name(),
        witness=witness,
        witness_url=reverse("custody_witness", args=[course, entry.pk]) if may else "",
        faults=tuple(_(fault) for fault in entry.faults),
        deviation=chain.deviation_of(entry),
        deviation_url=reverse("custody_deviation", args=[course, entry.pk]) if number else "",
        by_itself=bool(entry.cause),
        hash=entry.hash,
    )


def _pairs(entry: CustodyEntry) -> tuple[Named, ...]:
    """What was recorded; of an entry by hand also what was not."""
    asked = REQUIRED.get(entry.act, ()) if not entry.cause else ()
    return tuple(
        Named(_label(name), _text(name, value))
        for name in FIELDS
        if (value := getattr(entry, name)) not in ("", None) or name in asked
    )


def _text(name: str, value: str) -> str:
    if name == "celsius":
        return str(param_in_words(value))
    return _(_CHOICES[name][value]) if name in _CHOICES and value else value
