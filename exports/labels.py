"""What each event of the timeline is called, and the words for the codes inside its label."""

import re
from collections.abc import Mapping

from django.utils.formats import number_format
from django.utils.translation import get_language, gettext

from accounts.wording import partial_text
from exports.assessed_words import (
    ASSESSED,
    ASSESSED_LABELS,
    assessed_value,
    custody_value,
    detail_of,
)
from exports.followed_words import FOLLOWED, FOLLOWED_LABELS, followed_value
from exports.found_words import FOUND, found_value
from pathway.domain.exits import SCOPE_NAMES
from pathway.domain.paper_facts import CAPACITIES
from patients.domain.steps import STEP_LABELS, Step
from patients.facts_shown import label_of as fact_label
from reminders import timeline_schedule
from terms.partial_dates import parse
from terms.words import N_, Bilingual
from toxicity.timeline_rows import NOT_GRADEABLE

EVENT_LABELS: Mapping[str, str] = {
    **FOLLOWED_LABELS,
    **ASSESSED_LABELS,
    # The history and the chart
    "DX": N_("Diagnosis"),
    "TX_LINE": N_("Line of treatment"),
    "ALLO": N_("Allogeneic transplant"),
    "DLI": N_("Donor lymphocytes"),
    "RELAPSE_MOL": N_("Molecular relapse"),
    "RELAPSE_HAEM": N_("Haematological relapse"),
    "MRD_POS": N_("Measurable residual disease"),
    "REFRACTORY": N_("Refractory disease"),
    "ANTIGEN": N_("Antigen of the blasts"),
    "COMORBIDITY": N_("Comorbidity"),
    "ALLERGY": N_("Allergy"),
    "ALLERGY_NONE": N_("No allergy known"),
    "ALLERGY_REFUTED": N_("Allergy refuted"),
    "CONSENT": N_("Consent"),
    "LAB": N_("Laboratory value"),
    "MARROW": N_("Bone marrow"),
    "MARROW_BLASTS": N_("Blasts in the marrow"),
    "PET": N_("PET-CT"),
    "CT": N_("CT"),
    "MRI": N_("Magnetic resonance"),
    "ECHO": N_("Echocardiogram"),
    "CHEST_FILM": N_("Chest film"),
    "LVEF": N_("Ejection fraction"),
    "CSF": N_("Cerebrospinal fluid"),
    "CAREGIVER": N_("Caregiver"),
    "DOCUMENT": N_("Document"),
    "NOTE": N_("Note"),
    "PROTOCOL_VERSION": N_("Follows another version of the protocol"),
    "DEATH": N_("Death"),
    # The dates that others are counted from, and delays
    "ENROL": N_("Enrolment"),
    "APHERESIS": N_("Leukapheresis"),
    "LD": N_("Lymphodepletion start"),
    "INFUSION": N_("Infusion (day 0)"),
    "DISCHARGE": N_("Discharge"),
    "ENROL_PLANNED": N_("Enrolment planned"),
    "APHERESIS_PLANNED": N_("Leukapheresis planned"),
    "LD_PLANNED": N_("Lymphodepletion planned"),
    "INFUSION_PLANNED": N_("Infusion planned"),
    "DISCHARGE_PLANNED": N_("Discharge planned"),
    "ADMISSION": N_("Admission"),
    "ICU": N_("Intensive care"),
    "ICU_END": N_("End of intensive care"),
    "DELAY": N_("Delay"),
    "DELAY_END": N_("Delay ended"),
    # Toxicity
    "CRS_GRADE": N_("CRS grade"),
    "ICANS_GRADE": N_("ICANS grade"),
    "IEC_HS_GRADE": N_("IEC-HS grade"),
    "CRS": N_("CRS begins, highest grade"),
    "ICANS": N_("ICANS begins, highest grade"),
    "IEC_HS": N_("IEC-HS begins, highest grade"),
    "CRS_END": N_("CRS is over, days"),
    "ICANS_END": N_("ICANS is over, days"),
    "IEC_HS_END": N_("IEC-HS is over, days"),
    # The journey
    "REFERRAL": N_("Referral"),
    "STAGE_REFERRAL": N_("Stage: referral"),
    "STAGE_ELIGIBILITY": N_("Stage: eligibility"),
    "STAGE_APHERESIS": N_("Stage: leukapheresis"),
    "STAGE_BRIDGING": N_("Stage: manufacturing and bridging"),
    "STAGE_LYMPHODEPLETION": N_("Stage: lymphodepletion"),
    "STAGE_INFUSION": N_("Stage: infusion"),
    "STAGE_FOLLOW_UP": N_("Stage: follow-up"),
    "STAGE_COMPLETED": N_("Follow-up completed"),
    "EXIT_DECLINED": N_("Declined"),
    "EXIT_WITHDRAWN": N_("Withdrawn"),
    "EXIT_LOST": N_("Lost to follow-up"),
    "REOPENED": N_("Opened again after an undo"),
    # The eligibility review
    "ELIGIBILITY_ENROLLED": N_("Eligibility review opened"),
    "ELIGIBILITY_ASSESSING": N_("Eligibility being assessed"),
    "ELIGIBILITY_MDT_REVIEW": N_("On the meeting's list"),
    "ELIGIBILITY_ACCEPTED": N_("Accepted by the meeting"),
    "ELIGIBILITY_DEFERRED": N_("Deferred by the meeting"),
    "ELIGIBILITY_NOT_ELIGIBLE": N_("Not eligible"),
    "ELIGIBILITY_CLOSED": N_("Eligibility review closed"),
    # Containment, leukapheresis, bridging, lymphodepletion
    "CONTAIN": N_("Containment therapy given"),
    "CONTAIN_END": N_("Containment therapy closed"),
    "CONTAIN_PLANNED": N_("Containment therapy planned"),
    "CONTAIN_NOT_NEEDED": N_("No containment therapy needed"),
    "CONTAIN_CANCELLED": N_("Containment therapy cancelled"),
    "APHERESIS_SCHEDULED": N_("Leukapheresis scheduled"),
    "APHERESIS_CLEARED": N_("Cleared for leukapheresis"),
    "APHERESIS_STARTED": N_("Collection started"),
    "APHERESIS_COMPLETED": N_("Collection completed"),
    "APHERESIS_ADEQUATE": N_("Collection adequate"),
    "APHERESIS_INADEQUATE": N_("Collection inadequate"),
    "APHERESIS_ABORTED": N_("Collection aborted"),
    "APHERESIS_CANCELLED": N_("Leukapheresis cancelled"),
    "BRIDGE": N_("Bridging therapy started"),
    "BRIDGE_NONE": N_("No bridging therapy, supportive care only"),
    "BRIDGE_PLANNED": N_("Bridging therapy planned"),
    "BRIDGE_HOLD": N_("Bridging therapy on hold"),
    "BRIDGE_RESUMED": N_("Bridging therapy resumed"),
    "BRIDGE_END": N_("Bridging therapy closed"),
    "BRIDGE_STOPPED": N_("Bridging therapy stopped early"),
    "BRIDGE_CANCELLED": N_("Bridging therapy cancelled"),
    "LD_REGIMEN": N_("Lymphodepletion regimen chosen"),
    "LD_END": N_("Lymphodepletion complete"),
    "LD_STOPPED": N_("Lymphodepletion stopped"),
    "LD_CANCELLED": N_("Lymphodepletion cancelled"),
    # The product
    "PRODUCT_ORDERED": N_("Product ordered"),
    "PRODUCT_MATERIAL_SHIPPED": N_("Material shipped"),
    "PRODUCT_MATERIAL_EXCURSION": N_("Temperature excursion of the material"),
    "PRODUCT_AT_MANUFACTURER": N_("Material at the manufacturer"),
    "PRODUCT_MANUFACTURING": N_("Product in manufacture"),
    "PRODUCT_QC": N_("Product in quality control"),
    "PRODUCT_OOS": N_("Product out of specification"),
    "PRODUCT_OOS_ACCEPTED": N_("Product out of specification, accepted"),
    "PRODUCT_RELEASED": N_("Product released"),
    "PRODUCT_SHIPPED_TO_SITE": N_("Product on its way back"),
    "PRODUCT_PRODUCT_EXCURSION": N_("Temperature excursion of the product"),
    "PRODUCT_RECEIVED": N_("Product received"),
    "PRODUCT_QUARANTINED": N_("Product quarantined"),
    "PRODUCT_STORED": N_("Product stored on site"),
    "PRODUCT_THAWING": N_("Product thawing"),
    "PRODUCT_INFUSED": N_("Product infused"),
    "CUSTODY_PACK_OUT": N_("Custody: material packed out"),
    "CUSTODY_RECEIPT": N_("Custody: product received"),
    "CUSTODY_STORAGE": N_("Custody: put into storage"),
    "CUSTODY_TANK_MOVE": N_("Custody: moved in the tank"),
    "CUSTODY_RELEASE": N_("Custody: released to the ward"),
    "CUSTODY_THAW": N_("Custody: thaw"),
    "CUSTODY_DISPOSAL": N_("Custody: disposed of"),
    "CUSTODY_EXCURSION": N_("Custody: temperature excursion"),
    "PRODUCT_FAILED": N_("Manufacture failed"),
    "PRODUCT_REJECTED": N_("Product rejected"),
    "PRODUCT_DISCARDED": N_("Product discarded"),
    "PRODUCT_WASTED": N_("Product wasted"),
    "PRODUCT_CANCELLED": N_("Product cancelled"),
    # Doses, papers, identity, corrections
    "CONTAIN_DOSE": N_("Containment dose given"),
    "CONTAIN_DOSE_NOT_GIVEN": N_("Containment dose not given"),
    "CONTAIN_DOSE_ORDERED": N_("Containment dose ordered"),
    "BRIDGE_DOSE": N_("Bridging dose given"),
    "BRIDGE_DOSE_NOT_GIVEN": N_("Bridging dose not given"),
    "BRIDGE_DOSE_ORDERED": N_("Bridging dose ordered"),
    "LD_DOSE": N_("Lymphodepletion dose given"),
    "LD_DOSE_NOT_GIVEN": N_("Lymphodepletion dose not given"),
    "LD_DOSE_ORDERED": N_("Lymphodepletion dose ordered"),
    "ORDER_CONFIRMED": N_("Order confirmed by the manufacturer"),
    "SHIPMENT_PICKED_UP": N_("Shipment picked up"),
    "SHIPMENT_ARRIVED": N_("Shipment arrived"),
    "CERTIFICATE": N_("Certificate of analysis"),
    "OOS_RECORD": N_("Record of a product out of specification"),
    "OOS_SIGNED": N_("Acceptance out of specification signed"),
    "THAW": N_("Thaw started"),
    "INFUSION_BEGAN": N_("Infusion started"),
    "INFUSION_ENDED": N_("Infusion ended"),
    "INCIDENT": N_("Incident"),
    "CLEARANCE": N_("Clearance for the collection"),
    "COLLECTION_BEGAN": N_("Collection started at the device"),
    "COLLECTION_ENDED": N_("Collection ended at the device"),
    "IDENTITY_READ": N_("Labels read by the first person"),
    "IDENTITY_PASSED": N_("Identity checked by two people"),
    "IDENTITY_STOPPED": N_("Identity check stopped by a mismatch"),
    "DEVIATION": N_("Deviation recorded"),
    "LABEL": N_("Label entered by two people"),
    "TREATMENT": N_("Treatment given"),
    "INFECTION": N_("Infection"),
    "INFECTION_END": N_("Infection over"),
    "SCHEDULE_DUE": N_("Reminder due"),
    "SCHEDULE_DONE": N_("Reminder done"),
    "SCHEDULE_SKIPPED": N_("Reminder skipped"),
    "TASK": N_("Task asked for"),
    "TASK_DONE": N_("Task done"),
    "TASK_SKIPPED": N_("Task skipped"),
    "CORRECTED": N_("Corrected, stood before"),
    "NUMBER_CORRECTED": N_("Number of the patient corrected, stood before"),
    "NUMBER_IN_ERROR": N_("Number found not to be the patient's"),
    "NUMBER_ON_LABELS": N_("Number of wristband and labels chosen"),
}

