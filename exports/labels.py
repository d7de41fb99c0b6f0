"""The label of an event of the timeline, with the words for the codes inside it."""

import re
from collections.abc import Mapping

from django.utils.formats import number_format
from django.utils.translation import get_language, gettext

from accounts.wording import partial_text
from exports.assessed_words import (
    ASSESSED,
    assessed_value,
    custody_value,
    detail_of,
)
from exports.event_labels import EVENT_LABELS
from exports.followed_words import FOLLOWED, followed_value
from exports.found_words import FOUND, found_value
from pathway.domain.exits import SCOPE_NAMES
from pathway.domain.paper_facts import CAPACITIES
from patients.domain.steps import STEP_LABELS, Step
from patients.facts_shown import label_of as fact_label
from reminders import timeline_schedule
from terms.partial_dates import parse
from terms.words import N_, Bilingual
from toxicity.timeline_rows import NOT_GRADEABLE

# Events of one code but of many subjects: the row's own label says which.
_CODED = frozenset(
    {
        "CONSENT", "DELAY", "DELAY_END", "LAB", "EXIT_DECLINED", "EXIT_WITHDRAWN",
        "TREATMENT", "INFECTION", "INFECTION_END", "APPOINTMENT", "APPOINTMENT_CANCELLED",
        "INCIDENT",
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
    if code in ("CORRECTED", "APPOINTMENT_CANCELLED"):
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
