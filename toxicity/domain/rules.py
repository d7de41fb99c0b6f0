"""What a protocol says about toxicity: how each scale is used, cadence, escalation, episodes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from protocol.domain.loading import ParsedProtocol, SectionParser
from protocol.domain.reading import Setting, TableReader
from terms.quantities import Span
from terms.roles import Role
from terms.words import N_, Bilingual
from toxicity.domain.scales import Scale
from toxicity.domain.score_rules import ScoreRules, read_scores


class Mode(StrEnum):
    """How a centre uses a scale."""

    COMPUTED = "computed"  # the grade is computed from the signs and shown; a clinician confirms
    RECORD_ONLY = "record_only"  # whoever looks picks the grade beside the published table
    OFF = "off"


MODE_NAMES: Mapping[str, str] = MappingProxyType(
    {
        Mode.COMPUTED: N_("computed from the signs, confirmed by a clinician"),
        Mode.RECORD_ONLY: N_("chosen beside the published table; nothing is computed"),
        Mode.OFF: N_("not used"),
    }
)
BEDSIDE = (Mode.COMPUTED.value, Mode.RECORD_ONLY.value)
# What the flowsheet can show, in the usual order; a protocol orders them, and leaves none out.
FLOWSHEET_ROWS = (
    "crs", "icans", "iec_hs", "tocilizumab", "dexamethasone", "methylprednisolone", "anakinra",
    "others", "infections", "stay",
)  # fmt: skip
CURVES = ("TEMPERATURE", "CRP", "FERRITIN", "ANC", "PLT")  # the temperature, then analytes
# Computed from results, or not used.
EQUAL_STEROIDS = ("dexamethasone", "methylprednisolone")  # what the list of drugs tells apart
RISKS = ("icaht", "t_icaht", "neutropenia", "car_hematotox", "easix", "b_cell_aplasia", "igg")


@dataclass(frozen=True)
class Cadence:
    """How often an in-patient is checked, in hours, and until which day after the infusion."""

    hours: Setting[int]
    graded_hours: Setting[int]  # after any grade above 0
    until_day: Setting[int]
    later_hours: Setting[int]  # afterwards, in hospital
    due_now_minutes: Setting[int]  # how long before its time a check is due now


@dataclass(frozen=True)
class Escalation:
    """From which grade, and by what jump, people are told in full, whom, and in which words."""

    lines: Mapping[str, Setting[int]]
    jump: Setting[int]
    roles: Setting[tuple[str, ...]]
    call: Bilingual
    call_source: str
    texts: Mapping[str, tuple[Bilingual, str]]  # by scale: the text and its source


@dataclass(frozen=True)
class FlowsheetRules:
    """In which order the flowsheet shows its rows, and how far apart two days of a curve may be.

    A line joins two measured days no further apart than that: a longer gap is left open.
    """

    rows: Setting[tuple[str, ...]]
    joined_days: Mapping[str, Setting[int]]


@dataclass(frozen=True)
class Tocilizumab:
    """What a dose is compared with: mg per kg of body weight, cap, gap and count."""

    mg_per_kg: Setting[Decimal]
    light_mg_per_kg: Setting[Decimal]  # below `light_below_kg`
    light_below_kg: Setting[Decimal]
    most_mg: Setting[Decimal]
    gap_hours: Setting[int]
    most_in_24_hours: Setting[int]
    most_in_all: Setting[int]
    tolerance_percent: Setting[Decimal]  # by how much a dose may differ without being asked about


@dataclass(frozen=True)
class ToxicityRules:
    """The section."""

    modes: Mapping[str, Setting[str]]
    free_hours: Setting[int]  # without signs, for an episode to be over
    usual_onset_days: Mapping[str, Setting[int]]  # a later onset asks for another cause
    temperature: Setting[Span]  # outside it somebody confirms
    iec_hs_limbs: Setting[int]
    discharge_grade: Setting[int]  # the highest with which a patient leaves without a reason
    late_hours: Setting[int]  # who records later than that what was seen says why
    cadence: Cadence
    escalation: Escalation
    tocilizumab: Tocilizumab
    flowsheet: FlowsheetRules
    scores: ScoreRules
    # Doses of corticosteroids in mg that are worth the same; none in a version that says nothing.
    equal_steroids: Mapping[str, Setting[Decimal]] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: ParsedProtocol) -> "ToxicityRules":
        """Those of a protocol."""
        return settings.section("toxicity", cls)

    def mode(self, scale: str) -> Mode:
        """How the centre uses a scale."""
        return Mode(self.modes[scale].value)


def read_toxicity(reader: TableReader) -> ToxicityRules:
    """Parse `[toxicity]`."""
    modes = reader.child("modes")
    onset = reader.child("usual_onset_days")
    return ToxicityRules(
        modes=MappingProxyType(
            {scale.value: modes.choice(scale.value, BEDSIDE) for scale in Scale}
            | {code: modes.choice(code, (Mode.OFF.value, Mode.COMPUTED.value)) for code in RISKS}
        ),
        free_hours=reader.whole_number("free_hours", 1, 336),
        usual_onset_days={
            scale.value: onset.whole_number(scale.value, 1, 365)
            for scale in (Scale.CRS, Scale.ICANS)
        },
        temperature=reader.decimal_range("temperature", "30", "45"),
        iec_hs_limbs=reader.whole_number("iec_hs_limbs", 1, 4),
        discharge_grade=reader.whole_number("discharge_grade", 0, 4),
        late_hours=reader.whole_number("late_hours", 1, 168),
        cadence=_cadence(reader.child("cadence")),
        escalation=_escalation(reader.child("escalation")),
        tocilizumab=_tocilizumab(reader.child("tocilizumab")),
        flowsheet=_flowsheet(reader.child("flowsheet")),
        scores=read_scores(reader.child("scores")),
        equal_steroids=_equal_steroids(reader) if "equal_steroids" in reader else {},
    )


def _equal_steroids(reader: TableReader) -> Mapping[str, Setting[Decimal]]:
    equal = reader.child("equal_steroids")
    return {drug: equal.decimal_number(drug, "0.1", "100") for drug in EQUAL_STEROIDS}


def _cadence(reader: TableReader) -> Cadence:
    return Cadence(
        hours=reader.whole_number("hours", 1, 48),
        graded_hours=reader.whole_number("graded_hours", 1, 48),
        until_day=reader.whole_number("until_day", 1, 100),
        later_hours=reader.whole_number("later_hours", 1, 168),
        due_now_minutes=reader.whole_number("due_now_minutes", 0, 720),
    )


def _flowsheet(reader: TableReader) -> FlowsheetRules:
    joined = reader.child("joined_days")
    wanted = N_("must name every row of the flowsheet once, divided by blanks")
    return FlowsheetRules(
        rows=reader.parsed("rows", _rows, (), wanted),
        joined_days={curve: joined.whole_number(curve, 1, 28) for curve in CURVES},
    )


def _rows(text: str) -> tuple[str, ...]:
    found = tuple(text.split())
    if sorted(found) != sorted(FLOWSHEET_ROWS):
        raise ValueError("not every row once")
    return found


def _escalation(reader: TableReader) -> Escalation:
    lines, texts = reader.child("from_grade"), reader.child("texts")
    call = reader.child("call")
    wanted = N_("must be roles, divided by blanks")
    return Escalation(
        lines={scale.value: lines.whole_number(scale.value, 1, 5) for scale in Scale},
        jump=reader.whole_number("jump", 1, 5),
        roles=reader.parsed("roles", _roles, (), wanted),
        call=call.bilingual("text"),
        call_source=call.text("source"),
        texts={scale.value: _text(texts.child(scale.value)) for scale in Scale},
    )


def _text(reader: TableReader) -> tuple[Bilingual, str]:
    return reader.bilingual("text"), reader.text("source")


def _roles(text: str) -> tuple[str, ...]:
    found = tuple(Role(word).value for word in text.split())
    if not found:
        raise ValueError("nobody")
    return found


def _tocilizumab(reader: TableReader) -> Tocilizumab:
    return Tocilizumab(
        mg_per_kg=reader.decimal_number("mg_per_kg", "1", "20"),
        light_mg_per_kg=reader.decimal_number("light_mg_per_kg", "1", "20"),
        light_below_kg=reader.decimal_number("light_below_kg", "1", "100"),
        most_mg=reader.decimal_number("most_mg", "100", "2000"),
        gap_hours=reader.whole_number("gap_hours", 1, 72),
        most_in_24_hours=reader.whole_number("most_in_24_hours", 1, 10),
        most_in_all=reader.whole_number("most_in_all", 1, 20),
        tolerance_percent=reader.decimal_number("tolerance_percent", "0", "50"),
    )


SECTIONS: Mapping[str, SectionParser] = MappingProxyType({"toxicity": read_toxicity})