# Events of one code but of many subjects: the row's own label says which.
_CODED = frozenset(
    {
        "CONSENT", "DELAY", "DELAY_END", "LAB", "EXIT_DECLINED", "EXIT_WITHDRAWN",
        "TREATMENT", "INFECTION", "INFECTION_END",
    }
)  # fmt: skip
_DOSES = frozenset(code for code in EVENT_LABELS if "_DOSE" in code)
DETAILED = _CODED | _DOSES | {"DX", "TX_LINE", "ANTIGEN", "NOTE", "LABEL", "CORRECTED"}
_LABELS = {
    "din": N_("Donation number"),
    "lot": N_("Lot"),
    "expires_on": N_("Expiry date"),
    "coi_id": N_("Chain-of-identity ID"),
}
# Values of the chart that are words of a fixed list; every other value is as somebody wrote it.
_WORD_VALUES = frozenset({"ANTIGEN", "CONSENT", "DX", "CRS_GRADE", "ICANS_GRADE", "IEC_HS_GRADE"})
_MARROW_WORDS = {
    "cr": N_("Complete remission"),
    "cri": N_("Complete remission, incomplete recovery"),
    "none": N_("No remission"),
    "MRD negative": N_("MRD negative"),
    "MRD positive": N_("MRD positive"),
    "MRD not_assessed": N_("MRD not assessed"),
}
_PLACES = {
    "receipt": N_("at receipt"),
    "bedside": N_("at the bedside"),
    "material": N_("Material to the manufacturer"),
    "product": N_("Product to the site"),
    **CAPACITIES,
}
_PLACED = frozenset(
    {
        "IDENTITY_READ", "IDENTITY_PASSED", "IDENTITY_STOPPED",
        "SHIPMENT_PICKED_UP", "SHIPMENT_ARRIVED", "OOS_SIGNED",
    }
)  # fmt: skip
# A file leaves without the page that says so: it says so itself.
NOT_CHECKED = "transcribed, not checked"
# Sources that the software itself names; every other one is as somebody wrote it.
SOURCES = {
    "case series": N_("case series"),
    "case series, day synthetic": N_("case series, day synthetic"),
    "synthetic": N_("synthetic"),
    NOT_CHECKED: N_("transcribed, not checked"),
}
_ISO = re.compile(r"(19|20)[0-9]{2}(-[0-9]{2}){0,2}")
_DECIMAL = re.compile(r"([<>]?)(-?[0-9]+\.[0-9]+)")
_LAB_WORDS = {"positive": N_("positive"), "negative": N_("negative")}


