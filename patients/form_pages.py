"""The one way a page of the chart shows a form, saves it and says what stands against it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.access import require
from accounts.permissions import Permission
from accounts.refusing import note_refusal, status_of
from accounts.requests import SignedInRequest
from accounts.wording import add_refusals
from patients.foresight import Foreseen, foresee
from patients.forms import PatientForm
from patients.identity import Named, identity_view
from patients.models import Course
from terms.day_numbers import local_date
from terms.refusals import Refused

Text = str | Promise
Save = Callable[[Mapping[str, Any]], object]
# The hidden field that says which foresight was looked at.
SEEN = "seen"


@dataclass(frozen=True)
class FormPage:
    """A page about one course with one form: its words, who may, and what saving does."""

    course: Course
    title: Text
    permission: Permission
    lead: Text = ""
    danger: bool = False
    facts: tuple[Named, ...] = ()
    links: tuple[tuple[Text, str], ...] = ()
    cautions: tuple[Text, ...] = ()  # what speaks against saving without looking again
    foresees: bool = False  # whether what saving would move is shown before it is saved
    template: str = "patients/form_page.html"
    after: str = ""  # where to go when saved; the course when empty


@dataclass(frozen=True)
class Moment:
    """The clock of one request: read once, with the date it is at the course's centre."""

    now: datetime
    today: date

    @classmethod
    def at(cls, course: Course) -> "Moment":
        """Now, at the centre of `course`."""
        now = timezone.now()
        return cls(now, local_date(now, course.centre.zone))


def posted(request: SignedInRequest) -> Mapping[str, Any] | None:
    """What was posted, None on a page that is only being opened."""
    return request.POST if request.method == "POST" else None


def answer(
    request: SignedInRequest, page: FormPage, form: forms.BaseForm, save: Save, moment: Moment
) -> HttpResponse:
    """Show the form; or save it and go back to the course; or show it again with every reason.

    What was typed is kept. A page that foresees shows once what else would move, before anything
    is saved. Raises NotAllowed before anything when the role may not.
    """
    require(request.user, page.permission)
    identity = identity_view(request.user, page.course, moment.today)
    status = 200
    foreseen = _to_look_at(request, page, form, save) if page.foresees else None
    if form.is_bound and foreseen is None:
        status = try_saving(request, form, save, moment.now)
        if status == 302:
            messages.success(
                request,
                _("%(what)s: recorded for %(name)s.") % {"what": page.title, "name": identity.name},
            )
            return redirect(page.after) if page.after else redirect("course", pk=page.course.pk)
    context = {"page": page, "identity": identity, "form": form, "foreseen": foreseen}
    return render(request, page.template, context, status=status)


def _to_look_at(
    request: SignedInRequest, page: FormPage, form: forms.BaseForm, save: Save
) -> Foreseen | None:
    """What saving would move, unless nothing stands that moves, or just this was shown before."""
    if not form.is_bound or not form.is_valid():
        return None
    try:
        found = foresee(page.course.pk, lambda: save(form.cleaned_data), actor=request.user)
    except Refused:
        return None  # saving says why
    return found if found.touches and request.POST.get(SEEN) != found.seal else None


def try_saving(request: SignedInRequest, form: forms.BaseForm, save: Save, now: datetime) -> int:
    """Save a bound form; returns 302 when saved, else the status that says why not."""
    if not form.is_valid():
        return 422
    try:
        save(form.cleaned_data)
    except Refused as refused:
        note_refusal(request.user, refused, request.path, now=now)
        _ask_for_reasons(form, refused)
        add_refusals(form, refused)
        return status_of(refused)
    return 302


def _ask_for_reasons(form: forms.BaseForm, refused: Refused) -> None:
    alike = any(refusal.code == "look_alike" for refusal in refused.refusals)
    if alike and isinstance(form, PatientForm):
        form.ask_distinct()
