"""The gates of a protocol: the checks before each step that nobody can take back, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from pathway.domain.asking import MOST_CHECKS
from pathway.domain.charted import Charted, read_charted
from pathway.domain.eligibility_items import read_roles
from pathway.domain.measures import Measure, read_measure
from protocol.domain.loading import SectionParser
from protocol.domain.reading import SMALL_CODE, Setting, TableReader
from terms.words import N_, Bilingual


class Gate(StrEnum):
    """A step of the pathway with a checklist before it."""

    COLLECTION = "collection"
    LYMPHODEPLETION = "lymphodepletion"
    INFUSION = "infusion"
    DISCHARGE = "discharge"


GATE_LABELS: dict[Gate, str] = {
    Gate.COLLECTION: N_("Gate to collection"),
    Gate.LYMPHODEPLETION: N_("Gate to lymphodepletion"),
    Gate.INFUSION: N_("Gate to infusion"),
    Gate.DISCHARGE: N_("Gate to discharge"),
}
# Every computed fact a protocol may name; gate_facts.py holds a function for each.
FACT_NAMES = (
    "identity_verified",
    "consents_given",
    "consents_kept",
    "washouts_met",
    "containment_over",
    "virology_resulted",
    "product_on_site",
    "product_thawed",
    "bedside_checked",
    "dose_on_target",
    "bridging_closed",
    "bridging_washed_out",
    "no_hold",
    "depletion_complete",
    "depletion_interval",
    "toxicity_low",
)


@dataclass(frozen=True)
class Caution:
    """A number in range that asks for a reason all the same, and what is to be thought of."""

    below: Setting[Decimal]
    text: Bilingual


@dataclass(frozen=True)
class Check:
    """One check of a gate. A `fact` is computed; without one a person records it."""

    code: str
    order: int
    label: Bilingual
    fact: str
    measure: Measure | None  # how a recorded value is weighed; None: a plain yes or no
    optional: bool  # may be recorded as not applicable
    max_age: timedelta | None
    max_age_setting: Setting[int] | None
    recorded_by: tuple[str, ...]
    waived_by: tuple[str, ...]
    firm: bool  # refuses; otherwise it warns and yields to a reason
    before_thaw: bool  # of the infusion: asked already when the product leaves the tank
    repeat_only: bool  # asked from the second time on that the gate is stood before
    caution: Caution | None
    charted: Charted | None  # what of the chart may speak against it
    max_days: Setting[int] | None  # instead of hours: how many local days back it still holds
    source: str
    confirmed: bool


@dataclass(frozen=True)
class Gates:
    """The checklists by gate, each in the order in which pages show it."""

    by_gate: Mapping[Gate, tuple[Check, ...]]

    @property
    def charted(self) -> tuple[str, ...]:
        """The analytes of the chart that any check is compared with."""
        checks = (check for checks in self.by_gate.values() for check in checks)
        found = (check.charted.limits for check in checks if check.charted is not None)
        return tuple(sorted({code for limits in found for code in limits}))

    def check(self, gate: str, code: str) -> Check | None:
        """One check of a gate; None where the protocol has none of that code."""
        if gate not in tuple(Gate):
            return None
        return next((one for one in self.by_gate[Gate(gate)] if one.code == code), None)


def read_gates(reader: TableReader) -> Gates:
    """Parse `[gates.<gate>.<check>]`: every gate must be there, none may be empty."""
    return Gates({gate: _read_gate(reader.child(gate.value)) for gate in Gate})


def _read_gate(reader: TableReader) -> tuple[Check, ...]:
    checks = [_read_check(code, row) for code, row in reader.children(SMALL_CODE)]
    if not checks:
        reader.problem("", N_("must not be empty"))
    if len(checks) > MOST_CHECKS:
        reader.problem("", N_("holds at most %(most)s checks"), most=MOST_CHECKS)
    return tuple(sorted(checks, key=lambda check: (check.order, check.code)))


def _read_check(code: str, row: TableReader) -> Check:
    missing = row.choice("missing", ("refuse", "warn"))
    fact, age = _fact(row), _age(row)
    measure = read_measure(row) if "kind" in row and not fact else None
    recorded = read_roles(row, "recorded_by").value if not fact else ()
    waived = read_roles(row, "waived_by").value if "waived_by" in row else ()
    if missing.value == "warn" and not waived:
        row.problem("waived_by", N_("must say who lets the warning yield"))
    return Check(
        code=code,
        order=row.plain_whole_number("order", 1, 9999),
        label=row.bilingual("label"),
        fact=fact,
        measure=measure,
        optional=row.flag("optional").value if "optional" in row else False,
        max_age=timedelta(hours=age.value) if age else None,
        max_age_setting=age,
        recorded_by=recorded,
        waived_by=waived,
        firm=missing.value == "refuse",
        before_thaw=row.flag("before_thaw").value if "before_thaw" in row else False,
        repeat_only=row.flag("repeat_only").value if "repeat_only" in row else False,
        caution=_caution(row, measure, waived),
        charted=read_charted(row),
        max_days=row.whole_number("max_age_days", 0, 365) if "max_age_days" in row else None,
        source=missing.source,
        confirmed=missing.confirmed,
    )


def _caution(row: TableReader, measure: Measure | None, waived: tuple[str, ...]) -> Caution | None:
    if "caution_below" not in row:
        return None
    found = Caution(row.decimal_number("caution_below", "0", "1000000"), row.bilingual("caution"))
    if measure is None or measure.kind != "number":
        row.problem("caution_below", N_("needs a number to compare with"))
    if not waived:
        row.problem("waived_by", N_("must say who lets the warning yield"))
    return found


def _fact(row: TableReader) -> str:
    return row.choice("computed", FACT_NAMES).value if "computed" in row else ""


def _age(row: TableReader) -> Setting[int] | None:
    return row.whole_number("max_age_hours", 1, 8760) if "max_age_hours" in row else None


SECTIONS: Mapping[str, SectionParser] = {"gates": read_gates}