def label_of(code: str, detail: str, names: Mapping[str, Bilingual]) -> str:
    """The label of an event in the active language, with what it is about where it has many.

    `names` are the protocol's reasons for a delay, kinds of consent and analytes by their codes; a
    code it does not know is shown as it is.
    """
    label = gettext(EVENT_LABELS[code])
    if code in ASSESSED and detail:
        return f"{label}: {detail_of(detail, names)}"
    if code in timeline_schedule.CODES and detail:
        return f"{label}: {_word(detail, names).removeprefix(timeline_schedule.KEY)}"
    if code not in DETAILED or not detail or detail == EVENT_LABELS[code]:
        return label
    if code in ("CORRECTED", "LABEL"):
        what, _, key = detail.partition(": ")
        more = f": {detail_of(key, names)}" if key else ""
        return f"{label}: {_subject(what)}{more}"
    parts = detail.split(": ") if code in _CODED else [detail]
    return ": ".join([label, *(_word(part, names) for part in parts)])


def value_of(code: str, value: str) -> str:
    """The value in the active language where it is a word of a fixed list or a number."""
    if code in FOLLOWED:
        return followed_value(code, value)
    if code in ASSESSED:
        return assessed_value(code, value) or _number(value)
    if code.startswith("CUSTODY_"):
        return custody_value(value)
    if code == "MARROW":
        return "; ".join(gettext(_MARROW_WORDS.get(part, part)) for part in value.split("; "))
    if code in FOUND:
        return found_value(value)
    if code in _PLACED:
        return gettext(_PLACES[value]) if value in _PLACES else value
    if code == "CORRECTED":
        return _stood(value)
    if code == "LAB":
        return "; ".join(_lab_part(part) for part in value.split("; "))
    return gettext(value) if value and code in _WORD_VALUES else _number(value)


