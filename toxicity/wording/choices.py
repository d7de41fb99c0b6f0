"""The words of the scales' lists, for forms and sentences alike; msgids, not yet translated."""

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.translation import gettext as _

from terms.words import N_

CHOICES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "vasopressors": {
            "norepinephrine": N_("norepinephrine"),
            "epinephrine": N_("epinephrine"),
            "phenylephrine": N_("phenylephrine"),
            "dopamine": N_("dopamine"),
            "vasopressin": N_("vasopressin"),
            "other": N_("another vasopressor"),
        },
        "o2_device": {
            "none": N_("no oxygen"),
            "nasal_cannula": N_("nasal oxygen"),
            "blow_by": N_("blow-by oxygen"),
            "facemask": N_("face mask"),
            "nonrebreather": N_("non-rebreather mask"),
            "venturi": N_("Venturi mask"),
            "hfnc": N_("high-flow nasal oxygen"),
            "cpap": N_("CPAP"),
            "bipap": N_("BiPAP"),
            "mech_vent": N_("invasive ventilation"),
        },
        "ppv_reason": {
            "hypoxia": N_("hypoxia"),
            "airway_protection": N_("to protect the airway, no hypoxia"),
            "other": N_("another reason, hypoxia not known"),
        },
        "ice_not_done_reason": {
            "unarousable": N_("unarousable"),
            "sedated": N_("sedated"),
            "intubated": N_("intubated"),
            "refused": N_("refused"),
            "language": N_("language"),
            "missed": N_("missed"),
        },
        "arousal": {
            "spontaneous": N_("awakens spontaneously"),
            "voice": N_("awakens to voice"),
            "tactile": N_("awakens only to touch"),
            "vigorous_or_unarousable": N_("needs vigorous stimuli, or is unarousable"),
        },
        "seizure": {
            "none": N_("no seizure"),
            "resolving": N_("brief seizure, or one in the EEG that resolved"),
            "prolonged": N_("seizure above 5 minutes, life-threatening or repeated"),
        },
        "icp": {
            "none": N_("no oedema"),
            "focal_oedema": N_("focal oedema on imaging"),
            "diffuse_or_signs": N_("diffuse oedema, or signs of raised pressure"),
        },
    }
)


def choice_words(field: str, code: str) -> str:
    """The word of `code` in the list of `field`, in the active language."""
    return _(CHOICES[field][code])
