"""What lets a review and a gate pass: an unremarkable value for every item and check."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from pathway.assessing import ItemNote
from pathway.domain.assessments import GateOutcome, ItemStep
from pathway.domain.eligibility_items import COMPUTED, EligibilityItems
from pathway.domain.gate_rules import Check, Gate, Gates
from pathway.domain.measures import YES, Measure, units_of
from pathway.gating import CheckNote

_VALUES = {
    "BLAST": "24", "ECOG": "1", "LVEF": "61", "SPO2": "98", "CRCL": "94", "LFT": "11",
    "LFT_ALT": "0.8", "LFT_AST": "0.7", "ALC": "0.9", "CD3": "640", "CBC": "98", "CBC_PLT": "84",
    "CBC_ANC": "1.9", "PBBLAST": "2", "FIT": "HCT-CI 1; MoCA 28",
    "ALLO": "none", "ANTICD19": "none", "VIRO": "negative",
    "oxygen": "98", "renal": "94", "tocilizumab": "4", "fever": "72",
    "disease_status": "no_blasts",
}  # fmt: skip


def passing_value(code: str, measure: Measure) -> str:
    """A value in range."""
    if code in _VALUES:
        return _VALUES[code]
    if measure.kind == "choice":
        return next(name for name, one in measure.choices.items() if one.accepted.value)
    if measure.kind == "yes_no":
        return measure.wanted.value if measure.wanted else YES
    return next((str(bound.value + 1) for bound in measure.bounds.values()), "1")


def unit_in(measure: Measure) -> str:
    """The unit that the values here are in, where one is to be chosen."""
    return measure.unit if units_of(measure) else ""


def item_notes(items: EligibilityItems, given: Mapping[str, str]) -> list[ItemNote]:
    """A result for every item that a person records; `given` says some of them otherwise."""
    return [
        ItemNote(
            code, ItemStep.RESULTED.value, given.get(code, passing_value(code, item.measure)),
            unit=unit_in(item.measure),
        )
        for code, item in items.by_code.items()
        if code not in COMPUTED
    ]  # fmt: skip


def check_notes(
    gates: Gates, gate: Gate, role: str, *, leaving: Iterable[str] = (),
    at: datetime | None = None, repeat: bool = False,
) -> list[CheckNote]:  # fmt: skip
    """Every recorded check of a gate that falls to `role`, met, without those of `leaving`.

    Those of a repeat only where it is one.
    """
    return [
        _met(check, at)
        for check in gates.by_gate[gate]
        if not check.fact
        and check.code not in leaving
        and recorder(check) == role
        and (repeat or not check.repeat_only)
    ]


def recorder(check: Check) -> str:
    """Who records a check here: the haematologist where they may."""
    return "haematologist" if "haematologist" in check.recorded_by else check.recorded_by[0]


def recorders(gates: Gates, gate: Gate) -> tuple[str, ...]:
    """Everybody to whom a check of a gate falls."""
    found = (recorder(check) for check in gates.by_gate[gate] if not check.fact)
    return tuple(dict.fromkeys(found))


def _met(check: Check, at: datetime | None) -> CheckNote:
    if check.measure is None:
        return CheckNote(check.code, GateOutcome.MET.value, checked_at=at)
    if check.optional:
        return CheckNote(check.code, GateOutcome.NOT_APPLICABLE.value, checked_at=at)
    return CheckNote(
        check.code, value=passing_value(check.code, check.measure), checked_at=at,
        unit=unit_in(check.measure),
    )  # fmt: skip
