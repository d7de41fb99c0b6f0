"""What a CRS grade rests on, in words: the fever that opens it, and what is required beyond."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from toxicity.domain.crs import FEVER_C, LOW_FLOW_LPM, PRESSURE, CrsSigns, is_fever
from toxicity.domain.grading import Grading
from toxicity.wording.choices import choice_words
from toxicity.wording.numbers import number_text


def crs_words(grading: Grading, signs: CrsSigns) -> tuple[str, ...]:
    """The facts that gave the grade, fever first."""
    if signs.death_due_to_crs:
        return (_("death due to CRS"),)
    return (*_gate(signs), *_behind(grading, signs))


def crs_unknown(signs: CrsSigns) -> tuple[str, ...]:
    """What nobody stated and could change a grade that is not final."""
    said = []
    if signs.temp_c is None:
        said.append(_("temperature"))
    elif is_fever(signs.temp_c) and signs.fever_other_cause is None:
        said.append(_("whether the fever has another cause"))
    if signs.hypotension is None and not signs.vasopressors:
        said.append(_("hypotension"))
    if signs.vasopressors is None and signs.hypotension is not False:
        said.append(_("vasopressors"))
    if signs.crs_established and signs.fever_masked is None and not _hot(signs):
        said.append(_("whether a drug hides the fever"))
    return (*said, *_oxygen_unknown(signs))


def _hot(signs: CrsSigns) -> bool:
    return signs.temp_c is not None and is_fever(signs.temp_c) and not signs.fever_other_cause


def _oxygen_unknown(signs: CrsSigns) -> Iterator[str]:
    if signs.o2_is_baseline:
        return
    if signs.o2_device is None:
        yield _("oxygen")
    elif signs.o2_device == "nasal_cannula" and signs.o2_flow_lpm is None:
        yield _("flow of oxygen")
    elif signs.o2_device == "none" and signs.o2_flow_lpm:
        yield _("through what oxygen flows")
    elif signs.o2_device in PRESSURE and signs.ppv_reason in (None, "other"):
        yield _("whether hypoxia is why the patient is ventilated")


def _gate(signs: CrsSigns) -> Iterator[str]:
    if signs.temp_c is None:
        yield _("temperature not known")
    else:
        said = {"temp": number_text(signs.temp_c, 1), "limit": number_text(FEVER_C, 1)}
        if not is_fever(signs.temp_c):
            yield _("temperature %(temp)s °C, below %(limit)s °C") % said
        elif signs.fever_other_cause:
            yield _("temperature %(temp)s °C, of another cause") % said
        else:
            yield _("temperature %(temp)s °C") % said
            return
    if signs.crs_established and signs.fever_masked:
        yield _("CRS established, fever masked by treatment")
    elif signs.crs_established and signs.fever_masked is None:
        yield _("CRS established, whether a drug hides the fever is not known")


def _behind(grading: Grading, signs: CrsSigns) -> Iterator[str]:
    """What stands behind the gate; signs that are there and not counted are said too."""
    drivers = {driver.code for driver in grading.drivers}
    if "hypotension" in drivers:
        yield _pressure_words(signs)
    if "hypoxia" in drivers:
        yield _oxygen_words(signs)
    elif signs.o2_is_baseline:
        yield _("usual oxygen unchanged, not counted")
    elif signs.o2_device in PRESSURE and signs.ppv_reason == "airway_protection":
        yield _("ventilated to protect the airway, not counted")


def _pressure_words(signs: CrsSigns) -> str:
    given = signs.vasopressors
    if not given:
        if given is None:
            return _("hypotension, vasopressors not known")
        return _("hypotension without vasopressors")
    counted = sorted(given - {"vasopressin"})
    if not counted:
        return _("vasopressin alone")
    text = ngettext("%(count)s vasopressor: %(names)s", "%(count)s vasopressors: %(names)s",
                    len(counted))  # fmt: skip
    names = ", ".join(choice_words("vasopressors", code) for code in counted)
    text %= {"count": len(counted), "names": names}
    return (
        text if "vasopressin" not in given else _("%(said)s, beside vasopressin") % {"said": text}
    )


def _oxygen_words(signs: CrsSigns) -> str:
    device = choice_words("o2_device", signs.o2_device or "none")
    if signs.o2_device in PRESSURE:
        if signs.ppv_reason is None:
            return _("%(device)s, why is not known") % {"device": device}
        return _("%(device)s for hypoxia") % {"device": device}
    if signs.o2_device != "nasal_cannula":
        return device
    if signs.o2_flow_lpm is None:
        return _("nasal oxygen, flow not known")
    flow, limit = number_text(signs.o2_flow_lpm), number_text(LOW_FLOW_LPM)
    if signs.o2_flow_lpm <= LOW_FLOW_LPM:
        return _("nasal oxygen %(flow)s L/min") % {"flow": flow}
    return _("nasal oxygen %(flow)s L/min, above %(limit)s") % {"flow": flow, "limit": limit}
