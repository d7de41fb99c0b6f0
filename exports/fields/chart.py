"""Columns of the chart: who the patient is, the course with its dates, history and results."""

from exports.fields.kinds import Declared

# Every kind of fact of the chart has these.
_DATED, _BY, _KEYS = "on recorded_at", "recorded_by", "id course"
_SAID, _TOLD = "source in_error", "source"


def _fact(model: str, *, date: str = "", coded: str = "", staff: str = "", **more: str) -> Declared:
    return Declared(
        f"patients.{model}",
        date=f"{_DATED} {date}",
        staff=f"{_BY} {staff}",
        coded=f"{_SAID} {coded}",
        technical=_KEYS,
        **more,
    )


_PEOPLE = (
    Declared(
        "patients.patient",
        direct="family_name given_name birth_date search_text",
        staff="referring_hospital referring_physician created_by",
        date="identity_verified_at numbers_corrected_at created_at",
        coded="centre sex",
        technical="id error_cause version",
    ),
    Declared(
        "patients.identifier",
        direct="value",
        coded="centre system released on_labels in_error",
        technical="id patient",
    ),
    Declared(
        "patients.identifiercorrection",
        direct="before",
        staff="corrected_by",
        date="corrected_at",
        text="reason",
        coded="kind",
        technical="id patient identifier",
    ),
    Declared(
        "patients.death",
        staff="recorded_by withdrawn_by",
        date="died_on recorded_at withdrawn_at",
        text="cause place withdrawn_reason",
        coded="category setting autopsy",
        technical="id patient",
    ),
    Declared(
        "patients.errormark",
        staff="marked_by undone_by",
        date="marked_at undone_at",
        text="reason undone_reason",
        technical="id centre patient course",
    ),
)
_COURSE = (
    Declared(
        "patients.course",
        direct="code",
        staff="coordinator haematologist created_by",
        date="referred_on closed_on created_at transcribed_on",
        coded="centre protocol product",
        technical="id patient error_cause version",
    ),
    Declared(
        "patients.anchor",
        staff="set_by",
        date="planned_on actual_on set_at",
        coded=f"kind occurrence delay_code {_TOLD}",
        technical="id course",
    ),
    Declared(
        "patients.stay",
        staff="recorded_by",
        date="began_on ended_on recorded_at",
        text="place",
        coded=f"unit ended_by_transfer {_SAID}",
        technical="id course ended_cause",
    ),
    Declared(
        "patients.hold",
        staff="recorded_by ended_by",
        date="began_on planned_on review_on ended_on new_date recorded_at ended_at",
        text="remark managed_with",
        coded=f"step reason_code {_SAID}",
        technical="id course ended_cause",
    ),
    Declared(
        "patients.correction",
        staff="corrected_by",
        date="corrected_at",
        text="before reason",
        coded="fact kind occurrence",
        technical="id course fact_id",
    ),
)
_HISTORY = (
    _fact("diagnosis", clinical="disease", coded="ph_status risk cns_involved extramedullary"),
    _fact("therapyline", clinical="treatment", text="response", coded="drug_class"),
    _fact("transplant", clinical="donor conditioning", coded="kind after_infusion purpose"),
    _fact(
        "relapse",
        text="remark",
        coded="kind after_infusion extramedullary marrow cns cd19 cd22 method",
    ),
    _fact("antigen", coded="antigen positive percent"),
    _fact("comorbidity", text="description"),
    _fact("consent", date="withdrawn_on", text="version scope", coded="kind given"),
    _fact("coursenote", text="text"),
    _fact("allergy", date="refuted_on", text="substance reaction", coded="none_known"),
    _fact("contact", direct="name phone", text="relation", coded="caregiver"),
    _fact("caregivercheck", coded="present minutes_away"),
    _fact("documentreference", direct="number", text="kept_at", coded="kind"),
    _fact("contactattempt", staff="made_by", text="remark", coded="means reached"),
    _fact(
        "handover",
        staff="centre physician",
        text="remark",
        coded="shared documents_sent patient_informed",
    ),
)
_RESULTS = (
    _fact(
        "labresult", text="typed", coded="analyte value comparator unit result confirmed context"
    ),
    _fact(
        "marrowresult",
        coded="blasts_percent remission mrd mrd_method mrd_percent mrd_limit_percent donor_percent",
    ),
    _fact("imagingresult", text="remark", coded="kind finding extramedullary lvef_percent"),
    _fact("csfresult", coded="cells_per_ul cytology flow intrathecal"),
    Declared(
        "patients.labname",
        staff="set_by",
        date="set_at",
        text="name",
        coded="centre analyte",
        technical="id",
    ),
)
FIELDS = (*_PEOPLE, *_COURSE, *_HISTORY, *_RESULTS)
