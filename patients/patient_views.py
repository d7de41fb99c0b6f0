"""Pages about the person: details, check of identity, death and its withdrawal."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from accounts.wording import day_text
from patients import deaths, people
from patients.form_pages import FormPage, Moment, answer, posted
from patients.forms import (
    DeathDetailsForm,
    DeathForm,
    IdentityForm,
    PatientForm,
    ReasonForm,
)
from patients.identity import Named
from patients.models import Course, Patient
from patients.numbers_shown import issuer_text, numbers_shown
from patients.reading import note_patient_read
from patients.selectors import course_or_404, patient_or_404
from patients.survival import standing_death
from terms.day_numbers import local_date

form_page = require_http_methods(["GET", "POST"])


@login_required
@form_page
def patient_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Correct a patient's details."""
    patient = patient_or_404(request.user, pk)
    course = course_of(request, patient)
    moment = Moment.at(course)
    if request.method == "GET":
        note_patient_read(patient, actor=request.user, now=moment.now)
    form = PatientForm(posted(request), patient=patient)
    page = FormPage(
        course,
        _("Edit the patient"),
        Permission.EDIT_CHART,
        links=((_("Numbers of the patient"), reverse("identifiers", args=[pk])),),
    )
    return answer(
        request,
        page,
        form,
        lambda values: people.update_patient(
            patient_id=pk,
            details=form.details(),
            reason=values["reason"],
            distinct_reason=values.get("distinct_reason", ""),
            expected_version=values["expected_version"],
            actor=request.user,
            now=moment.now,
        ),
        moment,
    )


@login_required
@form_page
def identity_verify(request: SignedInRequest, pk: int) -> HttpResponse:
    """State that the patient's identity was checked."""
    patient = patient_or_404(request.user, pk)
    course = course_of(request, patient)
    moment = Moment.at(course)
    if request.method == "GET":
        note_patient_read(patient, actor=request.user, now=moment.now)
    page = FormPage(
        course,
        _("Check of identity"),
        Permission.EDIT_CHART,
        lead=_("Two identifiers: name with birth date, and a number."),
        facts=(*_numbers(patient), Named(_("Last checked"), _checked_on(patient))),
    )
    return answer(
        request,
        page,
        IdentityForm(posted(request), initial={"expected_version": patient.version}),
        lambda values: people.verify_identity(
            patient_id=pk,
            expected_version=values["expected_version"],
            actor=request.user,
            now=moment.now,
        ),
        moment,
    )


@login_required
@form_page
def death_record(request: SignedInRequest, pk: int) -> HttpResponse:
    """Record that the patient died."""
    course = course_of(request, patient_or_404(request.user, pk))
    moment = Moment.at(course)
    page = FormPage(
        course,
        _("Death of the patient"),
        Permission.RECORD_DEATH,
        lead=_("Ends open holds, the stay and every reminder. It can be withdrawn exactly."),
        danger=True,
    )
    return answer(
        request,
        page,
        DeathForm(posted(request)),
        lambda values: deaths.record_death(
            patient_id=pk, **values, actor=request.user, now=moment.now
        ),
        moment,
    )


@login_required
@form_page
def death_details(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say what was learnt later of a recorded death."""
    patient = patient_or_404(request.user, pk)
    course = course_of(request, patient)
    moment, death = Moment.at(course), standing_death(patient)
    if death is None:
        raise Http404
    names = ("category", "cause", "setting", "place", "autopsy")
    page = FormPage(
        course,
        _("Details of the death"),
        Permission.RECORD_DEATH,
        facts=(Named(_("Date of death"), day_text(death.died_on)),),
    )
    return answer(
        request,
        page,
        DeathDetailsForm(posted(request), initial={name: getattr(death, name) for name in names}),
        lambda values: deaths.describe_death(
            patient_id=pk, **values, actor=request.user, now=moment.now
        ),
        moment,
    )


@login_required
@form_page
def death_withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take back a death recorded by mistake."""
    course = course_of(request, patient_or_404(request.user, pk))
    moment = Moment.at(course)
    page = FormPage(
        course,
        _("Withdraw the record of death"),
        Permission.RECORD_DEATH,
        lead=_("Opens again exactly what the record of death closed."),
        danger=True,
    )
    return answer(
        request,
        page,
        ReasonForm(posted(request)),
        lambda values: deaths.withdraw_death(
            patient_id=pk, reason=values["reason"], actor=request.user, now=moment.now
        ),
        moment,
    )


def course_of(request: SignedInRequest, patient: Patient) -> Course:
    """The patient's latest course: the page goes back to it."""
    seen = Course.objects.visible_to(request.user)
    latest = seen.filter(patient=patient).order_by("-pk").first()
    if latest is None:
        raise Http404
    return course_or_404(request.user, latest.pk)


def _checked_on(patient: Patient) -> str:
    at = patient.identity_verified_at
    return day_text(local_date(at, patient.centre.zone)) if at is not None else _("Not yet")


def _numbers(patient: Patient) -> tuple[Named, ...]:
    shown = [one for one in numbers_shown(patient) if not one.in_error]
    return (
        *(Named(issuer_text(one.system), one.value) for one in shown),
        Named(
            _("Number on wristband and labels"),
            next((one.value for one in shown if one.compared), _("Not said which one")),
        ),
    )
