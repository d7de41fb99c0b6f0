"""The codes that were read in a published artefact; everything else leaves as words.

Systems that FHIR itself prescribes (how a condition stands, how an adverse event ended, units by
UCUM) are no choice of ours. A code that was found in no source is not guessed: see
`docs/data-dictionary.md` for what is coded.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

UCUM = "http://unitsofmeasure.org"
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
OUTCOME = "http://terminology.hl7.org/CodeSystem/adverse-event-outcome"
_LOINC = "http://loinc.org"
_SNOMED = "http://snomed.info/sct"
_ICD10_CM = "http://hl7.org/fhir/sid/icd-10-cm"
# Units of the site that are UCUM as they stand.
UNITS = frozenset(
    {
        "10*9/L", "10*6/L", "g/L", "mg/L", "ug/L", "ng/L", "umol/L", "U/L", "mL/min", "[IU]/mL",
        "%", "kg", "cm", "mg", "g", "ug", "mL", "a", "d",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Code:
    """A code and the system it belongs to."""

    system: str
    code: str


B_ALL = Code(_SNOMED, "277571004")
FULL_REMISSION = Code(_SNOMED, "103338009")
DISEASE_STATUS = Code(_LOINC, "97509-4")
ECOG = Code(_LOINC, "89247-1")
MARROW_BLASTS = Code(_LOINC, "11150-0")
CONDITIONS: Mapping[str, Code] = MappingProxyType(
    {name: Code(CLINICAL, name) for name in ("active", "relapse", "remission", "resolved")}
)
OUTCOMES: Mapping[str, Code] = MappingProxyType(
    {name: Code(OUTCOME, name) for name in ("resolved", "ongoing", "fatal", "unknown")}
)
# ICANS of grade 1 and 5 was read in none.
GRADED: Mapping[tuple[str, int], Code] = MappingProxyType(
    {
        **{("crs", grade): Code(_ICD10_CM, f"D89.83{grade}") for grade in range(1, 6)},
        **{("icans", grade): Code(_ICD10_CM, f"G92.0{grade}") for grade in range(2, 5)},
    }
)
# A code of LOINC says in which property a value is measured: it holds for one unit only.
ANALYTES: Mapping[tuple[str, str], Code] = MappingProxyType(
    {
        (analyte, unit): Code(_LOINC, code)
        for analyte, unit, code in (
            ("WBC", "10*9/L", "6690-2"),
            ("ANC", "10*9/L", "26499-4"),
            ("ALC", "10*9/L", "26474-7"),
            ("HB", "g/L", "718-7"),
            ("PLT", "10*9/L", "26515-7"),
            ("LDH", "U/L", "2532-0"),
            ("ALT", "U/L", "1742-6"),
            ("AST", "U/L", "1920-8"),
            ("FERRITIN", "ug/L", "2276-4"),
            ("CMV", "[IU]/mL", "72493-0"),
            ("ECOG", "{score}", "89247-1"),
            ("WEIGHT", "kg", "29463-7"),
            ("HEIGHT", "cm", "8302-2"),
        )
    }
)
# By the name that the protocol gives a product.
PRODUCTS: Mapping[str, Code] = MappingProxyType(
    {
        name: Code(row["system"], row["code"])
        for name, row in tomllib.loads(
            Path(__file__).with_name("products.toml").read_text(encoding="utf-8")
        ).items()
    }
)
_B_ALL_NAMES = frozenset(
    {
        "b-all", "ball", "b all", "lla-b", "lla b", "b-cell acute lymphoblastic leukaemia",
        "b-cell acute lymphoblastic leukemia", "b-cell precursor acute lymphoblastic leukaemia",
        "leucemia linfoblastica acuta b", "leucemia linfoblastica acuta a cellule b",
    }
)  # fmt: skip


def disease_code(name: str) -> Code | None:
    """The code of a disease by the name that somebody typed; None for one that is not known."""
    plain = " ".join(name.lower().partition("(")[0].split())
    return B_ALL if plain in _B_ALL_NAMES else None
