"""The links of the course page to its forms: only those the reader may use."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission
from desk.shapes import Action
from pathway.domain.exits import scope_of
from pathway.domain.identity_checks import KIND_NAMES, STATES
from pathway.domain.labels import LABELS_OF
from pathway.loading import CourseState
from pathway.loading_companions import CompanionRow
from pathway.quarantining import running_in
from pathway.sheet_links import sheets
from protocol.selectors import settings_of
from toxicity.domain.rules import ToxicityRules


@dataclass(frozen=True)
class Actions:
    """The forms around a course, grouped as the page groups them. `bedside` comes first of all."""

    bedside: tuple[Action, ...]
    holds: tuple[Action, ...]
    stay: tuple[Action, ...]
    dates: tuple[Action, ...]
    chart: tuple[Action, ...]
    patient: tuple[Action, ...]
    sheets: tuple[Action, ...]


_CHART = (
    ("consent", Permission.EDIT_CHART),
    ("diagnosis", Permission.EDIT_CHART),
    ("line", Permission.EDIT_CHART),
    ("transplant", Permission.EDIT_CHART),
    ("relapse", Permission.EDIT_CHART),
    ("antigen", Permission.EDIT_CHART),
    ("comorbidity", Permission.EDIT_CHART),
    ("lab", Permission.RECORD_RESULTS),
    ("marrow", Permission.RECORD_RESULTS),
    ("imaging", Permission.RECORD_RESULTS),
    ("csf", Permission.RECORD_RESULTS),
    ("allergy", Permission.RECORD_RESULTS),
    ("contact", Permission.EDIT_CHART),
    ("caregiver", Permission.EDIT_CHART),
    ("document", Permission.EDIT_CHART),
    ("attempt", Permission.EDIT_CHART),
    ("handover", Permission.EDIT_CHART),
    ("note", Permission.WRITE_NOTES),
)


def course_actions(user: User, state: CourseState, today: date) -> Actions:
    """What `user` may do around a course besides its moves."""
    pk, patient = state.course.pk, state.course.patient_id
    labels = {
        "consent": _("Consent"),
        "diagnosis": _("Diagnosis"),
        "line": _("Line of therapy"),
        "transplant": _("Transplant or donor lymphocytes"),
        "relapse": _("Relapse"),
        "antigen": _("Antigen"),
        "comorbidity": _("Comorbidity"),
        "lab": _("Laboratory result"),
        "marrow": _("Marrow result"),
        "imaging": _("Examination by image"),
        "csf": _("Cerebrospinal fluid"),
        "allergy": _("Allergy"),
        "contact": _("Contact"),
        "caregiver": _("Caregiver"),
        "document": _("Document"),
        "attempt": _("Attempt to reach the patient"),
        "handover": _("Care shared with another centre"),
        "note": _("Note"),
    }
    chart = tuple(
        Action(labels[kind], reverse("chart_entry_new", args=[pk, kind]))
        for kind, permission in _CHART
        if user.may(permission)
    )
    chart = (*_pages(user, pk), *chart)
    return Actions(
        bedside=_bedside(user, state, today),
        holds=_if(
            user, Permission.MANAGE_HOLDS, (_("Hold a step"), reverse("hold_new", args=[pk]))
        ),
        stay=_stay(user, state),
        dates=_if(
            user, Permission.PLAN_DATES, (_("Plan a date"), reverse("anchor_plan", args=[pk]))
        )
        + _if(
            user,
            Permission.MOVE_TO_VERSION,
            (_("Version of the protocol"), reverse("course_protocol", args=[pk])),
        ),
        chart=chart,
        patient=_patient(user, state, pk, patient),
        sheets=tuple(Action(*sheet) for sheet in sheets(pk)),
    )


def check_links(state: CourseState, row: CompanionRow) -> tuple[Action, ...]:
    """The labels of a companion, and the two-person checks a product can have where it stands."""
    if row.machine not in LABELS_OF:
        return ()
    pk = state.course.pk
    labels = Action(_("Labels"), reverse("labels", args=[pk, row.machine, row.pk]))
    checks = (
        Action(_(KIND_NAMES[kind]), reverse("identity_check_new", args=[pk, row.pk, kind]))
        for kind, states in STATES.items()
        if row.state in states and "thawing" not in (row.reached if kind == "receipt" else ())
        if not running_in(state, row.state)
    )
    if row.machine != "product":
        return (labels,)
    custody = Action(_("Chain of custody"), reverse("custody", args=[pk, row.pk]))
    return (labels, custody, *checks)


def _bedside(user: User, state: CourseState, today: date) -> tuple[Action, ...]:
    """Logging a check, for as long as the patient is in hospital or toxicity may still begin."""
    if state.infused_on is None or state.deceased_on is not None:
        return ()
    usual = ToxicityRules.of(settings_of(state.course.protocol)).usual_onset_days
    until = max(days.value for days in usual.values())
    in_hospital = any(stay.ended_on is None for stay in state.stays)
    if not in_hospital and (today - state.infused_on).days > until:
        return ()
    pk = state.course.pk
    results = (_("Add the values of a day"), reverse("results_new", args=[pk]))
    return (
        *_if(user, Permission.LOG_TOXICITY, (_("Log CRS/ICANS"), reverse("check_new", args=[pk]))),
        *_if(user, Permission.RECORD_RESULTS, results),
    )


def _pages(user: User, pk: int) -> tuple[Action, ...]:
    pages = (
        Action(_("What is due"), reverse("course_due", args=[pk])),
        Action(_("Results"), reverse("results", args=[pk])),
        Action(_("Scores"), reverse("scores", args=[pk])),
        Action(_("Summary of the course"), reverse("summary", args=[pk])),
        Action(_("Treatments and infections"), reverse("given_list", args=[pk])),
        Action(_("Appointments"), reverse("appointment_list", args=[pk])),
    )
    new = (
        (_("Log CRS/ICANS"), reverse("check_new", args=[pk])),
        (_("Log IEC-HS"), reverse("iec_hs_new", args=[pk])),
        (_("Treatment given"), reverse("treatment_new", args=[pk])),
        (_("Infection"), reverse("infection_new", args=[pk])),
    )
    return (*pages, *_if(user, Permission.LOG_TOXICITY, *new))


def _if(user: User, permission: Permission, *links: tuple[str, str]) -> tuple[Action, ...]:
    return tuple(Action(*link) for link in links) if user.may(permission) else ()


def _stay(user: User, state: CourseState) -> tuple[Action, ...]:
    pk = state.course.pk
    if any(stay.ended_on is None for stay in state.stays):
        links = [
            (_("Discharge"), reverse("stay_discharge", args=[pk])),
            (_("Move to another unit"), reverse("stay_transfer", args=[pk])),
        ]
    else:
        links = [(_("Admit"), reverse("stay_admit", args=[pk]))]
    return _if(user, Permission.RECORD_STAY, *links)


def _patient(user: User, state: CourseState, pk: int, patient: int) -> tuple[Action, ...]:
    label = _("Patient and all courses")
    if state.prior_infusions:
        label = _("Patient and all courses: %(number)s earlier CAR-T infusion") % {
            "number": state.prior_infusions
        }
    links: tuple[Action, ...] = (Action(label, reverse("patient", args=[patient])),)
    if state.course.patient.identity_verified_at is None:
        links += _if(
            user,
            Permission.EDIT_CHART,
            (_("Verify the identity"), reverse("identity_verify", args=[patient])),
        )
    links += _if(
        user,
        Permission.EDIT_CHART,
        (_("Edit the patient"), reverse("patient_edit", args=[patient])),
        (_("Responsible people"), reverse("responsible_set", args=[pk])),
    )
    if scope_of(state.journey.stage, state.journey.exit_scope):
        scope = (_("How far the withdrawal goes"), reverse("withdrawal_scope", args=[pk]))
        links += _if(user, Permission.EDIT_CHART, scope)
    death = (
        (_("Record the patient's death"), reverse("death_record", args=[patient]))
        if state.deceased_on is None
        else (_("Withdraw the death record"), reverse("death_withdraw", args=[patient]))
    )
    links += _if(user, Permission.RECORD_DEATH, death)
    if state.deceased_on is not None:
        details = (_("Details of the death"), reverse("death_details", args=[patient]))
        links += _if(user, Permission.RECORD_DEATH, details)
    links += _if(
        user,
        Permission.MARK_ERROR,
        (_("Course entered in error"), reverse("course_error", args=[pk])),
        (_("Patient entered in error"), reverse("patient_error", args=[patient])),
    )
    return links + _if(
        user,
        Permission.REFER,
        (_("New course"), reverse("course_new", args=[patient])),
        (_("Course under way"), reverse("transcribe_course", args=[patient])),
    )
