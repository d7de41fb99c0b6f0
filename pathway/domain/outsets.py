"""How a companion may begin other than planned: not needed, or supportive care only."""

from collections.abc import Mapping
from typing import Any

from terms.refusals import Refusal
from terms.words import N_

# By machine: each way to begin with its words, the usual one first.
OUTSETS: Mapping[str, Mapping[str, str]] = {
    "containment": {"planned": N_("Planned"), "not_needed": N_("Not needed")},
    "bridging": {"planned": N_("Planned"), "none": N_("None, supportive care only")},
}
# What each way wants to know. Supportive care names its drugs; a class counts for the washout.
NEEDED: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("containment", "planned"): ("drug", "drug_class"),
    ("containment", "not_needed"): ("reason",),
    ("bridging", "planned"): ("drug", "drug_class"),
    ("bridging", "none"): ("drug",),
}
_FOREIGN: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("containment", "not_needed"): ("drug", "drug_class", "planned_on"),
    ("bridging", "planned"): ("last_dose_on",),
    ("bridging", "none"): ("planned_on",),
}


def outset_of(machine: str, values: Mapping[str, Any]) -> str:
    """How a companion begins: as `values` say, else as is usual; empty where there is one way."""
    usual = next(iter(OUTSETS.get(machine, {})), "")
    return str(values.get("outset") or usual)


def against_outset(machine: str, values: Mapping[str, Any]) -> list[Refusal]:
    """A way that the machine has not, and what does not go with the one that is chosen."""
    if machine not in OUTSETS:
        return []
    outset = outset_of(machine, values)
    if outset not in OUTSETS[machine]:
        message = N_("Choose one of the list.")
        return [Refusal(code="not_listed", message=message, field="outset")]
    return [
        Refusal(code="not_with_this", message=N_("This does not go with the choice."), field=name)
        for name in _FOREIGN.get((machine, outset), ())
        if values.get(name) not in (None, "")
    ]


def needed(machine: str, values: Mapping[str, Any], usual: tuple[str, ...]) -> tuple[str, ...]:
    """The values without which it is not opened; `usual` where there is one way only."""
    return NEEDED.get((machine, outset_of(machine, values)), usual)
