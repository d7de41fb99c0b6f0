"""What a protocol prefers for bridging, and what the latest result of the antigen says of it.

It prompts and never decides: nothing is chosen, and not known is said to be not known.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from protocol.domain.loading import SectionParser
from protocol.domain.reading import Setting, TableReader
from terms.words import N_, Bilingual

ANTIGENS = ("CD19", "CD22")  # what a relapse says of its blasts too


@dataclass(frozen=True)
class BridgingRules:
    """The drug that is suggested while the blasts carry an antigen; None where there is none."""

    antigen: Setting[str] | None
    drug: Bilingual | None


@dataclass(frozen=True)
class AntigenFinding:
    """The latest result of an antigen: `positive`, `dim`, `negative`; empty when not known."""

    result: str = ""
    on: str = ""  # ISO text as far as it is known


SUGGESTIONS: Mapping[str, str] = {
    "positive": N_("%(antigen)s of the blasts is positive (%(on)s). Suggested: %(drug)s."),
    "dim": N_("%(antigen)s of the blasts is dim (%(on)s): nothing is suggested."),
    "negative": N_("%(antigen)s of the blasts is negative (%(on)s): nothing is suggested."),
    "": N_("Whether the blasts carry %(antigen)s is not known: nothing is suggested."),
}


def read_bridging(reader: TableReader) -> BridgingRules:
    """Parse `[bridging]`: a `suggestion`, or nothing."""
    if "suggestion" not in reader:
        return BridgingRules(None, None)
    row = reader.child("suggestion")
    return BridgingRules(row.choice("antigen", ANTIGENS), row.bilingual("drug"))


SECTIONS: Mapping[str, SectionParser] = {"bridging": read_bridging}
