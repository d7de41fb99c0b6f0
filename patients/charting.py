"""Adding entries to the chart and withdrawing a consent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from audit.prepared import insert
from audit.recording import record
from patients import (
    care_forms,
    consequences,
    entry_forms,
    followed_forms,
    lab_forms,
    result_forms,
)
from patients.consequences import Event, Happening
from patients.courses import lock_course
from patients.domain.dating import refuse_before, refuse_future
from patients.models import Consent, Course, Relapse
from patients.models.history import ChartEntry
from patients.relapses import anchor_day, settle_relapse
from terms.day_numbers import local_date
from terms.partial_dates import parse
from terms.refusals import Refusal, Refused
from terms.words import N_


@dataclass(frozen=True)
class Kind:
    """A kind of chart entry: its form, who may add it, what it is called, what it causes."""

    form: type[entry_forms.EntryForm]
    label: str | Promise
    permission: Permission = Permission.EDIT_CHART
    event: Event = Event.CHART_CHANGED
    lead: str | Promise = ""

    @property
    def model(self) -> type[ChartEntry]:
        """The model of the entries."""
        return self.form._meta.model

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the values an entry takes."""
        return tuple(self.form.base_fields)


KINDS: Mapping[str, Kind] = {
    "diagnosis": Kind(entry_forms.DiagnosisForm, _("Diagnosis")),
    "line": Kind(entry_forms.LineForm, _("Line of treatment")),
    "transplant": Kind(followed_forms.TransplantForm, _("Transplant or donor lymphocytes")),
    "relapse": Kind(
        followed_forms.RelapseForm,
        _("Relapse or refractory disease"),
        event=Event.RELAPSE_RECORDED,
    ),
    "antigen": Kind(entry_forms.AntigenForm, _("Antigen of the blasts")),
    "comorbidity": Kind(entry_forms.ComorbidityForm, _("Comorbidity")),
    "consent": Kind(entry_forms.ConsentForm, _("Consent")),
    "lab": Kind(
        lab_forms.LabForm,
        _("Laboratory value"),
        Permission.RECORD_RESULTS,
        Event.RESULT_RECORDED,
    ),
    "marrow": Kind(
        result_forms.MarrowForm,
        _("Bone marrow"),
        Permission.RECORD_RESULTS,
        Event.RESULT_RECORDED,
    ),
    "imaging": Kind(
        result_forms.ImagingForm,
        _("Examination by image"),
        Permission.RECORD_RESULTS,
        Event.RESULT_RECORDED,
    ),
    "csf": Kind(
        result_forms.CsfForm,
        _("Cerebrospinal fluid"),
        Permission.RECORD_RESULTS,
        Event.RESULT_RECORDED,
    ),
    "allergy": Kind(care_forms.AllergyForm, _("Allergy"), Permission.RECORD_RESULTS),
    "contact": Kind(care_forms.ContactForm, _("Contact")),
    "caregiver": Kind(care_forms.CaregiverForm, _("Caregiver")),
    "document": Kind(care_forms.DocumentForm, _("Document")),
    "attempt": Kind(followed_forms.AttemptForm, _("Attempt to reach the patient")),
    "handover": Kind(
        followed_forms.HandoverForm,
        _("Care shared with another centre"),
        lead=_(
            "This centre keeps the duty of follow-up: the course stays open, its reminders stand."
        ),
    ),
    "note": Kind(entry_forms.NoteForm, _("Note"), Permission.WRITE_NOTES),
}


@transaction.atomic
def add_entry(
    *,
    course_id: int,
    kind: str,
    values: Mapping[str, Any],
    actor: User,
    now: datetime,
    source: str = "",
) -> ChartEntry:
    """Add an entry of `kind` (a key of KINDS) with `values` as typed or as JSON gives them.

    Dates may be partial (2021, 03/2021, 2021-03-14) and never lie in the future. A relapse after
    the infusion has a full date, sets the relapse anchor and is told. Raises Refused with
    everything wrong at once, NotAllowed, Course.DoesNotExist.
    """
    course = lock_course(course_id, actor=actor)
    if kind not in KINDS:
        raise Refused([Refusal(code="unknown_kind", message=N_("There is no such kind of entry."))])
    made = KINDS[kind]
    require(actor, made.permission)
    form = made.form(values, course=course, today=local_date(now, course.centre.zone))
    if not form.is_valid():
        raise refused_by(form)
    entry = keep(kind, form, actor=actor, now=now, source=source)
    if isinstance(entry, Relapse):
        settle_relapse(course, None, anchor_day(entry), actor=actor, now=now, source=source)
    cause = f"{kind}:{entry.pk}" if made.event is Event.CHART_CHANGED else ""
    consequences.run(Happening(made.event, course, actor, now, cause))
    return entry


@transaction.atomic
def withdraw_consent(
    *, consent_id: int, withdrawn_on: date, reason: str = "", actor: User, now: datetime
) -> Consent:
    """Record that the patient took a given consent back.

    Raises Refused (refused or withdrawn before, dates), NotAllowed, Consent.DoesNotExist for an
    unknown one or another centre's.
    """
    # Only the id of the course is read before its lock; the consent itself after it.
    course_id = Consent.objects.values_list("course_id", flat=True).get(
        pk=consent_id, course__in=Course.objects.visible_to(actor)
    )
    course = lock_course(course_id, actor=actor)
    require(actor, Permission.EDIT_CHART)
    consent = course.consents.get(pk=consent_id)
    refusals = refuse_future(withdrawn_on, local_date(now, course.centre.zone), "withdrawn_on")
    refusals += refuse_before(
        withdrawn_on,
        parse(consent.on).earliest(),
        code="before_consent",
        message=N_("This is before the consent, on %(limit)s."),
        field="withdrawn_on",
    )
    if not consent.given or consent.withdrawn_on is not None:
        refusals.append(Refusal(code="not_standing", message=N_("No consent stands here.")))
    if refusals:
        raise Refused(refusals)
    consent.withdrawn_on = withdrawn_on
    consent.save(update_fields=["withdrawn_on"])
    record(
        actor=actor,
        now=now,
        action="consent.withdraw",
        obj=consent,
        course_id=course.pk,
        patient_id=course.patient_id,
        reason=reason.strip(),
        before={"withdrawn_on": None},
        after={"kind": consent.kind, "withdrawn_on": withdrawn_on},
    )
    cause = f"consent:{consent.pk}"
    consequences.run(Happening(Event.CHART_CHANGED, course, actor, now, cause))
    return consent


def keep(
    kind: str, form: entry_forms.EntryForm, *, actor: User, now: datetime, source: str
) -> ChartEntry:
    """Write the entry of a valid form on its locked course, with its audit event."""
    entry: ChartEntry = form.save(commit=False)
    entry.course, entry.source = form.course, source
    entry.recorded_at, entry.recorded_by = now, actor.get_username()
    insert(entry)
    record(
        actor=actor,
        now=now,
        action=f"{kind}.add",
        obj=entry,
        course_id=form.course.pk,
        patient_id=form.course.patient_id,
        after={name: getattr(entry, name) for name in KINDS[kind].fields},
    )
    return entry


def refused_by(form: forms.BaseForm) -> Refused:
    """Everything a form has against its input, as a refusal in the active language."""
    return Refused(
        Refusal(
            code=error.code or "invalid",
            message=" ".join(error.messages),
            field="" if field == NON_FIELD_ERRORS else field,
        )
        for field, errors in form.errors.as_data().items()
        for error in errors
    )
