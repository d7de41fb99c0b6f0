"""The words of what was assessed: items, checks, gates and votes, as the timeline shows them."""

from collections.abc import Iterator, Mapping

from django.utils.translation import get_language, gettext

from pathway.domain.assessments import Vote
from pathway.domain.custody import CONDITIONS, TEMPERATURES
from pathway.domain.gate_rules import GATE_LABELS
from pathway.domain.measures import Measure
from pathway.domain.rules import PathwayRules
from pathway.timeline_assessed import CODES, MEETING, UNSIGNED
from terms.words import N_, Bilingual

ASSESSED_LABELS: Mapping[str, str] = {
    "MEETING": N_("Multidisciplinary meeting"),
    "ELIGIBILITY_ORDERED": N_("Item ordered"),
    "ELIGIBILITY_SAMPLED": N_("Item sampled"),
    "ELIGIBILITY_RESULT": N_("Item resulted"),
    "ELIGIBILITY_WAIVED": N_("Item waived"),
    "GATE_WAIVED": N_("Check waived"),
    "GATE_MET": N_("Check met"),
    "GATE_NOT_MET": N_("Check not met"),
    "GATE_NOT_APPLICABLE": N_("Check does not apply"),
    "GATE_PASSED": N_("Passed"),
    "GATE_ASKED_AFTER": N_("Asked afterwards"),
}
ASSESSED = frozenset(CODES)
_VOTES = {
    Vote.ACCEPTED.value: N_("Accepted"),
    Vote.DEFERRED.value: N_("Deferred"),
    Vote.NOT_ELIGIBLE.value: N_("Not eligible"),
    UNSIGNED: N_("not signed yet"),
}
_YES_NO = {"yes": N_("Yes"), "no": N_("No")}
_CUSTODY = {**TEMPERATURES, **CONDITIONS}


def assessed_names(rules: PathwayRules) -> dict[str, Bilingual]:
    """What the protocol calls its items and checks, their choices and units, by key."""
    names: dict[str, Bilingual] = {}
    for code, item in rules.items.by_code.items():
        names |= dict(_named(f"item.{code}", item.label, item.measure))
    for gate, checks in rules.gates.by_gate.items():
        for check in checks:
            names |= dict(_named(f"check.{gate.value}.{check.code}", check.label, check.measure))
    return names


def _named(key: str, label: Bilingual, measure: Measure | None) -> Iterator[tuple[str, Bilingual]]:
    yield key, label
    if measure is None:
        return
    for code, choice in measure.choices.items():
        yield f"{key}={code}", choice.label
    if measure.unit:
        yield f"{key} unit", Bilingual(measure.unit, measure.unit)


def subject_of(key: str) -> str:
    """The item or check that a key is about, if it is that of an answer or a unit."""
    return key.partition("=")[0].removesuffix(" unit")


def detail_of(detail: str, names: Mapping[str, Bilingual]) -> str:
    """An item, a check or a gate in words; what the protocol knows no longer as its code."""
    kind, _, code = detail.partition(".")
    if kind == "gate":
        return next((gettext(GATE_LABELS[g]) for g in GATE_LABELS if g.value == code), code)
    if detail in names:
        return names[detail].in_language(get_language() or "en")
    return code.rpartition(".")[2]


def choice_of(detail: str, value: str, names: Mapping[str, Bilingual]) -> Bilingual | None:
    """The answer of a fixed list that a value is; None for anything that somebody typed."""
    return names.get(f"{detail}={value}") if value else None


def unit_of(detail: str, value: str, names: Mapping[str, Bilingual]) -> str:
    """The unit of a measured value."""
    found = names.get(f"{detail} unit") if value else None
    return found.en if found else ""


def assessed_value(code: str, value: str) -> str | None:
    """The value of an event of ASSESSED in the active language; None where it is as it is."""
    if code == MEETING:
        return "; ".join(gettext(_VOTES.get(part, part)) for part in value.split("; "))
    return gettext(_YES_NO[value]) if value in _YES_NO else None


def custody_value(value: str) -> str:
    """What stopped a product, in the active language."""
    return gettext(_CUSTODY.get(value, value)) if value else value
