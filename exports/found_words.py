"""What examinations found, in the words of a timeline."""

from django.utils.translation import gettext

from terms.words import N_

FOUND = frozenset({"PET", "CT", "MRI", "ECHO", "CHEST_FILM", "CSF", "CAREGIVER"})
_FINDINGS = {
    "clear": N_("Nothing pathological"),
    "pathological": N_("Pathological"),
    "unclear": N_("Not conclusive"),
    "present": N_("day and night"),
    "absent": N_("not day and night"),
    "cytology negative": N_("cytology: no blasts"),
    "cytology positive": N_("cytology: blasts found"),
    "cytology not_done": N_("cytology not done"),
    "flow negative": N_("flow cytometry: no blasts"),
    "flow positive": N_("flow cytometry: blasts found"),
    "flow not_done": N_("flow cytometry not done"),
    "intrathecal given": N_("intrathecal therapy given"),
    "intrathecal not_given": N_("no intrathecal therapy"),
}


def found_value(value: str) -> str:
    """What was found in the active language; what is no word of the list is as it stands."""
    return "; ".join(gettext(_FINDINGS.get(part, part)) for part in value.split("; "))
