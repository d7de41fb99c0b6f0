"""The scales that are graded at the bedside, and how a grade came about."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from terms.words import N_


class Scale(StrEnum):
    """A scale whose grades are kept, day by day."""

    CRS = "crs"
    ICANS = "icans"
    IEC_HS = "iec_hs"


class Origin(StrEnum):
    """How a grade came about."""

    COMPUTED = "computed"  # from the signs, by the published table
    RECORDED = "recorded"  # chosen by whoever was at the bedside, beside the published table


class Verdict(StrEnum):
    """What a clinician says about a grade."""

    CONFIRMED = "confirmed"
    OVERRIDDEN = "overridden"  # another grade, with a reason
    OTHER_CAUSE = "other_cause"  # the signs are explained by something else: grade 0 of this scale


SCALE_NAMES: Mapping[str, str] = MappingProxyType(
    {
        Scale.CRS: N_("CRS"),
        Scale.ICANS: N_("ICANS"),
        Scale.IEC_HS: N_("IEC-HS"),
    }
)
SCALE_TITLES: Mapping[str, str] = MappingProxyType(
    {
        Scale.CRS: N_("Cytokine release syndrome (CRS)"),
        Scale.ICANS: N_("Neurotoxicity (ICANS)"),
        Scale.IEC_HS: N_("Hyperinflammatory syndrome (IEC-HS)"),
    }
)
VERDICT_NAMES: Mapping[str, str] = MappingProxyType(
    {
        Verdict.CONFIRMED: N_("Confirmed"),
        Verdict.OVERRIDDEN: N_("Another grade"),
        Verdict.OTHER_CAUSE: N_("Explained by another cause"),
    }
)
MOST = 5  # the highest grade of every scale: death
