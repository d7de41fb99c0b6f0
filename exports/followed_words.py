"""The coded values of what comes after the infusion, as the timeline words them."""

from collections.abc import Mapping

from django.utils.translation import gettext

from patients.models.followed import Handover, Means
from patients.models.people import Autopsy, DeathCategory, DeathSetting
from reminders.domain.notice_kinds import ANTIGEN_NAMES
from terms.words import N_

_METHODS = {
    "flow": N_("by flow cytometry"),
    "tissue": N_("by immunohistochemistry"),
    "both": N_("by both methods"),
    "other": N_("by another method"),
}
_PURPOSES = {
    "consolidation": N_("Consolidation of a remission"),
    "salvage": N_("Salvage of a relapse"),
}
_REACHED = {"reached": N_("reached"), "not_reached": N_("not reached")}
RELAPSES = frozenset(
    {"RELAPSE_MOL", "RELAPSE_HAEM", "RELAPSE_EXTRAMEDULLARY", "MRD_POS", "REFRACTORY"}
)


def _relapse(part: str) -> str:
    first, _, rest = part.partition(" ")
    if first in ("CD19", "CD22"):
        return f"{first} {gettext(ANTIGEN_NAMES.get(rest, rest))}"
    if first == "by":
        return gettext(_METHODS.get(rest, rest))
    return gettext(part) if part else part


def _attempt(part: str) -> str:
    return str(dict(Means.choices).get(part, "")) or gettext(_REACHED.get(part, part))


def _shared(part: str) -> str:
    column = Handover._meta.get_field("shared")
    return str(dict(column.flatchoices).get(part, part))


def _death(part: str) -> str:
    first, _, rest = part.partition(" ")
    if first == "at":
        return str(dict(DeathSetting.choices).get(rest, rest))
    if first == "autopsy":
        said = str(dict(Autopsy.choices).get(rest, rest))
        return gettext("Autopsy: %(said)s") % {"said": said}
    return str(dict(DeathCategory.choices).get(part, part))


def _purpose(part: str) -> str:
    return gettext(_PURPOSES.get(part, part))


_WORDS = {
    "CONTACT_ATTEMPT": _attempt,
    "HANDOVER": _shared,
    "DEATH_CAUSE": _death,
    "TRANSPLANT_PURPOSE": _purpose,
    **dict.fromkeys(RELAPSES, _relapse),
}
FOLLOWED: frozenset[str] = frozenset(_WORDS)


def followed_value(code: str, value: str) -> str:
    """The value of an event of FOLLOWED in the active language."""
    return "; ".join(_WORDS[code](part) for part in value.split("; "))


FOLLOWED_LABELS: Mapping[str, str] = {
    "RELAPSE_EXTRAMEDULLARY": N_("Relapse outside the marrow only"),
    "TRANSPLANT_PURPOSE": N_("Purpose of the transplant"),
    "CONTACT_ATTEMPT": N_("Attempt to reach the patient"),
    "HANDOVER": N_("Care shared with another centre"),
    "DEATH_CAUSE": N_("Category of the cause of death"),
}