def source_of(source: str) -> str:
    """Where a row comes from, in the active language where the demo's data says it."""
    return gettext(SOURCES[source]) if source in SOURCES else source


def _subject(detail: str) -> str:
    """What was corrected: a step or a dose by its event, a label, a fact of the chart."""
    words = EVENT_LABELS.get(detail) or _LABELS.get(detail)
    return gettext(words) if words else str(fact_label(detail))


def _stood(value: str) -> str:
    """A date as it is read, how far a withdrawal went in words; a number, or a label, as it was."""
    if value in SCOPE_NAMES:
        return gettext(SCOPE_NAMES[value])
    if value == NOT_GRADEABLE:
        return gettext(value)
    return partial_text(parse(value)) if _ISO.fullmatch(value) else _number(value)


def _lab_part(part: str) -> str:
    return gettext(_LAB_WORDS[part]) if part in _LAB_WORDS else _number(part)


def _number(text: str) -> str:
    """A decimal as the active language writes it, any other text as it is.

    The zeros that a column of the database fills up with are not a measured precision.
    """
    match = _DECIMAL.fullmatch(text)
    if match is None:
        return text
    digits = match[2].rstrip("0").rstrip(".") if "." in match[2] else match[2]
    return match[1] + number_format(digits, use_l10n=True, force_grouping=False)


def _word(part: str, names: Mapping[str, Bilingual]) -> str:
    if part in names:
        return names[part].in_language(get_language() or "en")
    if part in SCOPE_NAMES:
        return gettext(SCOPE_NAMES[part])
    if part in tuple(Step):
        return gettext(STEP_LABELS[Step(part)])
    return gettext(part) if part else part
