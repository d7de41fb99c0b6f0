"""Pages of a patient's numbers: all of them, adding and correcting one, which the labels carry."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import require
from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from accounts.wording import refusal_view
from patients import identifiers
from patients.domain.numbers import refuse_unclear
from patients.form_pages import FormPage, Moment, answer, posted
from patients.forms import IdentifierCorrectionForm, IdentifierForm, IdentifierWhyForm
from patients.identity import Named, identity_view
from patients.models import Identifier
from patients.numbers import numbers_of
from patients.numbers_shown import issuer_text, numbers_shown
from patients.patient_views import course_of
from patients.reading import note_patient_read
from patients.selectors import patient_or_404

form_page = require_http_methods(["GET", "POST"])


@login_required
@require_safe
def identifier_list(request: SignedInRequest, pk: int) -> HttpResponse:
    """Every number of the patient, which one is compared, and what stood before."""
    patient = patient_or_404(request.user, pk)
    require(request.user, Permission.SEE_IDENTITY)
    course = course_of(request, patient)
    moment = Moment.at(course)
    note_patient_read(patient, actor=request.user, now=moment.now)
    context = {
        "identity": identity_view(request.user, course, moment.today),
        "patient": patient,
        "numbers": numbers_shown(patient),
        "unclear": [refusal_view(one) for one in refuse_unclear(numbers_of(patient))],
        "may_edit": request.user.may(Permission.EDIT_CHART),
    }
    return render(request, "patients/numbers.html", context)


@login_required
@form_page
def identifier_new(request: SignedInRequest, pk: int) -> HttpResponse:
    """Add a number of the patient."""
    course = course_of(request, patient_or_404(request.user, pk))
    moment = Moment.at(course)
    page = FormPage(
        course,
        _("Number of the patient"),
        Permission.EDIT_CHART,
        after=reverse("identifiers", args=[pk]),
    )
    return answer(
        request,
        page,
        IdentifierForm(posted(request)),
        lambda values: identifiers.add_identifier(
            patient_id=pk, **values, actor=request.user, now=moment.now
        ),
        moment,
    )


@login_required
@form_page
def identifier_correct(request: SignedInRequest, pk: int, number: int) -> HttpResponse:
    """Correct a number that was entered wrongly."""
    return _put_right(
        request,
        pk,
        number,
        _("Correct a number of the patient"),
        _(
            "What stood before stays to be read. The identity is to be verified anew, and checks "
            "by two people that were begun before do not stand any longer."
        ),
        identifiers.correct_identifier,
        correcting=True,
    )


@login_required
@form_page
def identifier_choose(request: SignedInRequest, pk: int, number: int) -> HttpResponse:
    """Say that wristband and labels carry this number."""
    return _put_right(
        request,
        pk,
        number,
        _("Number on wristband and labels"),
        _(
            "Two people compare the labels with this number. Where it is another one than before, "
            "the identity is to be verified and the labels are to be checked anew."
        ),
        identifiers.choose_identifier,
    )


@login_required
@form_page
def identifier_error(request: SignedInRequest, pk: int, number: int) -> HttpResponse:
    """Say that a number is not this patient's."""
    return _put_right(
        request,
        pk,
        number,
        _("Not a number of this patient"),
        _(
            "It stays to be read here. The identity is to be verified anew, and checks by two "
            "people that were begun before do not stand any longer."
        ),
        identifiers.drop_identifier,
    )


def _put_right(
    request: SignedInRequest,
    pk: int,
    number: int,
    title: str,
    lead: str,
    service: Callable[..., Identifier],
    *,
    correcting: bool = False,
) -> HttpResponse:
    patient = patient_or_404(request.user, pk)
    course = course_of(request, patient)
    require(request.user, Permission.EDIT_CHART)
    found = get_object_or_404(patient.identifiers, pk=number)
    now = timezone.now()
    page = FormPage(
        course,
        title,
        Permission.EDIT_CHART,
        lead=lead,
        danger=True,
        facts=(Named(issuer_text(found.system), found.value),),
        after=reverse("identifiers", args=[pk]),
    )
    said: dict[str, Any] = {"expected_version": patient.version}
    if correcting:
        said |= {"system": found.system, "value": found.value}
    form = (IdentifierCorrectionForm if correcting else IdentifierWhyForm)(
        posted(request), initial=said
    )
    return answer(
        request,
        page,
        form,
        lambda values: service(
            patient_id=pk, identifier_id=number, **values, actor=request.user, now=now
        ),
        Moment.at(course),
    )
