"""The published tables beside the answers, in our own words: msgids, with a key for each line.

`grade:2` is the line of grade 2; the answer names the lines that apply.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from terms.words import N_


@dataclass(frozen=True)
class Row:
    """One line: its key, and its cells, the first of them the heading."""

    key: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table: its title, the headings of its columns, its lines."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def _graded(code: str, title: str, columns: tuple[str, ...], *lines: tuple[str, ...]) -> Table:
    """A table whose lines begin with grade 0 or 1 and go up by one."""
    first = 0 if lines[0][0] == "0" else 1
    rows = (Row(f"{code}:{n}", cells) for n, cells in enumerate(lines, start=first))
    return Table(title, (N_("Grade"), *columns), tuple(rows))


_GRADES = N_("Grades")
_CRS = _graded(
    "grade",
    _GRADES,
    (N_("Fever"), N_("Hypotension"), N_("Hypoxia")),
    ("0", N_("below 38.0 °C, or of another cause"), N_("not graded"), N_("not graded")),
    ("1", N_("38.0 °C or above"), N_("none"), N_("none")),
    (
        "2",
        N_("with fever"),
        N_("hypotension without vasopressors"),
        N_("nasal oxygen up to 6 L/min, or blow-by"),
    ),
    (
        "3",
        N_("with fever"),
        N_("one vasopressor, with or without vasopressin"),
        N_("nasal oxygen above 6 L/min, high flow, or any mask"),
    ),
    (
        "4",
        N_("with fever"),
        N_("two or more vasopressors, vasopressin not counted"),
        N_("CPAP, BiPAP or ventilation, for hypoxia"),
    ),
    ("5", N_("death due to CRS"), "", ""),
)
_ICANS = _graded(
    "grade",
    _GRADES,
    (N_("ICE"), N_("Awakens"), N_("Seizures"), N_("Weakness"), N_("Oedema, pressure")),
    ("0", "10", N_("spontaneously"), N_("none"), N_("none"), N_("none")),
    ("1", "7–9", "", "", "", ""),
    ("2", "3–6", N_("to voice"), "", "", ""),
    ("3", N_("0–2, awake"), N_("only to touch"), N_("brief, resolving"), "", N_("focal oedema")),
    (
        "4",
        N_("not possible: unarousable"),
        N_("to vigorous stimuli, or not at all"),
        N_("above 5 minutes, life-threatening, or repeated"),
        N_("deep and focal"),
        N_("diffuse oedema, posturing, VI nerve palsy, papilloedema, Cushing's triad"),
    ),
    ("5", N_("death due to ICANS"), "", "", "", ""),
)
_CAPD = Table(
    N_("Under 12 years: CAPD in the place of ICE"),
    (N_("Grade"), N_("CAPD")),
    (
        Row("capd:1", ("1", N_("below 9, awake"))),
        Row("capd:2", ("2", N_("below 9, awakens to voice"))),
        Row("capd:3", ("3", N_("9 and above"))),
        Row("capd:4", ("4", N_("not possible: unarousable"))),
    ),
)
_SCREEN = Table(
    N_("Screen: ferritin and at least one more"),
    (N_("Criterion"), N_("Met when")),
    (
        Row("limb:ferritin", (N_("Ferritin"), N_("above 2 × the upper limit, above 2 × the value at infusion, or rising rapidly"))),  # noqa: E501
        Row("limb:transaminases", (N_("AST or ALT"), N_("above 5 × the upper limit, or 5 × the value at infusion where that was raised"))),  # noqa: E501
        Row("limb:fibrinogen", (N_("Fibrinogen"), N_("below 150 mg/dL, or below the laboratory's limit"))),  # noqa: E501
        Row("limb:cytopenia", (N_("Cytopenia"), N_("new or worsening, grade 4 in any lineage"))),
        Row("limb:hemophagocytosis", (N_("Haemophagocytosis"), N_("in marrow or tissue"))),
    ),
)  # fmt: skip
_IEC_HS = _graded(
    "grade",
    N_("Grades, once a clinician has confirmed it"),
    (N_("What it is like"),),
    ("0", N_("confirmed before, and over")),
    ("1", N_("no or mild symptoms; observed only")),
    ("2", N_("mild to moderate; treatment is indicated")),
    ("3", N_("severe, not immediately life-threatening")),
    ("4", N_("life-threatening")),
    ("5", N_("death due to IEC-HS")),
)
_ICAHT_EARLY = _graded(
    "early",
    N_("Early, day 0 to 30"),
    (N_("At or below 500/µL"), N_("At or below 100/µL")),
    ("0", N_("no day"), N_("no day")),
    ("1", N_("1–6 days"), ""),
    ("2", N_("7–13 days"), ""),
    ("3", N_("14 days or more"), N_("7–13 days")),
    ("4", N_("never above, from day 3 or before"), N_("14 days or more")),
)
_ICAHT_LATE = _graded(
    "late",
    N_("Late, day 31 to 100, borne out by a second value"),
    (N_("Neutrophils"),),
    ("0", N_("above 1500/µL")),
    ("1", N_("1500/µL or less")),
    ("2", N_("1000/µL or less")),
    ("3", N_("500/µL or less")),
    ("4", N_("100/µL or less")),
)
_T_EARLY = _graded(
    "early",
    N_("Early, day 0 to 30"),
    (N_("Platelets, ×10⁹/L"),),
    ("0", N_("never below 50")),
    ("1", N_("below 50 on 1–6 days")),
    ("2", N_("below 50 on 7 days or more")),
    ("3", N_("below 20 on 1–13 days")),
    ("4", N_("below 20 on 14 days or more")),
)
_T_LATE = _graded(
    "late",
    N_("Late, day 31 to 100, borne out by a second value"),
    (N_("Platelets, ×10⁹/L"),),
    ("0", N_("never below 100")),
    ("1", N_("below 100")),
    ("2", N_("below 50")),
    ("3", N_("below 20 on 1–13 days")),
    ("4", N_("below 20 on 14 days or more")),
)
_POINTS = Table(
    N_("Points"),
    (N_("Variable"), N_("Value"), N_("Points")),
    (
        Row("plt:0", (N_("Platelets, ×10⁹/L"), N_("above 175"), "0")),
        Row("plt:1", (N_("Platelets, ×10⁹/L"), "75–175", "1")),
        Row("plt:2", (N_("Platelets, ×10⁹/L"), N_("below 75"), "2")),
        Row("anc:0", (N_("Neutrophils, /µL"), N_("1200 or more"), "0")),
        Row("anc:1", (N_("Neutrophils, /µL"), N_("below 1200"), "1")),
        Row("hb:0", (N_("Haemoglobin, g/dL"), N_("9.0 or more"), "0")),
        Row("hb:1", (N_("Haemoglobin, g/dL"), N_("below 9.0"), "1")),
        Row("crp:0", (N_("CRP, mg/dL"), N_("below 3.0"), "0")),
        Row("crp:1", (N_("CRP, mg/dL"), N_("3.0 or more"), "1")),
        Row("ferritin:0", (N_("Ferritin, ng/mL"), N_("below 650"), "0")),
        Row("ferritin:1", (N_("Ferritin, ng/mL"), "650–2000", "1")),
        Row("ferritin:2", (N_("Ferritin, ng/mL"), N_("above 2000"), "2")),
    ),
)
_RISK = Table(
    N_("Risk"),
    (N_("Risk"), N_("Score")),
    (Row("risk:low", (N_("low"), "0–1")), Row("risk:high", (N_("high"), "2–7"))),
)
_FORMULAS = Table(
    N_("Formulas"),
    (N_("Index"), N_("Formula")),
    (
        Row("index:easix", (N_("EASIX"), N_("LDH × creatinine / platelets"))),
        Row("index:s", (N_("Simplified EASIX"), N_("LDH / platelets"))),
        Row("index:m", (N_("Modified EASIX"), N_("LDH × CRP / platelets"))),
    ),
)
_APLASIA = Table(
    N_("How it is counted"),
    (N_("What"), N_("Rule")),
    (
        Row("aplasia:start", (N_("Beginning"), N_("the first sample below the limit"))),
        Row("aplasia:end", (N_("End"), N_("the first of two samples in a row not below it"))),
        Row("aplasia:ongoing", (N_("Ongoing"), N_("counted to the last sample; it is no end"))),
    ),
)  # fmt: skip

TABLES: Mapping[str, tuple[Table, ...]] = MappingProxyType(
    {
        "crs": (_CRS,),
        "icans": (_ICANS, _CAPD),
        "iec-hs": (_SCREEN, _IEC_HS),
        "icaht": (_ICAHT_EARLY, _ICAHT_LATE),
        "t-icaht": (_T_EARLY, _T_LATE),
        "car-hematotox": (_POINTS, _RISK),
        "easix": (_FORMULAS,),
        "b-cell-aplasia": (_APLASIA,),
    }
)
